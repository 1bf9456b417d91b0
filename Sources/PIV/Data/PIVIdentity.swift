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

    /// Whether an identifier that is read later is this card's: it has the same numbers, whatever else was changed. One without
    /// a number, or with a number that many cards have, says nothing.
    func matches(_ other: [UInt8]?) -> Bool {
        guard let identifier, let other else { return false }
        let known = CardholderUniqueIdentifier(parsing: identifier), told = CardholderUniqueIdentifier(parsing: other)
        return known == told && (known.fascN != nil || known.guid != nil)
    }
}

/// Whether it is still the same card.
///
/// A YubiKey that has told its own number is asked for that. Any other card shows its CHUID again. That may have changed on
/// the same card, for ykman writes a new one with each certificate, and may have no number: a key that the card made itself,
/// and still has, then says who it is; and where nobody has asked for a number, the certificate of a key that is known. What
/// this process writes into the CHUID is known.
extension PIVToken {
    package func proveIdentity(_ transaction: PIVTransaction) throws(CardError) {
        if let serialNumber = withCache({ $0.identity?.serialNumber }) {
            guard try transaction.card.getSerial() == serialNumber else { throw .refused(.removed) }
            return
        }
        let known = withCache { $0.identity?.identifier ?? $0.value(in: .cardholderUniqueIdentifier)?.value }
        let isOwn: Bool?
        if let known {
            // A failure to read one that was there shows nothing, and is told as what it is.
            let told = try transaction.read(.cardholderUniqueIdentifier)
            if PIVIdentity(identifier: known).matches(told) { return noteIdentity(told) }
            isOwn = try holdsOwnKeys(transaction)
            if isOwn != true, known != told { throw .refused(.removed) }
        } else {
            isOwn = try holdsOwnKeys(transaction)
        }
        if isOwn == true { return }
        let isCertified = try holdsCertifiedKeys(transaction)
        if isCertified == false { throw .refused(.removed) }
        if isOwn == false { throw .refused(.objectNotFound) }
        // A card of which nothing is known yet is taken as it is.
        if known == nil, isCertified == nil {
            let identifier = try readable(transaction) { () throws(CardError) in
                try transaction.read(.cardholderUniqueIdentifier)
            }
            noteIdentity(identifier)
        }
    }

    /// Notes who the card is, where it tells.
    func noteIdentity(_ identifier: [UInt8]?, serialNumber: UInt32? = nil) {
        guard identifier != nil || serialNumber != nil else { return }
        withCache { $0.identity = PIVIdentity(identifier: identifier, serialNumber: serialNumber) }
    }

    /// Whether one of the keys that the card made itself is still there as it was; nil where no such key is known. Of one that
    /// is not, what was believed ends; a card that does not tell has shown nothing.
    private func holdsOwnKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool? {
        let own = withCache { $0.ownKeys }
        for (key, publicKey) in own {
            let told = try readable(transaction) { () throws(CardError) in try readMetadata(key, transaction) }
            guard let told else { continue }
            withCache { $0.settle(key, by: told) }
            if told.value?.publicKey == publicKey, told.value?.origin == .generated { return true }
        }
        return own.isEmpty ? nil : false
    }

    /// Whether one of the certificates that are known is still there, or another one of the same key; nil where none is known.
    private func holdsCertifiedKeys(_ transaction: PIVTransaction) throws(CardError) -> Bool? {
        let certified = withCache { $0.certifiedKeys }
        for (key, publicKey) in certified {
            guard let place = key.certificateContainer else { continue }
            _ = try readable(transaction) { () throws(CardError) in try readContainer(place, transaction) }
            if withCache({ $0.isKnown(place) && $0.certificate(of: key)?.publicKey == publicKey }) { return true }
        }
        return certified.isEmpty ? nil : false
    }
}
