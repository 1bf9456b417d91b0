import TestSupport
import Testing

/// What happens when a program loads the module, and when it unloads it.
@Suite struct ModuleLoadTests {
    @Test("A program can load it", arguments: ["once", "loop", "thread"])
    func loads(_ how: String) throws {
        let result = try Tool.run([loadModule(), how, BuiltModule.path()], environment: [:])
        #expect(result.succeeded, "\(result)")
    }

    /// The loader reads the module and the libraries that it needs, and Swift draws the seed of its hash tables.
    /// Beyond that nothing may happen before C_Initialize: no thread, no socket, no file, no signal handler.
    @Test func doesNothingBeforeItIsInitialized() throws {
        let folder = try TemporaryDirectory()
        let traceFile = folder.file("trace")
        try Tool.run(
            ["strace", "-f", "-o", traceFile, loadModule(), "marked", BuiltModule.path()]
        ).checked()
        let trace = try String(decoding: folder.read("trace"), as: UTF8.self).split(separator: "\n")
            .map { $0.drop { $0.isNumber || $0 == " " } }
        let marks = trace.indices.filter { trace[$0].hasPrefix("getppid(") }
        try #require(marks.count == 2, "\(trace)")
        let calls = trace[marks[0] + 1..<marks[1]]
        try #require(calls.contains { $0.hasPrefix("openat(") && $0.contains("pkcs11") }, "\(calls)")

        let byTheLoader: Set = [
            "openat", "read", "pread64", "fstat", "newfstatat", "mmap", "mprotect", "munmap", "close", "brk", "getcwd",
        ]
        let bySwiftsHashTables: Set = ["getrandom", "gettid"]
        let expected = byTheLoader.union(bySwiftsHashTables)
        let others = calls.filter { call in !expected.contains(String(call.prefix { $0 != "(" })) }
        #expect(others == [])
        let opened = calls.filter { $0.hasPrefix("openat(") }
        #expect(opened.filter { !$0.contains("O_RDONLY") } == [])
        #expect(opened.filter { !$0.contains(/\.so[.0-9]*"/) && !$0.contains("/etc/ld.so.cache") } == [])
    }

    private func loadModule() throws -> String {
        try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/load-module.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl", "-lpthread"])
    }
}
