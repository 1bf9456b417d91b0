import HostCrypto
import ISO7816

/// ATTEST (Yubico, F9; developers.yubico.com/PIV/Introduction/PIV_attestation.html).
extension PIVApplication {
    /// A certificate over a key that was generated here, signed by the key in F9.
    func attest(_ reference: KeyReference) throws(Refusal) -> [UInt8] {
        guard reference.isStandardKeyPair else { throw Refusal(.incorrectParameters) }
        guard let key = state.keys[reference], key.origin == .generated,
            let attestation = state.keys[.attestation]
        else { throw Refusal(.incorrectData) }
        let writer = CertificateWriter(issuerKey: attestation.key, issuer: CardBuilder.attestationName)
        return try computing { () throws(HostCryptoError) in
            try writer.certificate(
                subject: "YubiKey PIV Attestation \(reference.hex)", publicKey: key.key.publicKey,
                serialNumber: [0x01] + Random.bytes(15), extensions: facts(of: key))
        }
    }

    /// Yubico's extensions below 1.3.6.1.4.1.41482.3: 3 firmware version, 7 serial number, 8 policies, 9 form factor.
    private func facts(of key: CardKey) -> [[UInt8]] {
        let arc: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03]
        let serial = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state.serialNumber >> $0) }
        var facts: [[UInt8]] = []
        if case .yubico(let major, let minor, let patch) = profile.vendor {
            facts.append(CertificateWriter.extensionValue(oid: arc + [0x03], [major, minor, patch]))
        }
        facts.append(
            CertificateWriter.extensionValue(oid: arc + [0x07], [UInt8](tag: 0x02, DERNumber.content(serial))))
        facts.append(
            CertificateWriter.extensionValue(oid: arc + [0x08], [key.pinPolicy.rawValue, key.touchPolicy.rawValue]))
        // 01: a keychain token with USB-A.
        facts.append(CertificateWriter.extensionValue(oid: arc + [0x09], [0x01]))
        return facts
    }
}
