import CardApplication
import ISO7816
import Token

/// Whether a card that takes SELECT DATA chooses. One that answers it with 9000 and has a single certificate would lose that of
/// another key to what is written.
extension OpenPGPToken {
    static let doesNotChoose =
        "the card gives the same certificate for two keys: it may have one place for all, so nothing was written; that of AUT "
        + "can be written"

    /// Whether what is read in a key's place differs from what is read in each other one: then the card chooses, which is
    /// remembered. The authentication key's place is the one that a card without a choice has.
    ///
    /// - Returns: nil where there is no certificate by which that could be told.
    func isToldApart(_ key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool? {
        if key == .authentication || version < .three || withCache({ $0.choosesCertificates }) { return true }
        let own = try heldCertificate(of: key, transaction)
        var isTold: Bool?
        for other in OpenPGPKey.allCases where other != key {
            let held = try heldCertificate(of: other, transaction)
            if let own, held == own { return false }
            if held != own { isTold = true }
        }
        if isTold == true { withCache { $0.choosesCertificates = true } }
        return isTold
    }

    /// Takes back the first certificate of a card where it turns up in another place, too.
    func requireChoice(of key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) {
        guard try isToldApart(key, transaction) == false else { return }
        guard try select(key, transaction, isForWriting: true) else { return }
        try transaction.card.putData(.certificate, [])
        throw .refused(.failed(Self.doesNotChoose))
    }

    /// What stands in the place of a key's certificate, where that is more than zeros and the card gives it.
    private func heldCertificate(
        of key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> [UInt8]? {
        guard try select(key, transaction, isForWriting: true) else { return nil }
        var isTold = false
        let held = try readCertificate(transaction, &isTold)
        return held?.contains { $0 != 0 } == true ? held : nil
    }
}
