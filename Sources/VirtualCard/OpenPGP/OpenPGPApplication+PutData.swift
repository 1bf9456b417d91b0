import APDU

/// Writing data objects (sections 4.4.2 and 7.2.8).
extension OpenPGPApplication {
    /// PUT DATA. DO 0101 and 0103 are the user's, all else needs PW3.
    func putData(_ tag: UInt16, _ value: [UInt8]) throws(Refusal) {
        guard isWritable(tag) else { throw noSuchObject }
        try require(tag == 0x0101 || tag == 0x0103 ? .user : .administrator)
        if let path = fixedField(tag) {
            guard value.count == path.count else { throw Refusal(.wrongLength) }
            return try change { $0[path.slot][keyPath: path.field] = value }
        }
        switch tag {
        case DataObject.certificate:
            guard value.count <= features.certificateLimit else { throw Refusal(.wrongLength) }
            let slot = features.certified[security.selection.certificate]
            try change { $0[slot].certificate = value }
        case 0xC1...0xC3: try putAttributes(tag, value)
        case 0xC4:
            guard value.count == 1 else { throw Refusal(.wrongLength) }
            guard value == [0x00] || value == [0x01] else { throw Refusal(.incorrectData) }
            try change { $0.keepsPassword = value == [0x01] }
        case 0xD3: try putResettingCode(value)
        case 0xD5:
            guard value.count == 16 || value.count == 32 else { throw Refusal(.wrongLength) }
            try change { $0.symmetricKey = value }
        case 0xD6...0xD9: try putUserInteraction(tag, value)
        case 0xF9: try putKeyDerivation(value)
        default:
            guard value.count <= limit(of: tag) else { throw Refusal(.wrongLength) }
            guard tag != 0x5F35 || Self.salutations.contains(value) else { throw Refusal(.incorrectData) }
            try change { $0.objects[tag] = value.isEmpty ? nil : value }
        }
    }

    /// After ISO 5218: not known, male, female, not announced; none.
    private static let salutations: [[UInt8]] = [[], [0x30], [0x31], [0x32], [0x39]]

    private func isWritable(_ tag: UInt16) -> Bool {
        switch tag {
        case 0x0101...0x0104, 0x5B, 0x5E, 0x5F2D, 0x5F35, 0x5F50, DataObject.certificate: true
        case 0xC4, 0xC7...0xCC, 0xCE...0xD0, 0xD3: true
        case 0xC1...0xC3: features.changesAlgorithms
        case 0xD5: features.hasSymmetricKey
        case 0xD6...0xD8: features.hasButton
        case 0xD9: features.isYubiKey
        case 0xF9: features.hasKeyDerivation
        default: false
        }
    }

    /// Fingerprints and times, which have one length.
    private func fixedField(
        _ tag: UInt16
    ) -> (slot: OpenPGPKeySlot, field: WritableKeyPath<OpenPGPState.Slot, [UInt8]>, count: Int)? {
        if let slot = OpenPGPKeySlot(tag: tag, first: 0xC7) { return (slot, \.fingerprint, 20) }
        if let slot = OpenPGPKeySlot(tag: tag, first: 0xCA) { return (slot, \.authorityFingerprint, 20) }
        if let slot = OpenPGPKeySlot(tag: tag, first: 0xCE) { return (slot, \.generationTime, 4) }
        return nil
    }

    /// The most bytes of a DO: 39 of a name, 8 of languages, 1 of a salutation (section 4.4.1), else DO C0's number.
    private func limit(of tag: UInt16) -> Int {
        switch tag {
        case 0x5B: 39
        case 0x5F2D: 8
        case 0x5F35: 1
        default: features.objectLimit
        }
    }

    /// Another kind of key is not kept.
    private func putAttributes(_ tag: UInt16, _ value: [UInt8]) throws(Refusal) {
        guard let slot = OpenPGPKeySlot(tag: tag, first: 0xC1), let wanted = AlgorithmAttributes(value, in: slot),
            features.algorithms.contains(wanted.algorithm)
        else { throw Refusal(.incorrectData) }
        try change { state in
            if state[slot].attributes.algorithm != wanted.algorithm { state[slot].key = nil }
            state[slot].attributes = wanted
        }
    }

    /// Section 4.4.2: off, on, or on until the application is terminated; and the button.
    private func putUserInteraction(_ tag: UInt16, _ value: [UInt8]) throws(Refusal) {
        guard value.count == 2 else { throw Refusal(.wrongLength) }
        // A YubiKey knows 03 and 04 too: a touch is good for fifteen seconds (yubikit's UIF).
        guard value[0] <= (features.isYubiKey ? 4 : 2), value[1] == 0x20 else { throw Refusal(.incorrectData) }
        // DO D9 is that of the attestation key.
        guard let slot = OpenPGPKeySlot(tag: tag, first: 0xD6) else {
            return try change { $0.attestation?.userInteraction = value[0] }
        }
        guard state[slot].userInteraction != 2, state[slot].userInteraction != 4 else {
            throw Refusal(.conditionsOfUseNotSatisfied)
        }
        try change { $0[slot].userInteraction = value[0] }
    }

    /// Section 4.3.2. The passwords become the initial ones that the DO brings, or the factory's where it is none, and
    /// the resetting code goes (yubikit's set_kdf says so of a YubiKey).
    private func putKeyDerivation(_ value: [UInt8]) throws(Refusal) {
        let derivation = try KeyDerivation(value)
        let fresh = OpenPGPState(features)
        try change { state in
            state.objects[0xF9] = value
            state.resettingCode = .noResettingCode(tries: state.resettingCode.tries)
            if !derivation.isUsed {
                state.userPassword.replace(with: fresh.userPassword.value)
                state.administratorPassword.replace(with: fresh.administratorPassword.value)
            }
            if let initial = derivation.userHash { state.userPassword.replace(with: initial) }
            if let initial = derivation.administratorHash { state.administratorPassword.replace(with: initial) }
        }
        security.verified = []
    }
}
