import Foundation
import TestSupport
import Testing

/// `pkcs11-check`, a conformance test of PKCS #11 from PyPI, run with the built module and a simulated card.
///
/// It wants Python 3.12, which Debian 12 has not: `.ci/python-clients FOLDER` installs both and prints the variable
/// MARTLET_PKCS11_CHECK, which names the Python to run it with.
struct PKCS11Check: Sendable {
    static let python = Tool.inheritedEnvironment["MARTLET_PKCS11_CHECK"]

    /// What became of one of its tests: `passed`, `skipped`, `xfailed`, or one of `defects`.
    struct Outcome: Sendable {
        let test: String
        let name: String
        let reason: String

        /// What must not be, or stand in the list of justified failures.
        var isDefect: Bool { ["failed", "error", "crashed", "xpassed"].contains(name) }
    }

    let outcomes: [Outcome]
    /// The test that the run died or hung in.
    let unfinished: String?
    /// How the program ended, and what it said.
    let result: ToolResult

    /// Runs everything, with a card of its own: wrong PINs are tried on it, and it is written to.
    static let run = Result {
        try PKCS11Check(world: CardWorld(SimulatedCard.withProtectedManagementKey), python: #require(python))
    }

    private init(world: CardWorld, python: String) throws {
        let script = PackageRoot.path + "/Tests/ModuleTests/Drivers/run-pkcs11-check.py"
        let report = world.home.file("pkcs11-check")
        result = try world.run(
            [python, "-B", script, BuiltModule.path(), report],
            environment: ["P11TEST_PIN": SimulatedCard.pin, "P11TEST_SO_PIN": SimulatedCard.managementKey],
            timeout: 900)
        let lines = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
        outcomes = lines.compactMap { line in
            let halves = line.split(separator: "\t", maxSplits: 1)
            let words = halves[0].split(separator: " ", maxSplits: 1)
            guard halves.count == 2, words.count == 2 else { return nil }
            return Outcome(
                test: words[1].trimmingCharacters(in: .whitespaces), name: String(words[0]),
                reason: halves[1].trimmingCharacters(in: .whitespaces))
        }
        unfinished = lines.last == "finished" ? nil : lines.last { $0.hasPrefix("begins ") }.map(String.init) ?? "none"
    }

    func count(_ name: String) -> Int { outcomes.count { $0.name == name } }
}
