import HostCrypto

/// All that a simulated card keeps without power: keys, data, PINs and their counters.
public struct CardState: Sendable {
    /// The kind of card. One that gets an OpenPGP application by a change gets it as from the factory.
    public var profile: CardProfile {
        didSet { openPGP = profile.openPGP.map { openPGP ?? OpenPGPState($0) } }
    }
    /// The serial number that GET SERIAL answers.
    public var serialNumber: UInt32

    var applicationPIN: ReferenceData
    var unblockingKey: ReferenceData
    var globalPIN: ReferenceData
    var managementKey: ManagementKey
    var keys: [KeyReference: CardKey] = [:]
    /// The values of the containers' tag 53, by the container's tag.
    var objects: [UInt32: [UInt8]] = [:]
    /// What the OpenPGP application keeps, where there is one; all of the above but the serial number is PIV's.
    var openPGP: OpenPGPState?

    /// A card as it comes from the factory: PIN 123456, PUK 12345678, the well-known management key (AES-192 from
    /// firmware 5.7 on, else Triple DES), no keys, no data. The global PIN, where there is one, is 654321.
    public init(profile: CardProfile, serialNumber: UInt32) {
        self.profile = profile
        self.serialNumber = serialNumber
        (applicationPIN, unblockingKey) = (.defaultPIN(tries: 3), .defaultUnblockingKey(tries: 3))
        globalPIN = ReferenceData(value: ReferenceData.padded("654321"), tries: 3)
        managementKey = .standard(for: profile)
        openPGP = profile.openPGP.map { OpenPGPState($0) }
    }

    /// Gives the management key another cipher, and the well-known value in that cipher's length.
    public mutating func setManagementKey(_ algorithm: ManagementAlgorithm) {
        let repeated = ManagementKey.wellKnownValue + ManagementKey.wellKnownValue
        managementKey = ManagementKey(
            algorithm: algorithm, value: Array(repeated.prefix(algorithm.cipher.keySize)))
    }

    /// PIV back to the factory's state. The attestation key and its certificate stay, as on a YubiKey.
    mutating func wipe() {
        var fresh = CardState(profile: profile, serialNumber: serialNumber)
        fresh.keys[.attestation] = keys[.attestation]
        if let tag = KeyReference.attestation.certificateTag { fresh.objects[tag] = objects[tag] }
        fresh.openPGP = openPGP
        self = fresh
    }
}

/// A PIN or PUK and its retry counter.
struct ReferenceData: Hashable, Sendable {
    /// Of PIV: eight bytes, padded with FF. Of OpenPGP: as it is.
    private(set) var value: [UInt8]
    /// The tries that a correct value gives back.
    var tries: Int
    /// The tries left.
    var triesLeft: Int

    init(value: [UInt8], tries: Int, triesLeft: Int? = nil) {
        self.value = value
        self.tries = tries
        self.triesLeft = triesLeft ?? tries
    }

    static func defaultPIN(tries: Int) -> ReferenceData { ReferenceData(value: padded("123456"), tries: tries) }

    static func defaultUnblockingKey(tries: Int) -> ReferenceData {
        ReferenceData(value: padded("12345678"), tries: tries)
    }

    static func padded(_ text: String) -> [UInt8] {
        Array((Array(text.utf8) + [UInt8](repeating: 0xFF, count: 8)).prefix(8))
    }

    /// A new value, with all tries.
    mutating func replace(with value: [UInt8]) {
        self.value = value
        triesLeft = tries
    }
}

/// The management key, 9B.
struct ManagementKey: Hashable, Sendable {
    var algorithm: ManagementAlgorithm
    var value: [UInt8]
    var touchPolicy = TouchPolicy.never

    /// The well-known value of a card fresh from the factory.
    static let wellKnownValue: [UInt8] = Array((0..<3).map { _ in (1...8).map { UInt8($0) } }.joined())

    static func standard(for profile: CardProfile) -> ManagementKey {
        ManagementKey(algorithm: profile.isYubiKey(since: 5, 7) ? .aes192 : .tripleDES, value: wellKnownValue)
    }
}

/// A key pair on the card.
struct CardKey: Sendable {
    /// Where a key came from: the value of tag 03 of GET METADATA.
    enum Origin: UInt8, Sendable {
        case generated = 1
        case imported = 2
    }

    var algorithm: KeyAlgorithm
    var key: PrivateKey
    var origin: Origin
    var pinPolicy: PINPolicy
    var touchPolicy: TouchPolicy
}
