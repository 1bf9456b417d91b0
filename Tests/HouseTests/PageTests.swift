import Foundation
import TestSupport
import Testing

/// The pages that a person reads on the forge.
@Suite struct PageTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: PackageRoot.path + "/" + path, encoding: .utf8)
    }

    @Test("Relative links lead to files", arguments: ["README.md", ".github/CONTRIBUTING.md"])
    func relativeLinks(_ page: String) throws {
        let folder = URL(filePath: PackageRoot.path + "/" + page).deletingLastPathComponent()
        let links = try Self.text(page).matches(of: /\]\(([^)#]+)(#[^)]*)?\)/).map { String($0.output.1) }
            .filter { !$0.contains("://") }
        try #require(!links.isEmpty)
        for link in links {
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: link).path), "\(page): \(link)")
        }
    }

    @Test func everyPageOfTheCatalogueIsInItsContents() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: PackageRoot.catalogue)
            .filter { $0.hasSuffix(".md") && $0 != "Martlet.md" }.map { String($0.dropLast(3)) }
        let contents = try String(contentsOfFile: PackageRoot.catalogue + "/Martlet.md", encoding: .utf8)
        let listed = contents.matches(of: /<doc:(\w+)>/).map { String($0.output.1) }
        #expect(Set(listed) == Set(names))
    }

    /// Whoever comes first tries it, and then runs the tests; CI runs the first line that has the test command.
    @Test func readmeIsShortAndBeginsWithTheTwoCommands() throws {
        let readme = try Self.text("README.md")
        #expect(readme.utf8.count <= 9 * 1024)
        let blocks = readme.matches(of: /```sh\n([\s\S]*?)```/).map { String($0.output.1) }
        try #require(blocks.count >= 2)
        #expect(blocks[0].hasSuffix("martlet demo\n") && blocks[0].count { $0 == "\n" } == 1)
        #expect(blocks[1].hasSuffix("&& swift test\n") && blocks[1].count { $0 == "\n" } == 1)
    }
}
