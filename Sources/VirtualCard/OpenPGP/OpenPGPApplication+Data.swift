import APDU

/// Reading data objects (sections 4.4.1 and 7.2.5 to 7.2.7).
extension OpenPGPApplication {
    /// GET DATA. What stands only inside a template cannot be read alone.
    func getData(_ tag: UInt16) throws(Refusal) -> [UInt8] {
        switch tag {
        case 0x0103: try require(.user)
        case 0x0104: try require(.administrator)
        case DataObject.certificate:
            guard features.certified.indices.contains(security.selection.certificate) else {
                throw Refusal(.referenceNotFound)
            }
            return state[features.certified[security.selection.certificate]].certificate
        case 0x4F, 0x5E, 0x65, 0x6E, 0x7A, 0x5F50, 0x5F52, 0xC4, 0x0101, 0x0102, 0xDE, 0xD6...0xD9, 0xF9, 0xFA, 0xFC,
            0x7F66,
            0x7F74:
            break
        default: throw noSuchObject
        }
        guard let content = content(tag) else { throw noSuchObject }
        // A YubiKey answers templates with their own tag and length around them: yubikit's openpgp.py takes them off
        // from 65, 6E, 7A and FA. Gnuk (gpg_do_get_data) and Nitrokey's opcard-rs answer the content.
        guard features.isYubiKey, [0x65, 0x6E, 0x7A, 0xFA].contains(tag) else { return content }
        return BER.object(UInt32(tag), content)
    }

    /// GET NEXT DATA: the certificate that follows the one selected (section 7.2.7).
    func getNextData(_ tag: UInt16) throws(Refusal) -> [UInt8] {
        guard features.isVersion(since: 3) else { throw Refusal(.instructionNotSupported) }
        guard tag == DataObject.certificate,
            features.certified.indices.contains(security.selection.certificate + 1)
        else { throw Refusal(.referenceNotFound) }
        security.selection.certificate += 1
        return try getData(tag)
    }

    /// SELECT DATA: which certificate GET DATA and PUT DATA mean (section 7.2.5).
    func selectData(_ occurrence: UInt8, _ tag: UInt32) throws(Refusal) {
        guard features.isVersion(since: 3) else { throw Refusal(.instructionNotSupported) }
        guard tag == UInt32(DataObject.certificate), features.certified.indices.contains(Int(occurrence)) else {
            throw Refusal(.referenceNotFound)
        }
        security.selection.certificate = Int(occurrence)
    }

    /// 6A88 (section 7.2.6). A YubiKey answers 6B00: yubikit-android's issue 220 shows it for C5 and C8, yubikit's
    /// openpgp.py expects it for a UIF that is not there.
    var noSuchObject: Refusal { Refusal(features.isYubiKey ? .wrongParameters : .referenceNotFound) }

    /// The value of a data object of any kind; nil where this kind of card has none such. An object that was never
    /// written is empty.
    private func content(_ tag: UInt16) -> [UInt8]? {
        switch tag {
        case 0x4F: identifier
        case 0x5F52: features.historicalBytes
        case 0x65: template([0x5B, 0x5F2D, 0x5F35])
        case 0x6E: template(DataObject.application(on: features))
        case 0x73: template(DataObject.discretionary(on: features))
        case 0x7A: template([0x93])
        case 0x93: [16, 8, 0].map { UInt8(truncatingIfNeeded: state.signatureCount >> $0) }
        case 0x7F66: features.extendedLengths
        case 0x7F74: features.hasButton ? [0x81, 0x01, 0x20] : nil
        case 0xC0: extendedCapabilities
        case 0xC1...0xC3: OpenPGPKeySlot(tag: tag, first: 0xC1).map { state[$0].attributes.bytes }
        case 0xC4: passwordStatus
        case 0xC5: eachSlot(withAttestation: 20) { $0.fingerprint }
        case 0xC6: eachSlot(withAttestation: 20) { $0.authorityFingerprint }
        case 0xCD: eachSlot(withAttestation: 4) { $0.generationTime }
        case 0xDE: features.isVersion(since: 3) ? keyInformation : nil
        case 0xD6...0xD8:
            features.hasButton ? OpenPGPKeySlot(tag: tag, first: 0xD6).map { [state[$0].userInteraction, 0x20] } : nil
        case 0xDA: AlgorithmAttributes(.rsa2048, in: .signature, exponentBits: features.exponentBits).bytes
        case 0xD9: features.isYubiKey ? [state.attestation?.userInteraction ?? 0, 0x20] : nil
        case 0xFC: features.isYubiKey ? state.attestation?.certificate ?? [] : nil
        case 0xF9: features.hasKeyDerivation ? state.objects[tag] ?? KeyDerivation.none : nil
        case 0xFA: features.changesAlgorithms ? algorithmInformation : nil
        default: state.objects[tag] ?? []
        }
    }

