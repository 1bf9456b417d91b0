/// The sanitizer that the module was built with, where the variable MARTLET_SANITIZER names one: `thread` or `address`.
///
/// MARTLET_MODULE then names the module, and programs that load it have to bring the sanitizer along.
public enum Sanitizer {
    /// `thread` or `address`, if any.
    public static let name = Tool.inheritedEnvironment["MARTLET_SANITIZER"]

    /// The compiler for C programs that load the module, and what it needs.
    /// - Throws: `ToolFailure` if the compiler does not say where its libraries are.
    static func compiler() throws -> [String] {
        guard let name else { return ["cc"] }
        let target = try Tool.run("swift", "-print-target-info").checked().text
        guard let path = target.firstMatch(of: /"runtimeLibraryPaths":\s*\[\s*"([^"]+)"/) else {
            throw ToolFailure("no runtimeLibraryPaths in \(target)")
        }
        // The toolchain's thread sanitizer knows libdispatch, and does not link without it.
        return [
            "clang", "-g", "-fsanitize=\(name)", "-fuse-ld=lld", "-rdynamic", "-L\(path.output.1)",
            "-Wl,-rpath,\(path.output.1)",
            "-Wl,--push-state,--no-as-needed", "-ldispatch", "-lBlocksRuntime", "-Wl,--pop-state",
        ]
    }

    /// What programs are told: to end at the first finding, that a library which was closed has not leaked, and that
    /// memory which cannot be had is no finding.
    static let environment: [String: String] = [
        "TSAN_OPTIONS": "\(common) halt_on_error=1 suppressions=\(PackageRoot.path)/.ci/thread-sanitizer-suppressions",
        "ASAN_OPTIONS": "\(common) detect_leaks=0",
    ]

    private static let common = "allocator_may_return_null=1"
}
