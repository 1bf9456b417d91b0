import APDU
import Certificates
import HostCrypto

/// Attestation of a YubiKey's OpenPGP keys (Yubico, "OpenPGP Attestation", developers.yubico.com/PGP/Attestation.html; the
/// command is that of yubikit's openpgp.py).
extension OpenPGPApplication {
    /// GENERATE ATTESTATION: puts a certificate over a key that was made here, signed by the attestation key, into the
    /// place of the key's certificate, whatever was there. It takes PW1 (yubikit: "Requires User PIN verification", which
    /// ykman gives in mode 81), and a finger where the attestation key's own flag wants one.
    func attest(_ slot: OpenPGPKeySlot) throws(Refusal) {
        try require(.signature)
        let entry = state[slot]
        guard let key = entry.key, !entry.isImported, let attestation = state.attestation else {
            throw Refusal(.conditionsOfUseNotSatisfied)
        }
        if attestation.userInteraction != 0 { try finger.require(.always) }
        let facts = facts(of: entry, slot)
        let der = try computing { () throws(HostCryptoError) in
            try CardCertificate.issue(
                subject: "YubiKey OPGP Attestation \(slot.name.uppercased())", publicKey: key.publicKey,
                issuer: CardBuilder.openPGPAttestationName, issuerKey: attestation.key, extensions: facts)
        }
        try change { $0[slot].certificate = der }
    }

    /// Yubico's extensions below 1.3.6.1.4.1.41482.5 (docs.yubico.com, "OpenPGP Attestation OID Arc").
    private func facts(of entry: OpenPGPState.Slot, _ slot: OpenPGPKeySlot) -> [CertificateBuilder.Extension] {
        var facts: [(UInt8, [UInt8])] = [
            (1, BER.object(0x0C, state.objects[0x5B] ?? [])), (2, Self.integer(1)), (3, BER.object(0x04, firmware)),
            (4, BER.object(0x04, entry.fingerprint)), (5, BER.object(0x04, entry.generationTime)),
        ]
        if slot == .signature { facts.append((6, Self.integer(state.signatureCount))) }
        facts += [
            (7, Self.integer(serialNumber)), (8, BER.object(0x04, [entry.userInteraction])),
            // 01: a keychain token with USB-A.
            (9, BER.object(0x04, [0x01])),
        ]
        return facts.map { number, value in
            let identifier: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x05, number]
            return CertificateBuilder.Extension(identifier: identifier, value: value)
        }
    }

    /// A DER INTEGER.
    private static func integer(_ number: UInt32) -> [UInt8] {
        BER.object(0x02, CardCertificate.integerContent(number))
    }
}
