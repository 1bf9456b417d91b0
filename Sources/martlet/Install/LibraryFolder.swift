/// Where this system keeps libraries, as a path below a prefix: `lib/` and a name of the machine on Debian, `lib64` or `lib`
/// on others. The C library lies there, so nothing has to know the machines and what they are called.
enum LibraryFolder {
    /// `lib` where the C library lies in no folder of the system's, or in the program itself.
    static let system = below(pathOfCLibrary) ?? "lib"

    /// As the kernel has mapped it (proc(5), maps): glibc's name, or musl's.
    private static var pathOfCLibrary: String? {
        let lines = FileTree.text(of: "/proc/self/maps")?.split(separator: "\n") ?? []
        return lines.compactMap { $0.firstIndex(of: "/").map($0.suffix(from:)) }
            .first { $0.contains("/libc.so.") || $0.contains("/ld-musl-") }.map(String.init)
    }

    private static func below(_ library: String?) -> String? {
        var folders = library?.split(separator: "/").dropLast() ?? []
        if folders.first == "usr" { folders.removeFirst() }
        guard folders.first?.hasPrefix("lib") == true else { return nil }
        return folders.joined(separator: "/")
    }
}
