import HostCrypto
import ISO7816
import Platform

/// The commands that only the administrator may give, and those that change passwords.
extension OpenPGPCard {
    /// What errors of CHANGE REFERENCE DATA call the command.
    static let changePasswordName = "CHANGE REFERENCE DATA"
    /// What errors of RESET RETRY COUNTER call the command.
    static let resetRetryCounterName = "RESET RETRY COUNTER"
    /// The same by PW3, which was verified before.
    static let resetByAdministratorName = "RESET RETRY COUNTER (administrator)"
    /// What errors call the commands that compare a password that was just given.
    static let passwordNames = [verifyName, changePasswordName, resetRetryCounterName]

    /// CHANGE REFERENCE DATA (OpenPGP card 3.4.1, section 7.2.3) of PW1 or PW3: both passwords one after the other.
    public func changePassword(
        _ mode: PasswordMode, from old: RawSpan, to new: RawSpan
    ) throws(CardError) {
        try sendBoth(Self.changePasswordName, CommandHeader(ins: 0x24, p1: 0, p2: mode.reference), old, new)
    }

    /// RESET RETRY COUNTER (OpenPGP card 3.4.1, section 7.2.4): a new PW1 by the resetting code, or, with P1 = 02, by PW3
    /// that was verified.
    public func resetRetryCounter(resettingCode: RawSpan?, newPassword: RawSpan) throws(CardError) {
        let header = CommandHeader(ins: 0x2C, p1: resettingCode == nil ? 2 : 0, p2: PasswordMode.other.reference)
        guard let resettingCode else {
            return try sendSecret(Self.resetByAdministratorName, header, newPassword)
        }
        try sendBoth(Self.resetRetryCounterName, header, resettingCode, newPassword)
    }

    /// PUT DATA of the resetting code (tag D3; OpenPGP card 3.4.1, section 4.3.1).
    public func putResettingCode(_ code: RawSpan) throws(CardError) {
        try sendSecret(Self.putDataName, CommandHeader(ins: 0xDA, .resettingCode), code)
    }

    /// GENERATE ASYMMETRIC KEY PAIR in the form that makes one (P1 = 80; OpenPGP card 3.4.1, section 7.2.14).
    public func generateKeyPair(
        _ key: OpenPGPKey, attributes: AlgorithmAttributes
    ) throws(CardError) -> PublicKey {
        let answer = try send(
            Self.keyPairName, CommandHeader(ins: 0x47, p1: 0x80, p2: 0),
            data: [UInt8](tag: key.controlReferenceTemplate, []), ne: maximumAnswer, accepting: [.success])
        guard let publicKey = PublicKeyTemplate(parsing: answer.data, attributes: attributes)?.publicKey else {
            throw CardError(Self.keyPairName, .malformed("the answer is no public key"))
        }
        return publicKey
    }

    /// What errors of PUT DATA with a private key call the command.
    static let importName = "PUT DATA (private key)"

    /// PUT DATA of a private key (tag 4D; OpenPGP card 3.4.1, section 4.4.3.12).
    public func importKey(_ template: borrowing SecretBuffer) throws(CardError) {
        try template.withBytes { (bytes) throws(CardError) in
            try sendSecret(Self.importName, CommandHeader(ins: 0xDB, p1: 0x3F, p2: 0xFF), bytes)
        }
    }

    /// GENERATE ATTESTATION (CLA 80, INS FB; Yubico, "OpenPGP Attestation"): the card signs a certificate over a key that it
    /// made, and puts it into the place of the key's certificate.
    func attest(_ key: OpenPGPKey) throws(CardError) {
        _ = try send(
            Self.attestName, CommandHeader(cla: 0x80, ins: 0xFB, p1: key.rawValue, p2: 0), accepting: [.success])
    }

    /// What errors of TERMINATE DF call the command.
    static let terminateName = "TERMINATE DF"

    /// TERMINATE DF (OpenPGP card 3.4.1, section 7.2.16): with PW3 verified, or with PW1 and PW3 blocked.
    public func terminate() throws(CardError) {
        _ = try send(Self.terminateName, CommandHeader(ins: 0xE6, p1: 0, p2: 0), accepting: [.success])
    }

    /// ACTIVATE FILE (OpenPGP card 3.4.1, section 7.2.17): a terminated application becomes as it left the factory.
    public func activate() throws(CardError) {
        _ = try send("ACTIVATE FILE", CommandHeader(ins: 0x44, p1: 0, p2: 0), accepting: [.success])
    }

    private func sendBoth(
        _ name: String, _ header: CommandHeader, _ first: RawSpan, _ second: RawSpan
    ) throws(CardError) {
        var data = [UInt8]()
        data.reserveCapacity(first.byteCount + second.byteCount)
        defer { data.wipe() }
        data.append(contentsOf: first)
        data.append(contentsOf: second)
        try sendSecret(name, header, data.span.bytes)
    }
}
