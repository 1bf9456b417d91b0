import CardApplication
import ISO7816
import Token

/// The data objects for private use.
extension OpenPGPToken {
    /// The value of a data object for private use. Its contents prove nothing, so the application does first.
    func read(
        _ object: DataObject, _ transaction: OpenPGPTransaction, isReadAnew: Bool = false
    ) throws(CardError) -> [UInt8]? {
        let reference = ObjectReference(.data, object.rawValue)
        if !isReadAnew, let known = withCache({ $0.ledger.value(of: reference) }), known.isFresh(at: now) {
            return known.value
        }
        if let capabilities = withCache({ $0.related.value.capabilities }),
            !capabilities.features.contains(.privateUse)
        {
            return nil
        }
        try transaction.prove()
        // What is behind a password stands in no trace.
        let isOpen = OpenPGPCatalogue.readAccess(object) == .none
        let value = try transaction.card.getData(object, secrecy: isOpen ? [] : .answer)
        withCache { $0.ledger.note(value, of: reference, at: now) }
        return value
    }
}
