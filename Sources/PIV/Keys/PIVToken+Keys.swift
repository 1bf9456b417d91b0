import CardApplication
import HostCrypto
import ISO7816
import Keys
import Token

/// What the private keys do.
extension PIVToken {
    /// See `Token`. Metadata tell; cards without them follow the specification.
    public func policy(of key: ObjectReference) throws(TokenError) -> KeyPolicy {
        let reference = PIVKeyReference(key)
        let now = state.clock()
        let (known, isSilent) = withCache { ($0.metadata[reference]?.value, $0.isSilent(reference, at: now)) }
        let metadata: KeyMetadata?
        if known != nil || isSilent {
            metadata = known
        } else {
            metadata = try perform { (transaction) throws(CardError) in try self.metadata(of: reference, transaction) }
        }
        return KeyPolicy(
            pin: metadata?.pinPolicy ?? reference.specifiedPINPolicy, touch: metadata?.touchPolicy ?? .never,
            origin: metadata?.origin ?? .unknown)
    }

    /// See `Token`. The RSA operation is the same for signing and decrypting, so no card can refuse one of them. With
    /// elliptic curves a card with Yubico's commands does everything in every place; another one signs in the places for
    /// signatures (SP 800-73-5 part 1, table 4b), and in those for key management the certificate says what the key is for,
    /// and the card itself where that does not tell.
    public func usage(of key: ObjectReference) throws(TokenError) -> KeyUsage {
        guard let algorithm = PIVAlgorithm(for: try publicKey(of: PIVKeyReference(key))) else { return [] }
        return usage(of: algorithm, at: PIVKeyReference(key))
    }

    /// See `Token`.
    public func usage(of algorithm: KeyType, at place: ObjectReference) -> KeyUsage {
        PIVAlgorithm(algorithm).map { usage(of: $0, at: PIVKeyReference(place)) } ?? []
    }

    private func usage(of algorithm: PIVAlgorithm, at key: PIVKeyReference) -> KeyUsage {
        switch algorithm {
        case .ed25519: .sign
        case .x25519: .derive
        case _ where algorithm.isRSA: [.sign, .decrypt]
        case _ where withCache({ $0.hasMetadata == true || $0.firmware.value != nil }): [.sign, .derive]
        default: key == .keyManagement || key.retiredNumber != nil ? certifiedUsage(of: key) : .sign
        }
    }

    /// What a certificate allows a key on an elliptic curve to be used for (RFC 5280, section 4.2.1.3).
    private func certifiedUsage(of key: PIVKeyReference) -> KeyUsage {
        let told = withCache { $0.certificate(of: key) }.map { CertificateKeyUsage.read($0.der) } ?? []
        return told.isEmpty ? [.sign, .derive] : told
    }

    /// See `Token`. SP 800-78-5, table 6-2, and what its predecessors had, of which cards make no new keys; or what the
    /// firmware has, which a YubiKey 4 or NEO need not be asked for.
    public func cardAlgorithms() throws(TokenError) -> CardAlgorithms {
        let curves = 256...384
        if case let listed = withCache({ $0.properties.algorithms }), !listed.isEmpty {
            let longest = listed.contains(.rsa4096) ? 4096 : 3072
            return CardAlgorithms(rsa: 1024...longest, newRSA: 2048...longest, ecdsa: curves, agreement: curves)
        }
        let older = CardAlgorithms(rsa: 1024...2048, ecdsa: curves, agreement: curves)
        if let yubiKeyModel, yubiKeyModel != "5" { return older }
        let version = try believedFirmware()
        guard version != nil || yubiKeyModel != nil else {
            return CardAlgorithms(rsa: 1024...3072, newRSA: 2048...3072, ecdsa: curves, agreement: curves)
        }
        guard let version, version >= FirmwareVersion(5, 7) else { return older }
        return CardAlgorithms(
            rsa: 1024...4096, ecdsa: curves, edDSA: 255...255, agreement: curves, montgomery: 255...255)
    }

    /// See `Token`.
    public func sign(
        with key: ObjectReference, input: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        let answer = try use(key, .challenge(input), authorization, secrecy: [])
        // Some cards write numbers with zeros that DER does not have.
        guard case .ec(let curve, _) = try publicKey(of: PIVKeyReference(key)),
            let signature = try? ECDSASignature(lenientDER: answer, fieldSize: curve.fieldSize)
        else { return answer }
        return signature.der
    }

