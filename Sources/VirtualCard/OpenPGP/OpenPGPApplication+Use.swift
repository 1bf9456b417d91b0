import APDU
import HostCrypto

/// Keys at work (sections 7.2.10 to 7.2.13, 7.2.15 and 7.2.18).
extension OpenPGPApplication {
    /// PSO: COMPUTE DIGITAL SIGNATURE. PW1 is good for one signature, unless DO C4 says otherwise.
    func sign(_ data: [UInt8]) throws(Refusal) -> [UInt8] {
        try require(.signature)
        let signature = try use(.signature) { key throws(Refusal) in try Self.signature(of: data, by: key) }
        if !state.keepsPassword { security.verified.remove(.signature) }
        try change { $0.signatureCount = min($0.signatureCount + 1, 0xFF_FFFF) }
        return signature
    }

    /// INTERNAL AUTHENTICATE: a signature with the AUT key, or with the one that was chosen for it.
    func internalAuthenticate(_ data: [UInt8]) throws(Refusal) -> [UInt8] {
        try require(.user)
        return try use(security.selection.authentication) { key throws(Refusal) in
            try Self.signature(of: data, by: key)
        }
    }

    /// PSO: DECIPHER: the message in an RSA block, the secret shared with the other side's key, or blocks of AES.
    func decipher(_ cryptogram: Cryptogram) throws(Refusal) -> [UInt8] {
        try require(.user)
        if case .aes(let blocks) = cryptogram { return try symmetric(blocks, encrypts: false) }
        return try use(security.selection.decryption) { key throws(Refusal) in
            try Self.decipher(cryptogram, with: key)
        }
    }

    /// PSO: ENCIPHER: AES blocks, behind the padding indicator 02.
    func encipher(_ data: [UInt8]) throws(Refusal) -> [UInt8] {
        guard features.hasSymmetricKey else { throw Refusal(.wrongParameters) }
        try require(.user)
        return [0x02] + (try symmetric(data, encrypts: true))
    }

    /// MANAGE SECURITY ENVIRONMENT: which of DEC and AUT a command uses, until the application is selected anew.
    func manageEnvironment(_ operation: SecurityOperation, _ slot: OpenPGPKeySlot) throws(Refusal) {
        guard features.managesEnvironment else { throw Refusal(.instructionNotSupported) }
        switch operation {
        case .decipher: security.selection.decryption = slot
        case .authenticate: security.selection.authentication = slot
        }
    }

    /// GET CHALLENGE. A host asks for as many bytes as it likes; what is more than DO C0's number is not given.
    func getChallenge(_ count: Int) throws(Refusal) -> [UInt8] {
        let count = min(count, features.challengeLimit)
        return try computing { () throws(HostCryptoError) in try Random.bytes(count) }
    }

    /// Runs `body` with a slot's key, after the finger where the key wants one.
    private func use(
        _ slot: OpenPGPKeySlot, _ body: (PrivateKey) throws(Refusal) -> [UInt8]
    ) throws(Refusal) -> [UInt8] {
        guard let key = state[slot].key else { throw Refusal(.referenceNotFound) }
        switch state[slot].userInteraction {
        case 0: break
        case 1, 2: try finger.require(.always)
        default: try finger.require(.cached)
        }
        return try body(key)
    }

    /// RSA: a DigestInfo of at most 40 % of the modulus, padded here (section 7.2.10.2). ECDSA: a hash, answered with
    /// r and s one after the other. EdDSA: what is to be signed.
    static func signature(of data: [UInt8], by key: PrivateKey) throws(Refusal) -> [UInt8] {
        switch key.type {
        case .rsa(let bits):
            guard !data.isEmpty, data.count <= bits / 8 * 2 / 5 else { throw Refusal(.wrongLength) }
            return try computing { () throws(HostCryptoError) in
                try key.rsaPrivateOperation(RSAPadding.pkcs1Signature(of: data, count: (bits + 7) / 8))
            }
        case .ec(let curve):
            guard (1...curve.fieldSize).contains(data.count) else { throw Refusal(.incorrectData) }
            return try computing { () throws(HostCryptoError) in
                try ECDSASignature(der: key.signECDSA(hash: data), fieldSize: curve.fieldSize).fixedWidth
            }
        case .edwards:
            guard !data.isEmpty else { throw Refusal(.incorrectData) }
            return try computing { () throws(HostCryptoError) in try key.signEdDSA(data) }
        case .montgomery: throw Refusal(.conditionsOfUseNotSatisfied)
        }
    }

    static func decipher(_ cryptogram: Cryptogram, with key: PrivateKey) throws(Refusal) -> [UInt8] {
        switch (key.type, cryptogram) {
        case (.rsa, .rsa(let block)):
            return try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in
                try RSAPadding.pkcs1Message(in: key.rsaPrivateOperation(block))
            }
        case (.ec(let curve), .point(let point)): return try agree(key, .ec(curve, point: point))
        case (.montgomery(let curve), .point(let octets)): return try agree(key, .montgomery(curve, octets))
        default: throw Refusal(.incorrectData)
        }
    }

    private static func agree(_ key: PrivateKey, _ peer: PublicKey) throws(Refusal) -> [UInt8] {
        try computing(orRefuse: .incorrectData) { () throws(HostCryptoError) in try key.sharedSecret(with: peer) }
    }

    /// AES in CBC mode with an initialization vector of zeros (section 7.2.11).
    private func symmetric(_ blocks: [UInt8], encrypts: Bool) throws(Refusal) -> [UInt8] {
        guard let key = state.symmetricKey else { throw Refusal(.referenceNotFound) }
        guard !blocks.isEmpty else { throw Refusal(.wrongLength) }
        let cipher = key.count == 16 ? BlockCipher.aes128 : .aes256
        let mode = BlockCipher.Mode.cbc(iv: [UInt8](repeating: 0, count: 16))
        return try computing(orRefuse: .wrongLength) { () throws(HostCryptoError) in
            encrypts
                ? try cipher.encrypt(blocks, key: key, mode: mode) : try cipher.decrypt(blocks, key: key, mode: mode)
        }
    }
}
