import HostCrypto
import ISO7816
import Token

/// The administrator's secret: the management key, or the PUK.
extension PIVToken {
    /// See `Token`. Two PUKs change the PUK, two management keys in hexadecimal digits the management key, which keeps its
    /// cipher where the new one has its length, and its touch policy.
    ///
    /// Where the card keeps the management key behind the PIN too, the new one is put there after the card has taken it:
    /// without power in between the user writes no more until the administrator, who knows both keys, changes it again.
    public func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        if Self.unblockingKeyLengths.contains(old.byteCount) { return try changeUnblockingKey(from: old, to: new) }
        let oldKey = try CardManagementKey(hexadecimal: old)
        let newKey = try CardManagementKey(hexadecimal: new)
        try proving(oldKey) { (proof, transaction) throws(CardError) in
            try replaceManagementKey(by: newKey, proof, transaction)
        }
    }

    /// Gives the card another management key, with the administrator proven.
    private func replaceManagementKey(
        by key: CardManagementKey, _ proof: PIVAuthentication.AdministratorProof, _ transaction: PIVTransaction
    ) throws(CardError) {
        let algorithm = key.ciphers.contains(proof.algorithm) ? proof.algorithm : key.ciphers.last ?? proof.algorithm
        try transaction.card.setManagementKey(key, algorithm, needsTouch: proof.needsTouch)
        withCache { $0.forgetManagementKey() }
        authentication.replaceAdministrator(
            by: key, .init(algorithm: algorithm, needsTouch: proof.needsTouch, epoch: transaction.epoch))
        guard try isKeyStored(transaction, isReadAnew: true) else { return }
        try transaction.card.putStoredManagementKey(key)
    }
}
