import Foundation
import TestSupport
import Testing

/// The map in the catalogue, compared with `Package.swift`.
@Suite struct MapTests {
    /// The targets by their names, as SwiftPM reads them: each with what it imports.
    private static let targets = Result {
        let scratch = try TemporaryDirectory()
        let answer = try Tool.run(
            ["swift", "package", "--package-path", PackageRoot.path, "--scratch-path", scratch.path, "dump-package"],
            environment: Tool.inheritedEnvironment, timeout: 300
        ).checked()
        return try JSONDecoder().decode(Manifest.self, from: Data(answer.output)).targets
    }

    /// The rooms as the page tells of them: each with what it may import.
    private static func page() throws -> [String: Set<String>] {
        let text = try String(contentsOfFile: PackageRoot.catalogue + "/Rooms.md", encoding: .utf8)
        let rows = text.matches(of: /\n\| `([^`]+)` \|[^|\n]*\|([^|\n]*)\|/).map { row in
            (String(row.output.1), Set(row.output.2.matches(of: /`([^`]+)`/).map { String($0.output.1) }))
        }
        return try Dictionary(rows) { _, _ in throw ToolFailure("Rooms.md has a room twice") }
    }

    @Test func roomsAreThoseOfThePackage() throws {
        let rooms = try Self.targets.get().filter(\.isRoom).map(\.name)
        #expect(try Set(Self.page().keys) == Set(rooms))
    }

    @Test func arrowsAreTheImportsOfThePackage() throws {
        let page = try Self.page()
        for target in try Self.targets.get() where target.isRoom {
            #expect(page[target.name] == Set(target.dependencies.map(\.name)), "\(target.name)")
        }
    }

    /// Both sides would make the same mistake otherwise.
    @Test func simulatedCardsReachNothingOfTheModulesReading() throws {
        let imports = try Dictionary(
            uniqueKeysWithValues: Self.targets.get().map { ($0.name, $0.dependencies.map(\.name)) })
        var reached: Set<String> = [], left = ["martlet-card"]
        while let next = left.popLast() {
            guard reached.insert(next).inserted else { continue }
            left += imports[next] ?? []
        }
        #expect(reached.contains("VirtualCard"))
        #expect(
            reached.isDisjoint(with: ["ISO7816", "Token", "CardApplication", "PIV", "OpenPGP", "Cryptoki", "Wiring"]))
    }

    private struct Manifest: Decodable {
        let targets: [Target]
    }

    private struct Target: Decodable {
        let name: String
        let type: String
        let path: String?
        let dependencies: [Dependency]

        /// Whether it lies under `Sources`, or is a header's module map.
        var isRoom: Bool { type != "test" && path?.hasPrefix("Tests") != true }
    }

    /// `{"byName": [name, …]}` or `{"product": [name, …]}`.
    private struct Dependency: Decodable {
        let name: String

        init(from decoder: any Decoder) throws {
            let kinds = try decoder.singleValueContainer().decode([String: [Part]].self)
            guard let name = kinds.values.first?.first?.text else { throw ToolFailure("a dependency without a name") }
            self.name = name
        }
    }

    /// A name, or what else stands there.
    private struct Part: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
    }
}
