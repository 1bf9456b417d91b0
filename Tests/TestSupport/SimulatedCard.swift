import Foundation
import Platform

/// A card of `martlet-card`, as the tests want it: its kind, and the keys in it, each with a certificate.
public struct SimulatedCard: Sendable, Hashable {
    /// The kind of card, as `martlet-card --help` lists them.
    public let profile: String
    /// What `martlet-card create --key` takes, such as `9a=rsa2048`.
    public let keys: [String]
    /// More arguments of `martlet-card create`.
    public let arguments: [String]

    /// A card that `create` makes from these arguments.
    public init(profile: String = "yubikey57", keys: [String], arguments: [String] = []) {
        self.profile = profile
        self.keys = keys
        self.arguments = arguments
    }

    /// The user's PIN of a new card.
    public static let pin = "123456"
    /// The management key of a new card, as the SO types it: the one that cards have when they leave the factory.
    public static let managementKey = String(repeating: "0102030405060708", count: 3)
    /// The keys of the four slots that every PIV card has: RSA-2048 in 9A and 9D, P-256 in 9C and 9E.
    public static let fourKeys = ["9a=rsa2048", "9c=p256", "9d=rsa2048", "9e=p256"]

    /// A card whose user may write to it: the management key lies in the Printed Information, which the PIN opens, as
    /// `ykman piv access change-management-key --protect` leaves it.
    public static let withProtectedManagementKey = SimulatedCard(
        keys: fourKeys,
        arguments: ["--object", "5FFF00=8003810102", "--object", "5FC109=881A8918" + managementKey])

    /// This card as new: each world that is given it gets its own copy, and keeps it when its service restarts.
    ///
    /// The keys are made once per test run, for that takes a second or more.
    /// - Parameter touch: how long a person takes to touch the key, in milliseconds, where it wants that.
    /// - Throws: `ToolFailure` if `martlet-card` is not built, or refuses.
    public func program(touch: Int = 0) throws -> CardProgram {
        let original = try made()
        let martletCard = try PackageRoot.program("martlet-card")
        return CardProgram { port, log in
            let state = log + ".state"
            let serve = [
                martletCard, "serve", "--port", String(port), "--state", state, "--log", log, "--touch", String(touch),
            ]
            let line = #"test -e "$1" || cp "$0" "$1"; shift; exec "$@""#
            return ["bash", "-c", line, original, state] + serve
        }
    }

    /// The state file of the original.
    private func made() throws -> String {
        try SimulatedCard.originals.withLock { originals in
            if let file = originals[self] { return file }
            let folder = PackageRoot.products + "/test-cards"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let file = "\(folder)/\(getpid())-\(originals.count).json"
            try Tool.run(
                [try PackageRoot.program("martlet-card"), "create", "--state", file, "--force", "--profile", profile]
                    + keys.flatMap { ["--key", $0] } + arguments
            ).checked()
            originals[self] = file
            return file
        }
    }

    private static let originals = Guarded<[SimulatedCard: String]>([:])
}

extension CardWorld {
    /// Starts a world with one reader that says it is a YubiKey, and this card in it.
    public convenience init(_ card: SimulatedCard, countsMessages: Bool = false) throws {
        try self.init(
            readers: [CardReader(CardReader.yubiKeyName, card: card.program())], countsMessages: countsMessages)
    }
}
