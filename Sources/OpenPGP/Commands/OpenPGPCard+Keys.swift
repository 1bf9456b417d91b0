import CardApplication
import ISO7816
import Platform

/// The commands that use keys.
extension OpenPGPCard {
    /// PSO: COMPUTE DIGITAL SIGNATURE (OpenPGP card 3.4.1, section 7.2.10) with the signature key.
    ///
    /// - Parameter input: for RSA a DigestInfo, which the card pads; for ECDSA the hash; for EdDSA the message.
    /// - Returns: for RSA as many bytes as the modulus has; for ECDSA r ‖ s; for EdDSA R ‖ S.
    public func computeDigitalSignature(_ input: [UInt8]) throws(CardError) -> [UInt8] {
        try operate(.computeDigitalSignature, CommandHeader(ins: 0x2A, p1: 0x9E, p2: 0x9A), input)
    }

    /// INTERNAL AUTHENTICATE (OpenPGP card 3.4.1, section 7.2.13) with the authentication key. Input and result as
    /// those of `computeDigitalSignature`.
    public func internalAuthenticate(_ input: [UInt8]) throws(CardError) -> [UInt8] {
        try operate(.internalAuthenticate, CommandHeader(ins: 0x88, p1: 0, p2: 0), input)
    }

    /// PSO: DECIPHER (OpenPGP card 3.4.1, section 7.2.11) of an RSA ciphertext: the message without its padding.
    public func decipherRSA(_ ciphertext: [UInt8]) throws(CardError) -> [UInt8] {
        try decipher([0x00] + ciphertext)
    }

    /// PSO: DECIPHER of whole AES blocks, CBC with an initialisation vector of zeros (section 7.2.11).
    public func decipherAES(_ ciphertext: [UInt8]) throws(CardError) -> [UInt8] {
        try decipher([0x02] + ciphertext)
    }

    /// PSO: DECIPHER as key agreement: the point of the other side in, the shared secret out (section 7.2.11).
    public func agree(point: [UInt8]) throws(CardError) -> [UInt8] {
        try decipher([UInt8](tag: 0xA6, children: [UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, point))))
    }

    /// PSO: ENCIPHER (OpenPGP card 3.4.1, section 7.2.12) of whole blocks with the card's AES key.
    ///
    /// - Returns: the blocks, without the byte 02 that tells that it is AES.
    public func encipherAES(_ plaintext: [UInt8]) throws(CardError) -> [UInt8] {
        let name = OpenPGPCommand.encipher
        let answer = try send(
            name, CommandHeader(ins: 0x2A, p1: 0x86, p2: 0x80), data: plaintext, ne: maximumAnswer,
            secrecy: .command)
        guard answer.data.first == 0x02 else { throw .malformed(name, "the answer is not AES") }
        return Array(answer.data.dropFirst())
    }

    /// MANAGE SECURITY ENVIRONMENT (OpenPGP card 3.4.1, section 7.2.18): from here on the command of `role`, which is
    /// DECIPHER for the decryption key and INTERNAL AUTHENTICATE for the authentication key, uses `key`.
    public func manageSecurityEnvironment(_ role: OpenPGPKey, uses key: OpenPGPKey) throws(CardError) {
        let template = UInt8(truncatingIfNeeded: role.controlReferenceTemplate)
        _ = try send(
            .manageSecurityEnvironment, CommandHeader(ins: 0x22, p1: 0x41, p2: template),
            data: [UInt8](tag: 0x83, [key.rawValue]))
    }

    /// GENERATE ASYMMETRIC KEY PAIR in the form that reads a public key (P1 = 81; OpenPGP card 3.4.1, section 7.2.14).
    ///
    /// - Returns: nil where there is no such key.
    public func readPublicKey(
        _ key: OpenPGPKey, attributes: AlgorithmAttributes?
    ) throws(CardError) -> PublicKeyTemplate? {
        let name = OpenPGPCommand.generateKeyPair
        let answer = try send(
            name, CommandHeader(ins: 0x47, p1: 0x81, p2: 0), data: [UInt8](tag: key.controlReferenceTemplate, []),
            ne: maximumAnswer, accepting: [.success, .referenceNotFound, .notFound])
        guard answer.status == .success, !answer.data.isEmpty else { return nil }
        guard let template = PublicKeyTemplate(parsing: answer.data, attributes: attributes) else {
            throw .malformed(name, "the answer is no public key")
        }
        return template
    }

    private func decipher(_ input: [UInt8]) throws(CardError) -> [UInt8] {
        try operate(.decipher, CommandHeader(ins: 0x2A, p1: 0x80, p2: 0x86), input, secrecy: .answer)
    }

    private func operate(
        _ name: OpenPGPCommand, _ header: CommandHeader, _ input: [UInt8], secrecy: Secrecy = []
    ) throws(CardError) -> [UInt8] {
        try send(name, header, data: input, ne: maximumAnswer, secrecy: secrecy).data
    }
}
