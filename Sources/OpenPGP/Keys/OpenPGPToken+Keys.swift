import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// What the private keys do.
extension OpenPGPToken {
    /// See `Token`: PSO: COMPUTE DIGITAL SIGNATURE and INTERNAL AUTHENTICATE pad what they are given.
    public var padsRSA: Bool { true }

    /// See `Token`: a DigestInfo of at most 40 % of the modulus (OpenPGP card 3.4.1, section 7.2.10).
    public func mostToPad(modulusSize: Int) -> Int { modulusSize * 4 / 10 }

    /// See `Token`.
    public func sign(
        with object: ObjectReference, input: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        guard let key = OpenPGPKey(object) else { throw .objectNotFound }
        let publicKey = try publicKey(of: key)
        guard try usage(of: object).contains(.sign) else { throw .unsupported }
        if case .rsa(let modulus, _) = publicKey, input.count > mostToPad(modulusSize: modulus.count) {
            throw .dataInvalid
        }
        let answer = try use(key, object, authorization) { (card) throws(CardError) in
            switch key {
            case .signature: try card.computeDigitalSignature(input)
            case .authentication: try card.internalAuthenticate(input)
            case .decryption:
                try inRole(of: .authentication, key, card) { () throws(CardError) in
                    try card.internalAuthenticate(input)
                }
            }
        }
        if let signature = signature(answer, publicKey) { return signature }
        // It may be another key's.
        guard try isUnchanged(object) else { throw .objectNotFound }
        throw .failed("the signature has a wrong form")
    }

    /// See `Token`.
    public func decipher(
        with object: ObjectReference, ciphertext: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        guard let key = OpenPGPKey(object) else { throw .objectNotFound }
        guard case .rsa(let modulus, _) = try publicKey(of: key), try usage(of: object).contains(.decrypt) else {
            throw .unsupported
        }
        guard ciphertext.count == modulus.count else { throw .dataInvalid }
        return try use(key, object, authorization, isTrusted: true) { (card) throws(CardError) in
            if key == .decryption { return try card.decipherRSA(ciphertext) }
            return try inRole(of: .decryption, key, card) { () throws(CardError) in try card.decipherRSA(ciphertext) }
        }
    }

    /// See `Token`.
    public func sharedSecret(
        with object: ObjectReference, point: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        guard let key = OpenPGPKey(object) else { throw .objectNotFound }
        let publicKey = try publicKey(of: key)
        guard let size = publicKey.type.sharedSecretSize, try usage(of: object).contains(.derive) else {
            throw .unsupported
        }
        guard let peer = try? publicKey.peer(at: point), peer.octets == point else { throw .dataInvalid }
        var answer = try use(key, object, authorization, isTrusted: true) { (card) throws(CardError) in
            try card.agree(point: point)
        }
        if answer.count == size { return answer }
        defer { answer.wipe() }
        // Some cards answer the whole point, or 40 and the coordinate, as OpenPGP encodes them.
        if answer.count == 2 * size + 1, answer.first == 0x04 { return Array(answer[1..<1 + size]) }
        let secret = PublicKeyTemplate.withoutPrefix(answer, size: size)
        guard secret.count == size else {
            throw .failed("\(OpenPGPCommand.decipher.rawValue): the secret has a wrong length")
        }
        return secret
    }

    /// One use of a private key: one command where nothing was lost.
    ///
    /// - Parameter isTrusted: whether nobody can tell from the result which key it is of.
    private func use(
        _ key: OpenPGPKey, _ object: ObjectReference, _ authorization: (any UseAuthorization)?,
        isTrusted: Bool = false,
        _ command: (OpenPGPCard) throws(CardError) -> [UInt8]
    ) throws(TokenError) -> [UInt8] {
        let policy = try policy(of: object)
        let access: Access =
            switch (key, policy.pin) {
            case (.signature, .always): .use(.signature, authorization as? PINAuthorization)
            case (.signature, _): .login(.signature)
            default: .login(.user)
            }
        do throws(TokenError) {
            return try perform(access, trusting: isTrusted ? object : nil) { (transaction) throws(CardError) in
                try useKey(key, policy.touch, transaction, command)
            }
        } catch {
            switch error {
            case .notLoggedIn:
                // PW1 may have been made valid for one signature since, which the card has just told.
                throw try self.policy(of: object).pin == .always ? .useNotAuthenticated : .notLoggedIn
            case .objectNotFound:
                // There is no such key any more.
                withCache { $0.forget(key) }
                throw error
            default: throw error
            }
        }
    }

