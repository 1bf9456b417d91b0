import HostCrypto

/// The form in which a card's state stands in its file: JSON, bytes in hexadecimal, key references and tags as the
/// specification writes them.
struct StateDocument: Codable {
    struct Reference: Codable {
        var value: String
        var tries: Int
        var triesLeft: Int
    }

    struct Management: Codable {
        var algorithm: String
        var value: String
        var touchPolicy: UInt8
    }

    struct Key: Codable {
        var algorithm: String
        var pkcs8: String
        var origin: UInt8
        var pinPolicy: UInt8
        var touchPolicy: UInt8
    }

    var version = 1
    var profile: String
    var serialNumber: UInt32
    /// The names of the quirks beyond the profile's; absent in older files.
    var quirks: [String]?
    var applicationPIN: Reference
    var unblockingKey: Reference
    var globalPIN: Reference
    var managementKey: Management
    var keys: [String: Key]
    var objects: [String: String]
    var openPGP: OpenPGPDocument?
}

extension StateDocument {
    /// The document of a state.
    init(_ state: CardState) throws {
        profile = state.profile.name
        serialNumber = state.serialNumber
        quirks = state.quirks.isEmpty ? nil : state.quirks.map(\.name)
        applicationPIN = Reference(state.applicationPIN)
        unblockingKey = Reference(state.unblockingKey)
        globalPIN = Reference(state.globalPIN)
        managementKey = Management(
            algorithm: hexadecimal([state.managementKey.algorithm.rawValue]),
            value: hexadecimal(state.managementKey.value), touchPolicy: state.managementKey.touchPolicy.rawValue)
        keys = [:]
        for (reference, key) in state.keys {
            keys[reference.hex] = Key(
                algorithm: key.algorithm.name, pkcs8: hexadecimal(try key.key.pkcs8()), origin: key.origin.rawValue,
                pinPolicy: key.pinPolicy.rawValue, touchPolicy: key.touchPolicy.rawValue)
        }
        objects = [:]
        for (tag, value) in state.objects { objects[String(tag, radix: 16)] = hexadecimal(value) }
        openPGP = try state.openPGP.map { try OpenPGPDocument($0) }
    }

    /// The state of a document.
    func state() throws(StateFileError) -> CardState {
        guard version == 1 else { throw .malformed("version") }
        guard let profile = CardProfile(named: profile) else { throw .malformed("profile") }
        var state = CardState(profile: profile, serialNumber: serialNumber)
        for name in quirks ?? [] {
            guard let quirk = Quirk(named: name) else { throw .malformed("quirks: \(name)") }
            state.quirks.append(quirk)
        }
        state.applicationPIN = try applicationPIN.data("applicationPIN")
        state.unblockingKey = try unblockingKey.data("unblockingKey")
        state.globalPIN = try globalPIN.data("globalPIN")
        state.managementKey = try managementKey.key()
        for (name, key) in keys {
            guard let reference = UInt8(name, radix: 16) else { throw .malformed("keys: \(name)") }
            state.keys[KeyReference(rawValue: reference)] = try key.key(name)
        }
        for (name, value) in objects {
            guard let tag = UInt32(name, radix: 16), let value = bytes(hexadecimal: value) else {
                throw .malformed("objects: \(name)")
            }
            state.objects[tag] = value
        }
        if let openPGP, let features = profile.openPGP { state.openPGP = try openPGP.state(features) }
        return state
    }
}

extension StateDocument.Reference {
    init(_ data: ReferenceData) {
        self.init(value: hexadecimal(data.value), tries: data.tries, triesLeft: data.triesLeft)
    }

    func data(_ name: String, size: ClosedRange<Int> = 8...8) throws(StateFileError) -> ReferenceData {
        guard let value = bytes(hexadecimal: value), size.contains(value.count), (1...255).contains(tries),
            (0...tries).contains(triesLeft)
        else { throw .malformed(name) }
        return ReferenceData(value: value, tries: tries, triesLeft: triesLeft)
    }
}

extension StateDocument.Management {
    func key() throws(StateFileError) -> ManagementKey {
        guard let identifier = UInt8(algorithm, radix: 16), let algorithm = ManagementAlgorithm(rawValue: identifier),
            let value = bytes(hexadecimal: value), value.count == algorithm.cipher.keySize,
            let touchPolicy = TouchPolicy(rawValue: touchPolicy)
        else { throw .malformed("managementKey") }
        return ManagementKey(algorithm: algorithm, value: value, touchPolicy: touchPolicy)
    }
}

extension StateDocument.Key {
    func key(_ name: String) throws(StateFileError) -> CardKey {
        guard let algorithm = KeyAlgorithm.allCases.first(where: { $0.name == algorithm }),
            let der = bytes(hexadecimal: pkcs8), let key = try? PrivateKey.pkcs8(der),
            key.type == algorithm.keyType, let origin = CardKey.Origin(rawValue: origin),
            let pinPolicy = PINPolicy(rawValue: pinPolicy), let touchPolicy = TouchPolicy(rawValue: touchPolicy)
        else { throw .malformed("keys: \(name)") }
        return CardKey(
            algorithm: algorithm, key: key, origin: origin, pinPolicy: pinPolicy, touchPolicy: touchPolicy)
    }
}