    private func template(_ tags: [UInt16]) -> [UInt8] {
        tags.flatMap { tag in content(tag).map { BER.object(UInt32(tag), $0) } ?? [] }
    }

    /// Section 4.4.3.7. Version 2.0 had the longest command and answer where version 3 has PIN block 2 and MANAGE
    /// SECURITY ENVIRONMENT (section 4.3.3.5 there).
    private var extendedCapabilities: [UInt8] {
        func short(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
        // GET CHALLENGE, key import, changeable PW status, DOs for private use.
        var flags: UInt8 = 0x78
        if features.changesAlgorithms { flags |= 0x04 }
        if features.hasSymmetricKey { flags |= 0x02 }
        if features.hasKeyDerivation { flags |= 0x01 }
        let limits = [flags, 0x00] + short(features.challengeLimit) + short(features.certificateLimit)
        guard features.isVersion(since: 3) else { return limits + [0x00, 0xFF, 0x01, 0x00] }
        return limits + short(features.objectLimit) + [0x00, features.managesEnvironment ? 0x01 : 0x00]
    }

    /// DO C4: whether PW1 stays good, the longest PW1, resetting code and PW3, and the tries left of each.
    private var passwordStatus: [UInt8] {
        let limit = UInt8(clamping: features.passwordLimit)
        let passwords = [state.userPassword, state.resettingCode, state.administratorPassword]
        return [state.keepsPassword ? 0x01 : 0x00, limit, limit, limit]
            + passwords.map { UInt8(clamping: $0.triesLeft) }
    }

    /// DO DE: 00 no key, 01 made here, 02 imported. A YubiKey tells of its attestation key, 81, too.
    private var keyInformation: [UInt8] {
        let own: [UInt8] = OpenPGPKeySlot.allCases.flatMap { slot in
            let entry = state[slot]
            return [slot.rawValue, entry.key == nil ? 0x00 : entry.isImported ? 0x02 : 0x01]
        }
        return features.isYubiKey ? own + [0x81, 0x02] : own
    }

    /// DO FA: the algorithm attributes that each key may have (section 4.4.3.11).
    private var algorithmInformation: [UInt8] {
        OpenPGPKeySlot.allCases.flatMap { slot in
            features.algorithms.filter { $0.fits(slot) }.flatMap { algorithm in
                BER.object(
                    UInt32(slot.tag(first: 0xC1)),
                    AlgorithmAttributes(algorithm, in: slot, exponentBits: features.exponentBits).bytes)
            }
        }
    }

    /// One after the other for the three keys. A YubiKey has a fourth place, for its attestation key (OpenSC's pull
    /// request 1857).
    private func eachSlot(withAttestation size: Int, _ field: (OpenPGPState.Slot) -> [UInt8]) -> [UInt8] {
        OpenPGPKeySlot.allCases.flatMap { field(state[$0]) }
            + [UInt8](repeating: 0, count: features.isYubiKey ? size : 0)
    }
}

/// Tags with a meaning of their own here.
enum DataObject {
    /// 7F21: the cardholder certificates.
    static let certificate: UInt16 = 0x7F21

    /// What is in DO 6E (section 4.4.1).
    static func application(on features: OpenPGPFeatures) -> [UInt16] {
        features.isYubiKey ? [0x4F, 0x5F52, 0x7F74, 0x73] : [0x4F, 0x5F52, 0x7F66, 0x7F74, 0x73]
    }

    /// What is in DO 73 (section 4.4.1). A YubiKey has DA and D9 of its attestation key there too, and 7F66: the
    /// tests of the Rust crate openpgp-card have the bytes of one.
    static func discretionary(on features: OpenPGPFeatures) -> [UInt16] {
        guard features.isYubiKey else {
            return [0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xCD, 0xDE, 0xD6, 0xD7, 0xD8]
        }
        return [
            0xC0, 0xC1, 0xC2, 0xC3, 0xDA, 0xC4, 0xC5, 0xC6, 0xCD, 0xDE, 0x7F66, 0xD6, 0xD7, 0xD8, 0xD9,
        ]
    }
}