    private func useKey(
        _ key: OpenPGPKey, _ touch: KeyPolicy.TouchPolicy, _ transaction: OpenPGPTransaction,
        _ command: (OpenPGPCard) throws(CardError) -> [UInt8]
    ) throws(CardError) -> [UInt8] {
        do throws(CardError) {
            let result = try command(transaction.card)
            // A card that does not tell whether PW1 is good for more than one tells it by refusing the next.
            let isSingle = withCache { $0.passwordStatus?.isValidForSeveralSignatures } == false
            withLogin { $0.noteUse(ending: key == .signature && isSingle ? .signature : nil) }
            return result
        } catch {
            if touch != .never { try distinguishMissingTouch(error, key, transaction) }
            // Whose answer it is is asked at once: a refusal of this application holds, and is not asked for twice, which
            // would take as long again and tell a wrong padding from a right one by the time alone.
            guard error.isRefusalOfUse, try transaction.proveRefusal() else { throw error }
            if case .answered(.decipher, let status) = error, case .rsa = withCache({ $0.publicKeys[key] }),
                status.mayTellOfPadding(touch)
            {
                throw .refused(.dataInvalid)
            }
            guard error.status == .conditionsOfUseNotSatisfied, touch != .never else { throw error }
            throw .refused(.userActionMissing)
        }
    }

    /// A card may answer 6982 or 6985 both where no touch came and where the verified state is gone. Only the second is
    /// worth a repetition, which would make a person wait for a touch twice.
    private func distinguishMissingTouch(
        _ error: CardError, _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let isMissing = [.conditionsOfUseNotSatisfied, .confirmationMissing].contains(error.status)
        guard isMissing || error.status == .securityStatusNotSatisfied, version >= .three,
            try isVerified(key == .signature ? .signature : .other, transaction)
        else { return }
        transaction.noteProof()
        throw .refused(.userActionMissing)
    }

    /// What the card says of a verified state. One that does not tell says nothing of the key's answer.
    private func isVerified(_ mode: PasswordMode, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        let told = Result { () throws(CardError) in try transaction.card.isVerified(mode) }
        if case .failure(let error) = told, error.isAnswer { return false }
        return try told.get()
    }

    /// Has the command of `role` use another key, and puts things back: the card remembers it for all programs. What the
    /// key has done is not done again where that fails.
    private func inRole(
        of role: OpenPGPKey, _ key: OpenPGPKey, _ card: OpenPGPCard, _ body: () throws(CardError) -> [UInt8]
    ) throws(CardError) -> [UInt8] {
        try card.manageSecurityEnvironment(role, uses: key)
        let result = Result { () throws(CardError) in try body() }
        let restored = Result { () throws(CardError) in try card.manageSecurityEnvironment(role, uses: role) }
        if case .failure(let error) = restored, error.isAnswer {
            try? card.manageSecurityEnvironment(role, uses: role)
        }
        return try result.get()
    }

    /// The signature in the form that `Token` promises; nil where it is none of such a key.
    private func signature(_ answer: [UInt8], _ publicKey: PublicKey) -> [UInt8]? {
        switch publicKey {
        case .rsa(let modulus, _): return answer.count == modulus.count ? answer : nil
        case .ec(let curve, _):
            return (try? ECDSASignature(halves: answer, fieldSize: curve.fieldSize))?.der
        case .edwards(let curve, _): return answer.count == curve.signatureSize ? answer : nil
        case .montgomery: return nil
        }
    }
}

extension CardError {
    /// Whether the card refused to use a key, and not because it lost a login or has no such command.
    fileprivate var isRefusalOfUse: Bool {
        switch status {
        case nil, .securityStatusNotSatisfied?, .instructionNotSupported?, .classNotSupported?: false
        default: true
        }
    }
}

extension StatusWord {
    /// Whether a refusal to decipher may be about the padding. The user is told the same of all of them, so that nobody
    /// learns what is wrong with it. What is wrong with something else remains.
    fileprivate func mayTellOfPadding(_ touch: KeyPolicy.TouchPolicy) -> Bool {
        switch self {
        case .securityStatusNotSatisfied, .authenticationMethodBlocked, .referenceNotFound, .confirmationMissing,
            .instructionNotSupported, .classNotSupported, .functionNotSupported, .memoryFailure, .terminated:
            false
        case .conditionsOfUseNotSatisfied: touch == .never
        default: true
        }
    }
}
