import Foundation
import TestSupport
import Testing

/// How well the files that people install withstand a fault in them, as checksec would tell.
@Suite struct HardeningTests {
    static let files = ["libmartlet-pkcs11.so", "martlet", "martlet-card"]

    /// Once it is loaded nobody can write over the addresses of functions (full RELRO).
    @Test(arguments: files)
    func addressesAreReadOnly(_ file: String) throws {
        #expect(try Self.segments(of: file).contains { $0.type == "GNU_RELRO" })
        let entries = try Self.readelf("--dynamic", file)
        #expect(entries.contains("BIND_NOW") && entries.contains(/FLAGS_1.*NOW/), "\(entries)")
    }

    /// No memory may be both written and run, the stack included; no code is changed when it is loaded.
    @Test(arguments: files)
    func nothingWritableRuns(_ file: String) throws {
        let segments = try Self.segments(of: file)
        #expect(segments.filter { $0.flags.contains("W") && $0.flags.contains("E") } == [])
        #expect(segments.contains { $0.type == "GNU_STACK" })
        #expect(try !Self.readelf("--dynamic", file).contains("TEXTREL"))
    }

    /// A file that somebody lays beside an installed one is not loaded in a library's stead.
    @Test(arguments: files)
    func librariesAreTheSystemsOwn(_ file: String) throws {
        #expect(try !Self.readelf("--dynamic", file).contains(/R(UN)?PATH/))
    }

    /// The system chooses where it lies in memory.
    @Test(arguments: files)
    func liesAnywhere(_ file: String) throws {
        #expect(try Self.readelf("--file-header", file).contains(/Type: +DYN/))
        let isProgram = try Self.readelf("--dynamic", file).contains(/FLAGS_1.*PIE/)
        #expect(isProgram == !file.hasSuffix(".so"))
    }

    /// The linker marks a file for CET only where all of its parts are made for it, the toolchain's own among them.
    @Test func hasCETWhereTheToolchainHasIt() throws {
        let folder = "dirname \"$(dirname \"$(readlink -f \"$(command -v swiftc)\")\")\""
        let toolchain = try #require(Tool.run("sh", "-c", folder).checked().lines.first)
        let start = toolchain + "/lib/swift_static/linux/" + SystemLibraries.name.prefix { $0 != "-" } + "/swiftrt.o"
        guard FileManager.default.fileExists(atPath: start) else { return }
        let ofToolchain = try Tool.run("readelf", "--notes", "--wide", start).checked().text.contains("IBT")
        #expect(try Self.readelf("--notes", Self.files[0]).contains("IBT") == ofToolchain)
    }

    /// README and the Debian package name these: with packed relocations 2.36, without them 2.35.
    @Test func theLeastVersionOfGlibcIsAsDocumented() throws {
        let text = try Self.readelf("--version-info", Self.files[0])
        let versions = text.matches(of: /Name: GLIBC_2\.([0-9]+)\b/).compactMap { Int($0.output.1) }
        #expect(try #require(versions.max()) <= 35)
        #expect(text.contains("GLIBC_ABI_DT_RELR"))
        #expect(try Self.readelf("--dynamic", Self.files[0]).contains("(RELR)"))
    }

    private struct Segment: Equatable {
        let type: String
        let flags: String
    }

    private static func segments(of file: String) throws -> [Segment] {
        let line = /^ +([A-Z_]+) +(?:0x[0-9a-f]+ +){5}([RWE ]{3})\s/.anchorsMatchLineEndings()
        let segments = try readelf("--segments", file).matches(of: line).map {
            Segment(type: String($0.output.1), flags: String($0.output.2))
        }
        try #require(segments.count { $0.type == "LOAD" } >= 3)
        return segments
    }

    private static func readelf(_ what: String, _ file: String) throws -> String {
        try Tool.run("readelf", what, "--wide", BuiltProducts.folder() + "/" + file).checked().text
    }
}
