import CardApplication
import HostCrypto
import ISO7816
import Token

/// What a card first told of who it is.
struct PIVIdentity: Hashable {
    /// The Card Holder Unique Identifier; nil where it has none.
    var identifier: [UInt8]?
    /// A YubiKey's own number, where it was asked for that.
    var serialNumber: UInt32?

    /// Whether an identifier that is read later is this card's: it has the same numbers, whatever else was changed.
    func matches(_ other: [UInt8]?) -> Bool {
        if identifier == other { return true }
        guard let identifier, let other else { return false }
        let known = CardholderUniqueIdentifier(parsing: identifier), told = CardholderUniqueIdentifier(parsing: other)
        return known == told && (known.fascN != nil || known.guid != nil)
    }
}

/// Whether it is still the same card.
///
/// A YubiKey that has told its own number is asked for that. Any other card shows its CHUID again. That may have changed on
/// the same card, for ykman writes a new one with each certificate: a key that the card made itself, and still has, then
/// says who it is. What this process writes into it is known.
extension PIVToken {
    package func proveIdentity(_ transaction: PIVTransaction) throws(CardError) {
        let known = withCache { cache in
            cache.identity ?? cache.value(in: .cardholderUniqueIdentifier).map { PIVIdentity(identifier: $0.value) }
        }
        if let known, let serialNumber = known.serialNumber {
            guard try ownNumber(transaction) == serialNumber else { throw .refused(.removed) }
            return
        }
        if known == nil, try isKnownByKeys(transaction) { return }
        let identifier = try readIdentifier(transaction, wasThere: known?.identifier != nil)
        if let known, !known.matches(identifier) {
            guard try holdsOwnKeys(transaction) == true else { throw .refused(.removed) }
        }
        withCache { $0.identity = PIVIdentity(identifier: identifier) }
    }

    /// Whether a card of which nobody has asked who it is still has one of the keys that it made itself. Where it has none of
    /// them they are gone, or it is another one: what was believed of them ends, and nothing is sent.
    private func isKnownByKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        let own = withCache { $0.ownKeys.map { $0.0.object(.privateKey) } }
        guard !own.isEmpty else { return false }
        for key in own {
            let revision = revision(of: key)
            try readAnew(key, transaction)
            if self.revision(of: key) == revision { return true }
        }
        throw .refused(.objectNotFound)
    }

    /// Notes who the card is, the first time that somebody asks.
    func noteIdentity(_ identifier: [UInt8]?, serialNumber: UInt32? = nil) {
        withCache { cache in
            if cache.identity == nil {
                cache.identity = PIVIdentity(identifier: identifier, serialNumber: serialNumber)
            }
        }
    }

    /// The CHUID, read anew. A failure to read one that was there shows nothing, and is told as what it is.
    private func readIdentifier(
        _ transaction: PIVTransaction, wasThere: Bool
    ) throws(CardError) -> [UInt8]? {
        let read = { () throws(CardError) -> [UInt8]? in try transaction.read(.cardholderUniqueIdentifier) }
        return wasThere ? try read() : try readable(transaction, read)
    }

    /// Whether one of the keys that the card made itself is still there as it was; nil where no such key is known.
    private func holdsOwnKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool? {
        let own = withCache { $0.ownKeys }
        for (key, publicKey) in own {
            let told = try readable(transaction) { () throws(CardError) -> KeyMetadata? in
                try readMetadata(key, transaction)?.value
            }
            if told?.publicKey == publicKey, told?.origin == .generated { return true }
        }
        return own.isEmpty ? nil : false
    }
}
