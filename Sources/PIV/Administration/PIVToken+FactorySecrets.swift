import CardApplication
import HostCrypto
import ISO7816
import Token

/// Secrets that a card has from its maker, and the way to one that nobody has to remember.
extension PIVToken {
    /// See `Token`: what GET SERIAL says (YubiKeys from firmware 5 on).
    public func printedNumber() throws(TokenError) -> String? {
        try perform { (transaction) throws(CardError) in try ownNumber(transaction).map { String($0) } }
    }

    /// See `Token`: what GET METADATA says (YubiKeys from firmware 5.3 on).
    public func factorySecrets() throws(TokenError) -> [FactorySecret]? {
        guard withCache({ $0.hasMetadata }) != false else { return nil }
        return try perform { (transaction) throws(CardError) -> [FactorySecret]? in
            guard let pin = try readMetadata(of: .application, transaction),
                let code = try readMetadata(of: .unblockingKey, transaction)
            else { return nil }
            let key = try readMetadata(.cardManagement, transaction)?.value?.isFactoryValue
            return (pin.isFactoryValue ? [.pin] : []) + (code.isFactoryValue ? [.unblockingCode] : [])
                + (key == true ? [.administratorSecret] : [])
        }
    }

    /// See `Token`. The new key is behind the PIN, with the mark of a change, before the card takes it: without power in between
    /// the old key is still known, or the new one is behind the PIN.
    public func changeAdministratorSecret(
        from old: RawSpan, toOneBehindPIN new: RawSpan
    ) throws(TokenError) {
        guard try extendsPIV() else { throw .unsupported }
        let oldKey = try CardManagementKey(hexadecimal: old)
        let newKey = try CardManagementKey(hexadecimal: new)
        try proving(oldKey) { (proof, transaction) throws(CardError) in
            let algorithm =
                newKey.ciphers.contains(proof.algorithm) ? proof.algorithm : newKey.ciphers.last ?? proof.algorithm
            let wasStored = try isKeyStored(transaction, isReadAnew: true)
            let before = withCache { $0.value(in: .administrationData)?.value }
            if let before, !AdministrationData(parsing: before).isWellFormed {
                throw .refused(.failed("the ADMIN DATA of the card cannot be parsed"))
            }
            try transaction.card.putStoredManagementKey(newKey)
            let marked = AdministrationData.valueStoringKey(before)
            try put(marked, .administrationData, transaction)
            let change = Result { () throws(CardError) in
                try transaction.card.setManagementKey(newKey, algorithm, needsTouch: proof.needsTouch)
            }
            if case .failure(let error) = change, error.status != nil {
                // The old key is the card's still: everything is as before.
                if wasStored { try? transaction.card.putStoredManagementKey(oldKey) }
                try? put(before ?? [], .administrationData, transaction)
                if !wasStored { try? put([], .printedInformation, transaction) }
            }
            try change.get()
            withCache { $0.forgetManagementKey() }
            let next = AdministratorProof(algorithm: algorithm, needsTouch: proof.needsTouch)
            withLogin { $0.replace(administrator: newKey, next, in: transaction.epoch) }
            try put(AdministrationData.value(marked, isKeyChanging: false), .administrationData, transaction)
        }
    }
}
