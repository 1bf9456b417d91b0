import ISO7816
import OpenPGP
import Platform
import TestSupport
import Testing
import Token

/// A card that nobody here wrote: the OpenPGP application of the Python package `smartcard-app-openpgp`, a third reading
/// of the specification.
///
/// No package of Debian 12 has it. MARTLET_OPENPGP_CARD names a folder that `pip` has put it into:
///
///     python3 -m pip install --target FOLDER smartcard-app-openpgp==0.4.0 smartcard==0.3 ZODB==6.4 cryptography
enum PublicCard {
    /// The folder with the package, where there is one.
    static let packages = Tool.inheritedEnvironment["MARTLET_OPENPGP_CARD"]

    /// What a test says that is skipped for want of it.
    static let isMissing: Comment =
        "MARTLET_OPENPGP_CARD is not set; see PublicCard.swift for how to get smartcard-app-openpgp"

    private static let driver = PackageRoot.path + "/Tests/OpenPGPTests/Drivers/public-card.py"

    /// A new card with keys of these types, in the order signing, decrypting, authenticating.
    static func channel(_ keys: String) throws -> PublicCardChannel {
        try PublicCardChannel(
            Conversation(["python3", driver, keys, "--lines"], environment: ["PYTHONPATH": packages ?? ""]))
    }

    /// The same, for vpcd.
    static func program(_ keys: String) -> CardProgram {
        let packages = packages ?? ""
        return CardProgram { port, log in
            ["env", "PYTHONPATH=\(packages)", "python3", driver, keys, "--port", "\(port)", "--log", log]
        }
    }
}

/// The card as a channel of this process: a line for each command, a line for each answer.
final class PublicCardChannel: CardChannel {
    let answerToReset: [UInt8]
    let limits = ChannelLimits(transmissionProtocol: .t1)
    private let conversation: Conversation
    /// What was sent, in hexadecimal digits.
    private(set) var sent: [String] = []
    private var wasReset = false

    init(_ conversation: Conversation) throws {
        self.conversation = conversation
        // The first answer comes when the card has made its keys.
        answerToReset = bytes(try conversation.ask("atr", timeout: 120))
    }

    func beginTransaction() throws(ChannelError) -> CardContinuity {
        defer { wasReset = false }
        return wasReset ? .reset : .kept
    }

    func endTransaction() {}

    func transmit(_ command: RawSpan) throws(ChannelError) -> [UInt8] {
        let text = hex([UInt8](command))
        sent.append(text)
        do {
            return bytes(try conversation.ask(text))
        } catch {
            Issue.record(error)
            throw .transmissionFailed
        }
    }

    /// Resets the card, as another program may.
    func reset() throws {
        _ = try conversation.ask("reset")
        wasReset = true
    }

    /// Sends a command as another program, which must succeed.
    func act(_ command: String) throws {
        let answer = try conversation.ask(command.filter { $0 != " " })
        try #require(answer.hasSuffix("9000"), "\(command) answered \(answer)")
    }

    func token() throws -> OpenPGPToken { try #require(try OpenPGPToken.open(Card(channel: self))) }

    /// How many commands `body` costs.
    func cost(_ body: () throws -> Void) rethrows -> Int {
        let before = sent.count
        try body()
        return sent.count - before
    }
}