    /// See `Token`.
    public func decipher(
        with key: ObjectReference, ciphertext: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        try use(key, .challenge(ciphertext), authorization, secrecy: .answer, isTrusted: true)
    }

    /// See `Token`.
    public func sharedSecret(
        with object: ObjectReference, point: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        let publicKey = try publicKey(of: PIVKeyReference(object))
        guard let size = publicKey.type.sharedSecretSize, try usage(of: object).contains(.derive) else {
            throw .unsupported
        }
        guard let peer = try? publicKey.peer(at: point), peer.octets == point else { throw .dataInvalid }
        var secret = try use(
            object, .exponentiation(point), authorization, secrecy: .answer, isTrusted: true)
        guard secret.count == size else {
            secret.wipe()
            throw .failed("\(PIVCommand.generalAuthenticate.rawValue): the secret has a wrong length")
        }
        return secret
    }

    /// One use of a private key: one command where nothing was lost.
    ///
    /// - Parameter isTrusted: whether nobody can tell from the result which key it is of.
    private func use(
        _ object: ObjectReference, _ input: AuthenticationInput, _ authorization: (any UseAuthorization)?,
        secrecy: Secrecy, isTrusted: Bool = false
    ) throws(TokenError) -> [UInt8] {
        let key = PIVKeyReference(object)
        let publicKey = try publicKey(of: key)
        guard let algorithm = PIVAlgorithm(for: publicKey) else { throw .unsupported }
        let policy = try policy(of: object)
        let access: Access =
            switch policy.pin {
            case .never: .none
            case .once: .login(.user)
            case .always: .use(.user, authorization as? PINAuthorization)
            }
        do throws(TokenError) {
            return try useKey(key, isTrusted, algorithm, input, access, policy.touch, secrecy)
        } catch .notLoggedIn where policy.pin == .always {
            throw .useNotAuthenticated
        } catch .notLoggedIn where policy.pin == .never {
            // No login was asked for, so none has ended.
            throw .failed("the card refuses a key that needs no PIN")
        }
    }

    private func useKey(
        _ key: PIVKeyReference, _ isTrusted: Bool, _ algorithm: PIVAlgorithm, _ input: AuthenticationInput,
        _ access: Access, _ touch: KeyPolicy.TouchPolicy, _ secrecy: Secrecy
    ) throws(TokenError) -> [UInt8] {
        try perform(access, trusting: isTrusted ? key.object(.privateKey) : nil) { (transaction) throws(CardError) in
            do throws(CardError) {
                let result = try transaction.card.generalAuthenticate(algorithm, key, input, secrecy: secrecy)
                withLogin { $0.noteUse() }
                return result
            } catch {
                if touch != .never { try distinguishMissingTouch(error, access, transaction) }
                try reconsider(key, after: error, transaction)
                guard error.status == .conditionsOfUseNotSatisfied, transaction.isProven,
                    try mayWantTouch(touch, transaction)
                else { throw error }
                throw .refused(.userActionMissing)
            }
        }
    }

    /// Whether 6985 may mean that a touch did not come. YubiKeys from 4 to 5.2 have keys that want one, and do not tell
    /// which.
    private func mayWantTouch(
        _ touch: KeyPolicy.TouchPolicy, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        if touch != .never { return true }
        guard withCache({ $0.hasMetadata }) == false, let version = try firmware(transaction) else { return false }
        return (FirmwareVersion(4, 0)..<FirmwareVersion(5, 3)).contains(version)
    }

    /// A YubiKey answers 6982 or 6985 both where no touch came and where the PIN state is gone. Only the second is
    /// worth a repetition, which would make a person wait for a touch twice. The PIN's status tells which it is, and that
    /// it was the PIV application that answered.
    private func distinguishMissingTouch(
        _ error: CardError, _ access: Access, _ transaction: PIVTransaction
    ) throws(CardError) {
        guard error.status == .securityStatusNotSatisfied || error.status == .conditionsOfUseNotSatisfied else {
            return
        }
        let triesLeft = try transaction.card.verificationStatus(pinReference(transaction))
        guard triesLeft == nil || access.verification == nil else { return }
        transaction.noteProof()
        throw .refused(.userActionMissing)
    }
}
