import CardApplication
import ISO7816
import Token

/// The Key History Object, kept right where retired keys and their certificates come and go: by it this module, and others,
/// know at which of the twenty places to look.
///
/// It tells of a place before that is filled, and of one no more after that was emptied: without power in between it tells
/// of too many, which costs a look, and never of too few, which would hide a key.
extension PIVToken {
    /// Has the history tell of a retired place that is about to be filled. One that the card does not give, or that cannot be
    /// parsed, stays as it is.
    func extendKeyHistory(to key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) {
        guard let number = key.retiredNumber else { return }
        // That there is none is believed from PIV only, which SELECT would prove at the price of the administrator's state.
        if withCache({ $0.value(in: .keyHistory)?.value }) == nil { try transaction.proveByReading() }
        let value = try readable(transaction) { () throws(CardError) in
            try readContainer(.keyHistory, transaction)
        }
        guard withCache({ $0.failure(of: .keyHistory) }) == nil else { return }
        let history = value.flatMap { KeyHistory(parsing: $0) }
        if value != nil, history == nil || history?.tells(of: number) == true { return }
        try putIfTaken(KeyHistory.value(upTo: number, in: value), .keyHistory, transaction)
    }

    /// Has the history tell no more of the places at its end, where the last one was emptied. A card that does not tell its
    /// keys may have some there.
    func shortenKeyHistory(after key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) {
        let told = { () throws(CardError) in try self.readContainer(.keyHistory, transaction) }
        guard let number = key.retiredNumber, let value = try readable(transaction, told),
            KeyHistory(parsing: value)?.keysWithOnCardCertificates == number
        else { return }
        var count = number
        while count > 0, try content(of: PIVKeyReference.retired[count - 1], transaction) == .nothing { count -= 1 }
        guard count < number else { return }
        try put(KeyHistory.value(upTo: count, in: value), .keyHistory, transaction)
    }
}
