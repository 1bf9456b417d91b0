import Foundation
import TestSupport
import Testing

/// `.github/threat-model.md` names the test that proves each promise: a test that is not there proves nothing.
@Suite struct ThreatModelTests {
    @Test func namesTestsThatExist() throws {
        let text = try String(contentsOfFile: PackageRoot.path + "/.github/threat-model.md", encoding: .utf8)
        let references = text.matches(of: /`([A-Z]\w*Tests)(?:\.(\w+))?`/).map {
            (suite: String($0.output.1), test: $0.output.2.map(String.init))
        }
        #expect(references.count > 30)
        let sources = try Self.sources()
        for (suite, test) in references {
            let files = sources.filter { $0.contains("struct \(suite) ") || $0.contains("extension \(suite) ") }
            #expect(!files.isEmpty, "\(suite)")
            if let test { #expect(files.contains { $0.contains("func \(test)(") }, "\(suite).\(test)") }
        }
    }

    /// Each promise of a table has its proof beside it.
    @Test func leavesNoPromiseWithoutProof() throws {
        let text = try String(contentsOfFile: PackageRoot.path + "/.github/threat-model.md", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0 != "| promise | proof |" }
        #expect(rows.count > 15)
        #expect(rows.filter { !$0.contains("Tests") } == [])
    }

    private static func sources() throws -> [String] {
        let folder = PackageRoot.path + "/Tests"
        let files = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return try files.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
        }
    }
}
