import CardApplication
import HostCrypto
import ISO7816
import Platform

/// The commands that only the administrator may give, and those that change passwords.
extension OpenPGPCard {
    /// CHANGE REFERENCE DATA (OpenPGP card 3.4.1, section 7.2.3) of PW1 or PW3: both passwords one after the other.
    public func changePassword(
        _ mode: PasswordMode, from old: RawSpan, to new: RawSpan
    ) throws(CardError) {
        try sendBoth(.changeReferenceData, CommandHeader(ins: 0x24, p1: 0, p2: mode.reference), old, new)
    }

    /// RESET RETRY COUNTER (OpenPGP card 3.4.1, section 7.2.4): a new PW1 by the resetting code, or, with P1 = 02, by PW3
    /// that was verified.
    public func resetRetryCounter(resettingCode: RawSpan?, newPassword: RawSpan) throws(CardError) {
        let header = CommandHeader(ins: 0x2C, p1: resettingCode == nil ? 2 : 0, p2: PasswordMode.other.reference)
        guard let resettingCode else {
            return try sendSecret(.resetByAdministrator, header, newPassword)
        }
        try sendBoth(.resetRetryCounter, header, resettingCode, newPassword)
    }

    /// PUT DATA of the resetting code (tag D3; OpenPGP card 3.4.1, section 4.3.1).
    public func putResettingCode(_ code: RawSpan) throws(CardError) {
        try sendSecret(.putData, CommandHeader(ins: 0xDA, .resettingCode), code)
    }

    /// GENERATE ASYMMETRIC KEY PAIR in the form that makes one (P1 = 80; OpenPGP card 3.4.1, section 7.2.14).
    public func generateKeyPair(
        _ key: OpenPGPKey, attributes: AlgorithmAttributes
    ) throws(CardError) -> PublicKey {
        let answer = try send(
            .generateKeyPair, CommandHeader(ins: 0x47, p1: 0x80, p2: 0),
            data: [UInt8](tag: key.controlReferenceTemplate, []), ne: maximumAnswer)
        guard let publicKey = PublicKeyTemplate(parsing: answer.data, attributes: attributes)?.publicKey else {
            throw .malformed(.generateKeyPair, "the answer is no public key")
        }
        return publicKey
    }

    /// PUT DATA of a private key (tag 4D; OpenPGP card 3.4.1, section 4.4.3.12).
    public func importKey(_ template: borrowing SecretBuffer) throws(CardError) {
        try template.withBytes { (bytes) throws(CardError) in
            try sendSecret(.importKey, CommandHeader(ins: 0xDB, p1: 0x3F, p2: 0xFF), bytes)
        }
    }

    /// GENERATE ATTESTATION (CLA 80, INS FB; Yubico, "OpenPGP Attestation"): the card signs a certificate over a key that it
    /// made, and puts it into the place of the key's certificate.
    func attest(_ key: OpenPGPKey) throws(CardError) {
        _ = try send(
            .attest, CommandHeader(cla: 0x80, ins: 0xFB, p1: key.rawValue, p2: 0))
    }

    /// TERMINATE DF (OpenPGP card 3.4.1, section 7.2.16): with PW3 verified, or with PW1 and PW3 blocked.
    public func terminate() throws(CardError) {
        _ = try send(.terminate, CommandHeader(ins: 0xE6, p1: 0, p2: 0))
    }

    /// ACTIVATE FILE (OpenPGP card 3.4.1, section 7.2.17): a terminated application becomes as it left the factory.
    public func activate() throws(CardError) {
        _ = try send(.activate, CommandHeader(ins: 0x44, p1: 0, p2: 0))
    }

    private func sendBoth(
        _ name: OpenPGPCommand, _ header: CommandHeader, _ first: RawSpan, _ second: RawSpan
    ) throws(CardError) {
        var data = [UInt8]()
        data.reserveCapacity(first.byteCount + second.byteCount)
        defer { data.wipe() }
        data.append(contentsOf: first)
        data.append(contentsOf: second)
        try sendSecret(name, header, data.span.bytes)
    }
}
