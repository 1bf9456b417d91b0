import ArgumentParser
import CPKCS11
import FoundationEssentials
import PKCS11Provider

/// Loads a module and tells what it says: in a process of its own, which may crash or hang with it.
struct ProbeModule: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-module", abstract: "Load a module, and print what it says of itself as JSON.",
        discussion: "Example: martlet probe-module \(InstallLayout.examplePath)",
        shouldDisplay: false)

    @Argument(help: "The module's file.")
    var module: String

    func run() throws { try JSON.show(ModuleAnswer(loading: module)) }
}

/// What a module said when it was loaded.
struct ModuleAnswer: Codable {
    /// Why it could not be used; nil where it could.
    var problem: String?
    var manufacturer = ""
    var description = ""
    var major: UInt8 = 0
    var minor: UInt8 = 0
    /// The labels of the tokens that it shows.
    var tokens: [String] = []

    init(loading path: String) {
        do throws(ProviderError) {
            let provider = try Provider(path: path)
            let information = try provider.information()
            (manufacturer, description) = (information.manufacturer, information.description)
            (major, minor) = (information.version.major, information.version.minor)
            for slot in try provider.slots(withToken: true) {
                // A card that cannot be used is the card's fault: another check tells of it.
                if let token = try? provider.token(slot) { tokens.append(token.label) }
            }
            provider.finalize()
        } catch {
            problem = error.explanation
        }
    }

    /// The answer of a process of its own; nil where it crashed, or did not answer within the time.
    static func ofOwnProcess(_ module: String, seconds: Int) -> ModuleAnswer? {
        let command = [Companions.executable, "probe-module", module]
        guard let child = Command.open(command), let answer = child.result(withinSeconds: seconds) else { return nil }
        return try? JSONDecoder().decode(ModuleAnswer.self, from: Data(answer))
    }
}
