import APDU

/// Yubico's extensions beyond keys and tries (Yubico's PIV manual, "PIV commands").
extension PIVApplication {
    func perform(_ command: YubicoCommand) throws(Refusal) -> [UInt8] {
        switch command {
        case .getVersion:
            guard case .yubico(let major, let minor, let patch) = profile.vendor else {
                throw Refusal(.instructionNotSupported)
            }
            return [major, minor, patch]
        case .getSerialNumber:
            return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state.serialNumber >> $0) }
        case .getMetadata(let reference): return try metadata(reference)
        case .importKey(let reference, let request, let elements): try importKey(reference, request, elements)
        case .setManagementKey(let key):
            try requireAdministrator()
            // Other ciphers than Triple DES came with firmware 5.4.2.
            guard key.algorithm == .tripleDES || profile.isYubiKey(since: 5, 4, 2) else {
                throw Refusal(.incorrectData)
            }
            try change { $0.managementKey = key }
        case .setTries(let pin, let unblockingKey): try setTries(pin: pin, unblockingKey: unblockingKey)
        case .reset: try resetApplication()
        case .attest(let reference): return try attest(reference)
        case .moveKey(let from, let to): try moveKey(from: from, to: to)
        case .deleteKey(let reference): try deleteKey(reference)
        }
        return []
    }

    /// RESET (FB): only where PIN and PUK are blocked, else 6985.
    private func resetApplication() throws(Refusal) {
        guard state.applicationPIN.triesLeft == 0, state.unblockingKey.triesLeft == 0 else {
            throw Refusal(.conditionsOfUseNotSatisfied)
        }
        try change { $0.wipe() }
        security = SecurityStatus()
    }

    /// GET METADATA (F7, firmware 5.3): 01 algorithm, 02 policies, 03 origin, 04 public key, 05 whether the value is
    /// the default one, 06 tries and tries left. 6A88 for an empty place.
    private func metadata(_ reference: KeyReference) throws(Refusal) -> [UInt8] {
        switch reference {
        case .applicationPIN:
            return Self.metadata(state.applicationPIN, default: .defaultPIN(tries: 1))
        case .unblockingKey:
            return Self.metadata(state.unblockingKey, default: .defaultUnblockingKey(tries: 1))
        case .management:
            let key = state.managementKey
            return BER.object(0x01, [key.algorithm.rawValue])
                + BER.object(0x02, [0x00, key.touchPolicy.rawValue])
                + BER.object(0x05, [key == .standard(for: profile) ? 0x01 : 0x00])
        default:
            guard let key = state.keys[reference] else { throw Refusal(.referenceNotFound) }
            return BER.object(0x01, [key.algorithm.rawValue])
                + BER.object(0x02, [key.pinPolicy.rawValue, key.touchPolicy.rawValue])
                + BER.object(0x03, [key.origin.rawValue])
                + BER.object(0x04, Self.publicKeyObjects(key.key.publicKey))
        }
    }

    private static func metadata(_ data: ReferenceData, default standard: ReferenceData) -> [UInt8] {
        BER.object(0x01, [0xFF])
            + BER.object(0x05, [data.value == standard.value ? 0x01 : 0x00])
            + BER.object(0x06, [UInt8(clamping: data.tries), UInt8(clamping: data.triesLeft)])
    }
}
