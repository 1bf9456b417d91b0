import CardApplication
import HostCrypto
import ISO7816
import Token

/// The administrator's secret: the management key, or the PUK.
extension PIVToken {
    /// See `Token`. Two PUKs change the PUK, two management keys in hexadecimal digits the management key, which keeps its
    /// cipher where the new one has its length, and its touch policy.
    ///
    /// Where the card keeps the management key behind the PIN too, four steps have an order: ADMIN DATA get a mark, the card
    /// takes the new key, it is put behind the PIN, the mark goes. Without power in between `unfinishedChanges` finds the mark,
    /// and the administrator, who knows both keys, has `finishChanges` put the right one there.
    public func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        if Self.unblockingKeyLengths.contains(old.byteCount) { return try changeUnblockingKey(from: old, to: new) }
        let oldKey = try CardManagementKey(hexadecimal: old)
        let newKey = try CardManagementKey(hexadecimal: new)
        try proving(oldKey) { (proof, transaction) throws(CardError) in
            try replaceManagementKey(by: newKey, proof, transaction)
        }
    }

    /// See `Token`: what a YubiKey tells of its management key.
    public func administratorTouchPolicy() throws(TokenError) -> KeyPolicy.TouchPolicy {
        try perform { (transaction) throws(CardError) in
            try readMetadata(.cardManagement, transaction)?.value?.touchPolicy ?? .never
        }
    }

    /// Gives the card another management key, with the administrator proven.
    private func replaceManagementKey(
        by key: CardManagementKey, _ proof: AdministratorProof, _ transaction: PIVTransaction
    ) throws(CardError) {
        let algorithm = key.ciphers.contains(proof.algorithm) ? proof.algorithm : key.ciphers.last ?? proof.algorithm
        let isStored = try isKeyStored(transaction, isReadAnew: true)
        if isStored { try markKeyChange(isUnderWay: true, transaction) }
        let change = Result { () throws(CardError) in
            try transaction.card.setManagementKey(key, algorithm, needsTouch: proof.needsTouch)
        }
        if case .failure(let error) = change, error.isAnswer, isStored {
            try? markKeyChange(isUnderWay: false, transaction)
        }
        try change.get()
        withCache { $0.forgetManagementKey() }
        let next = AdministratorProof(algorithm: algorithm, needsTouch: proof.needsTouch)
        withLogin { $0.replace(administrator: key, next, in: transaction.epoch) }
        if isStored { try storeManagementKey(key, transaction) }
    }

    /// Puts the management key behind the PIN, and takes the mark of its change away.
    private func storeManagementKey(_ key: CardManagementKey, _ transaction: PIVTransaction) throws(CardError) {
        try transaction.card.putStoredManagementKey(key)
        try markKeyChange(isUnderWay: false, transaction)
    }

    private func markKeyChange(isUnderWay: Bool, _ transaction: PIVTransaction) throws(CardError) {
        guard let value = try readContainer(.administrationData, transaction) else { return }
        try put(
            AdministrationData.value(value, isKeyChanging: isUnderWay), .administrationData, transaction)
    }

    /// Whether the management key behind the PIN may be an old one.
    func isKeyChanging(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        let value = try readable(transaction) { () throws(CardError) in
            try readContainer(.administrationData, transaction)
        }
        return value.map { AdministrationData(parsing: $0).isKeyChanging } ?? false
    }

    /// Puts the management key of the administrator's login behind the PIN. A user who has got this far was led there by
    /// the key that is there, so it is the right one.
    func finishKeyChange(_ transaction: PIVTransaction) throws(CardError) {
        guard let key = withLogin({ $0.details.key }) else {
            return try markKeyChange(isUnderWay: false, transaction)
        }
        try storeManagementKey(key, transaction)
    }
}
