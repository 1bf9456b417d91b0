import Certificates
import HostCrypto
import Keys
import Platform
import Token

/// A private key on a card, with what is needed to use it.
struct CardKey {
    let card: CardToken
    let name: KeyName
    let publicKey: PublicKey
    let policy: KeyPolicy
    let usage: KeyUsage
    private let reference: ObjectReference

    init(_ card: CardToken, _ name: KeyName) throws(CommandFailure) {
        let reference = name.privateKey
        let (info, policy, usage) = try card.asking("reading the key \(name.text)") {
            () throws(TokenError) -> ([UInt8], KeyPolicy, KeyUsage) in
            (
                try card.token.subjectPublicKeyInfo(of: reference), try card.token.policy(of: reference),
                try card.token.usage(of: reference)
            )
        }
        guard let publicKey = try? PublicKey(subjectPublicKeyInfo: info) else {
            throw CommandFailure("the key \(name.text) is of a kind not known here", hint: "choose another key")
        }
        (self.card, self.name, self.publicKey) = (card, name, publicKey)
        (self.policy, self.usage, self.reference) = (policy, usage, reference)
    }

    /// How this key signs certificates and requests.
    func signatureAlgorithm() throws(CommandFailure) -> SignatureAlgorithm {
        guard let algorithm = try? SignatureAlgorithm(publicKey.type) else { throw unfit("sign") }
        return algorithm
    }

    /// A signature over a hash of the function, or over the message itself where that is nil (EdDSA): PKCS#1 v1.5,
    /// Ecdsa-Sig-Value in DER, or R‖S. It is verified before it is given out.
    func sign(_ content: [UInt8], _ digest: Digest?) throws(CommandFailure) -> [UInt8] {
        guard usage.contains(.sign) else { throw unfit("sign") }
        let input = try computing { () throws(HostCryptoError) in try signatureInput(content, digest) }
        let signature = try use("signing") { (authorization) throws(TokenError) in
            try card.token.sign(with: reference, input: input, authorization: authorization)
        }
        let isGood = try computing { () throws(HostCryptoError) in try verifies(signature, content, digest) }
        guard isGood else {
            throw CommandFailure("the card's signature does not verify; it is withheld", hint: "try again")
        }
        return signature
    }

    /// The message in a ciphertext for this RSA key.
    ///
    /// - Parameter oaep: how the message was padded, or nil for PKCS#1 v1.5.
    func decrypt(_ ciphertext: [UInt8], oaep: OAEPParameters?) throws(CommandFailure) -> [UInt8] {
        guard case .rsa(let modulus, _) = publicKey, usage.contains(.decrypt) else { throw unfit("decrypt") }
        guard oaep == nil || !card.token.padsRSA else {
            throw CommandFailure(
                "this card takes the padding off itself, and knows no OAEP", hint: "encrypt with PKCS#1 v1.5 padding")
        }
        guard ciphertext.count == modulus.count else {
            throw CommandFailure(
                "the ciphertext has \(ciphertext.count) bytes, and the key \(name.text) takes \(modulus.count)",
                hint: "encrypt with the public key of \(name.text)", .data)
        }
        var block = try use("decrypting") { (authorization) throws(TokenError) in
            try card.token.decipher(with: reference, ciphertext: ciphertext, authorization: authorization)
        }
        if card.token.padsRSA { return block }
        defer { block.wipe() }
        do throws(HostCryptoError) {
            if let oaep { return try RSAPadding.oaepMessage(in: block, parameters: oaep) }
            return try RSAPadding.pkcs1Message(in: block)
        } catch {
            throw CommandFailure(
                "the ciphertext was not made for the key \(name.text)", hint: "look at the key and the padding", .data)
        }
    }

    /// One use of the key: the PIN asked for where the key wants it, and a person told to touch it.
    private func use<R>(
        _ what: String, _ body: ((any UseAuthorization)?) throws(TokenError) -> R
    ) throws(CommandFailure) -> R {
        let authorization = try authorize()
        let notice = TouchNotice(policy.touch)
        defer { notice.end() }
        return try card.asking("\(what) with \(name.text)") { () throws(TokenError) in try body(authorization) }
    }

    private func authorize() throws(CommandFailure) -> (any UseAuthorization)? {
        guard policy.pin != .never else { return nil }
        let pin = try card.askForPIN()
        return try pin.give(during: "giving the PIN") { (pin) throws(TokenError) -> (any UseAuthorization)? in
            if policy.pin == .always { return try card.token.authenticate(pin: pin, forUseOf: reference) }
            try card.token.login(pin: pin)
            return nil
        } onReader: { (pad) throws(TokenError) in
            if policy.pin == .always { return try pad.authenticate(forUseOf: reference) }
            try pad.login()
            return nil
        } failing: {
            CommandFailure($0, during: $1, card.application)
        }
    }

    private func signatureInput(_ content: [UInt8], _ digest: Digest?) throws(HostCryptoError) -> [UInt8] {
        switch publicKey {
        case .rsa(let modulus, _):
            guard let digest else { throw .unsupported }
            let information = try digest.digestInfo(content)
            if card.token.padsRSA { return information }
            return try RSAPadding.pkcs1Signature(of: information, count: modulus.count)
        case .ec(let curve, _):
            guard digest != nil else { throw .unsupported }
            return CardInput.ecdsa(content, on: curve)
        case .edwards:
            guard digest == nil else { throw .unsupported }
            return content
        case .montgomery: throw .unsupported
        }
    }

    private func verifies(_ signature: [UInt8], _ content: [UInt8], _ digest: Digest?) throws(HostCryptoError) -> Bool {
        switch (publicKey, digest) {
        case (.rsa, let digest?): return try publicKey.verifyPKCS1(signature, hash: content, digest: digest)
        case (.ec(let curve, _), _):
            let pair = try ECDSASignature(lenientDER: signature, fieldSize: curve.fieldSize)
            return try publicKey.verifyECDSA(pair, hash: content)
        default: return try publicKey.verifyEdDSA(signature, message: content)
        }
    }

    private func unfit(_ deed: String) -> CommandFailure {
        CommandFailure(
            "the key \(name.text) (\(publicKey.type.name)) cannot \(deed)", hint: "martlet list shows the keys", .usage)
    }
}
