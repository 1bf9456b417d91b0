import ArgumentParser
import Platform
import Wiring

/// Prints what other programs need to use the card, and what is set here.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the lines that make other programs use the card, and the settings in force.",
        discussion: """
            Without a topic, the programs that it knows. The lines name the token and a key of the card in the reader; without \
            one, words that begin with YOUR- stand for them. Nothing is written to the card, and no PIN is asked for.

            Examples:
              martlet config
              martlet config nginx --key 9a
              martlet config ssh >> ~/.ssh/config
              martlet config p11-kit | sudo tee /etc/pkcs11/modules/martlet.module
            """)

    @Argument(help: "A program that 'martlet config' lists.", completion: .list(Topic.names))
    var topic: Topic?

    @Option(help: "The key that the lines are for. The default is the one that fits the program best.")
    var key: KeyName?

    @OptionGroup var selection: CardSelection

    @Option(help: "The PKCS#11 module to name. The default is the one that belongs to this program.")
    var module: String?

    @Flag(help: "Print the lines for all programs.")
    var all = false

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func validate() throws {
        if all, topic != nil { throw ValidationError("--all goes without a topic.") }
    }

    func run() throws {
        let module = try Companions.module(named: module)
        let clients = topic.map(\.clients) ?? Client.all
        if topic == nil, !all, !json { return Self.showIndex() }
        let keys: KeysAtHand =
            clients.contains { $0.demand != nil } ? try KeysAtHand(selection, key) : .none
        let advice = try clients.map { try ClientLines($0, module, keys) }
        let hasSettings = topic == nil || topic == .settings
        if json { return try JSON.show(ConfigReport(module, advice, hasSettings: hasSettings)) }
        if topic != nil, let only = advice.first { return only.show() }
        for lines in advice { print(lines.text.joined(separator: "\n") + "\n") }
        if hasSettings {
            if topic == nil { print("# \(SettingReport.place)") }
            print(SettingReport.lines().joined(separator: "\n") + (topic == nil ? "\n" : ""))
        }
    }

    /// The programs, a line each.
    private static func showIndex() {
        let page = Page()
        page.line("martlet config PROGRAM prints the lines for one of these:")
        page.table(
            ["Program", "What it is", "Where the lines go"],
            Client.all.map { [.init($0.name), .init($0.summary), .init($0.place.text)] }
                + [[.init(Topic.settings.name), "the settings in force", .init(SettingsFile.path)]])
    }
}

extension Config {
    /// What a person may ask for.
    enum Topic: Equatable, ExpressibleByArgument {
        case client(String)
        case settings

        init?(argument: String) {
            guard Self.names.contains(argument) else { return nil }
            self = argument == Self.settings.name ? .settings : .client(argument)
        }

        var name: String {
            switch self {
            case .client(let name): name
            case .settings: "settings"
            }
        }

        var clients: [Client] { Client.all.filter { $0.name == name } }

        static var allValueStrings: [String] { names }

        static let names = Client.all.map(\.name) + [settings.name]
    }
}
