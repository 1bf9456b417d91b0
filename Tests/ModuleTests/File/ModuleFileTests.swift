import TestSupport
import Testing

/// What the module is as a file, before any program calls it.
@Suite struct ModuleFileTests {
    @Test func exportsTheFunctionsOfTheHeaderAndNothingElse() throws {
        let symbols = try Tool.run("nm", "--dynamic", "--defined-only", BuiltModule.path()).checked().lines
            .compactMap { $0.split(separator: " ").last.map(String.init) }
        let declared = try Self.declaredFunctions()
        #expect(declared.count >= 68, "PKCS#11 2.40 alone has 68 functions")
        #expect(Set(symbols).symmetricDifference(declared).sorted() == [])
    }

    /// The functions that our header declares.
    static func declaredFunctions() throws -> Set<String> {
        let header = try Tool.run("cc", "-E", "-P", PackageRoot.path + "/include/pkcs11.h").checked().text
        return Set(header.matches(of: /\bC_[A-Za-z0-9]+/).map { String($0.output) })
    }

    @Test func needsOnlyTheSystemsLibraries() throws {
        let needed = try Tool.run("readelf", "--dynamic", "--wide", BuiltModule.path()).checked().text
            .matches(of: /NEEDED.*\[(.+)\]/).map { String($0.output.1) }
        let allowed: Set = [
            "libpcsclite.so.1", "libcrypto.so.3", "libz.so.1", "libc.so.6", "libm.so.6",
            "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
        ]
        #expect(needed.filter { !allowed.contains($0) } == [])
        #expect(needed.contains("libc.so.6"))
        let resolved = try Tool.run("ldd", BuiltModule.path()).checked().text
        #expect(!resolved.contains("not found"))
        #expect(!resolved.lowercased().contains("swift"))
    }

    @Test func staysLoadedForThreadsThatEndLater() throws {
        let flags = try Tool.run("readelf", "--dynamic", "--wide", BuiltModule.path()).checked().text
        #expect(flags.contains("NODELETE"))
    }
}
