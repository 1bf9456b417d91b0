import APDU
import Certificates
import HostCrypto

/// ATTEST (Yubico, F9; developers.yubico.com/PIV/Introduction/PIV_attestation.html).
extension PIVApplication {
    /// A certificate over a key that was generated here, signed by the key in F9.
    func attest(_ reference: KeyReference) throws(Refusal) -> [UInt8] {
        guard reference.isStandardKeyPair else { throw Refusal(.incorrectParameters) }
        guard let key = state.keys[reference], key.origin == .generated,
            let attestation = state.keys[.attestation]
        else { throw Refusal(.incorrectData) }
        return try computing { () throws(HostCryptoError) in
            try CardCertificate.issue(
                subject: "YubiKey PIV Attestation \(reference.hex)", publicKey: key.key.publicKey,
                issuer: CardBuilder.attestationName, issuerKey: attestation.key, extensions: facts(of: key))
        }
    }

    /// Yubico's extensions below 1.3.6.1.4.1.41482.3: 3 firmware version, 7 serial number, 8 policies, 9 form factor.
    private func facts(of key: CardKey) -> [CertificateBuilder.Extension] {
        var facts: [CertificateBuilder.Extension] = []
        func add(_ last: UInt8, _ value: [UInt8]) {
            let identifier: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0xC4, 0x0A, 0x03, last]
            facts.append(CertificateBuilder.Extension(identifier: identifier, value: value))
        }
        if case .yubico(let major, let minor, let patch) = profile.vendor { add(3, [major, minor, patch]) }
        add(7, BER.object(0x02, CardCertificate.integerContent(state.serialNumber)))
        add(8, [key.pinPolicy.rawValue, key.touchPolicy.rawValue])
        // 01: a keychain token with USB-A.
        add(9, [0x01])
        return facts
    }
}
