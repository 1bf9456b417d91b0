import CardApplication
import HostCrypto
import ISO7816
import Token

/// In which form the card wants a password.
extension OpenPGPToken {
    package func checkForm(_ text: RawSpan, of owner: PINKeeper.Owner) throws(TokenError) {
        try checkForm(text, owner.secret)
    }

    /// Throws unless a secret may have this length and these characters.
    func checkForm(_ text: RawSpan, _ secret: KeyDerivation.Secret) throws(TokenError) {
        let known = withCache { $0.passwordStatus }
        guard (known?.lengths(secret) ?? PasswordStatus.usualLengths(secret)).contains(text.byteCount) else {
            throw .pinLengthOutOfRange
        }
        guard known?.blocks.contains(secret) != true || PINBlock.encode(text) != nil else { throw .pinMalformed }
    }

    package func prepare(
        _ text: RawSpan, of owner: PINKeeper.Owner, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> StoredPIN {
        // Right after a login the PIN is compared here and not sent: what was told then is enough, and costs nothing.
        if !transaction.isSelected, let known = withCache({ $0.keyDerivation }), known.isFresh(at: now) {
            transaction.notes.keyDerivation = known.value
        }
        return try derive(text, owner.secret, transaction)
    }

    /// The password as the card wants it now: as a PIN block, hashed (OpenPGP card 3.4.1, section 4.3.2), or as it is.
    /// Whether it wants it hashed is asked where it says that it may.
    func derive(
        _ text: RawSpan, _ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> StoredPIN {
        if try wantsBlock(secret, transaction) {
            guard let block = PINBlock.encode(text) else { throw .refused(.failed("PIN block: not digits")) }
            return block
        }
        let derivation = try keyDerivation(transaction)
        return try Result { () throws(HostCryptoError) in try derivation.derive(text, secret) }
            .mapError { CardError.refused(.failed("key derivation: \($0)")) }.get()
    }

    /// Whether the card wants a secret as a PIN block. Another program may have changed that at any time, so a card that can
    /// want it is asked in this transaction.
    func wantsBlock(
        _ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        guard try capabilities(transaction)?.hasPINBlock ?? true else { return false }
        return try transaction.passwordStatus()?.blocks.contains(secret) == true
    }

    /// Whether the card wants a secret as it is typed.
    func wantsText(_ secret: KeyDerivation.Secret, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        if try wantsBlock(secret, transaction) { return false }
        return try keyDerivation(transaction) == .none
    }

    /// What the card can want. One that did not tell when it was first asked is asked again, before a password goes there in
    /// a form that it may count as a wrong one.
    private func capabilities(_ transaction: OpenPGPTransaction) throws(CardError) -> ExtendedCapabilities? {
        if let known = withCache({ $0.related.value.capabilities }) { return known }
        try transaction.refreshRelatedData()
        return withCache { $0.related.value.capabilities }
    }

    /// The key derivation object. Where it was missed by chance a try would be spent, so a refusal is believed the second
    /// time.
    private func readKeyDerivation(_ transaction: OpenPGPTransaction) throws(CardError) -> [UInt8]? {
        for _ in 0..<2 {
            let answer = Result { () throws(CardError) in try transaction.card.getData(.keyDerivation) }
            guard case .failure(let error) = answer, let status = error.status,
                !transaction.card.exchange.mayComeOfReset(status)
            else { return try answer.get() }
        }
        return nil
    }

    private func keyDerivation(_ transaction: OpenPGPTransaction) throws(CardError) -> KeyDerivation {
        guard try capabilities(transaction)?.features.contains(.keyDerivation) ?? true else { return .none }
        if let known = transaction.notes.keyDerivation { return known }
        try transaction.prove()
        let derivation = try readKeyDerivation(transaction).map { KeyDerivation(parsing: $0) } ?? .none
        transaction.notes.keyDerivation = derivation
        withCache { $0.keyDerivation = Reading(derivation, at: now) }
        return derivation
    }
}
