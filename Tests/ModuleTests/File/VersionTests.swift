import Foundation
import TestSupport
import Testing
import Version

/// Everything that tells a version tells the same: that of Sources/Version. The Debian packages and their man pages take
/// theirs from the same file, and `.ci/package` compares them.
@Suite struct VersionTests {
    @Test(arguments: ["martlet", "martlet-card"])
    func aProgramTellsIt(_ program: String) throws {
        let told = try Tool.run(PackageRoot.program(program), "--version").checked().text
        #expect(told == Version.text + "\n")
    }

    /// C_GetInfo has room for two numbers.
    @Test func theModuleTellsIt() throws {
        let driver = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/load-module.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl", "-lpthread"])
        let told = try Tool.run(driver, "version", BuiltModule.path()).checked().text
        #expect(told == "\(Version.major).\(Version.minor)\n")
    }

    /// CHANGELOG.md is ready for the tag: its newest dated release is this version, with what is not released above it.
    @Test func theChangelogHasItsDate() throws {
        let text = try String(contentsOfFile: PackageRoot.path + "/CHANGELOG.md", encoding: .utf8)
        let heads = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
        #expect(heads.first == "## Unreleased")
        let newest = try #require(heads.dropFirst().first)
        #expect(newest.wholeMatch(of: /## (.+) - \d{4}-\d\d-\d\d/)?.output.1 == Version.text[...])
    }
}
