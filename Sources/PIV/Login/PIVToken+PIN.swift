import CardApplication
import HostCrypto
import ISO7816
import Token

/// The user's PIN: how it is verified, and how the card tells of its tries.
extension PIVToken {
    /// Six to eight bytes (SP 800-73-5 part 1, section 3.2.3 says digits; YubiKeys take any byte).
    static let pinLengths = 6...8

    package func checkForm(_ text: RawSpan, of owner: PINKeeper.Owner) throws(TokenError) {
        guard Self.pinLengths.contains(text.byteCount) else { throw .pinLengthOutOfRange }
    }

    package func verify(
        _ verification: Verification, _ secret: RawSpan, _ transaction: PIVTransaction
    ) throws(CardError) {
        try withPIN(transaction) { (reference) throws(CardError) in
            try transaction.card.verify(reference, pin: secret)
        }
    }

    /// Sends the card a command about the user's PIN, and once more about the Global PIN where it turns out to have no other.
    func withPIN(
        _ transaction: PIVTransaction, _ command: (PINReference) throws(CardError) -> Void
    ) throws(CardError) {
        let reference = try pinReference(transaction)
        let sent = Result { () throws(CardError) in try command(reference) }
        guard case .failure(let error) = sent, try adoptGlobalPIN(after: error.status, transaction) else {
            return try sent.get()
        }
        try command(.global)
    }

    package func verifyOnReader(
        _ verification: Verification, _ transaction: PIVTransaction
    ) throws(CardError) {
        // Nobody is to type a PIN twice for it.
        if !hasOnePIN { _ = try statusOfPIN(transaction) }
        try transaction.card.verifyOnReader(try pinReference(transaction))
    }

    /// VERIFY without data, of the PIN that the card has.
    func statusOfPIN(_ transaction: PIVTransaction) throws(CardError) -> StatusWord {
        let status = try transaction.card.pinStatus(try pinReference(transaction))
        guard transaction.isProven, try adoptGlobalPIN(after: status, transaction) else { return status }
        return try transaction.card.pinStatus(.global)
    }

    package func told(
        of verification: Verification, for access: Access, _ transaction: PIVTransaction
    ) throws(CardError) -> ToldVerification {
        let status = try statusOfPIN(transaction)
        if transaction.card.exchange.mayComeOfReset(status) { throw .answered(.verifyStatus, status) }
        return (status == .success, status.pinTriesLeft, nil)
    }

    package var takesBackVerification: Bool { true }

    package func takeBack(
        _ verification: Verification, _ ended: Login<PIVAdministration>, _ transaction: PIVTransaction
    ) throws(CardError) {
        if verification == .administrator, let proof = ended.details.proof { return try revoke(proof, transaction) }
        // The one that was verified: nothing is asked for it.
        let reference = hasOnePIN ? nil : withCache { $0.knownPINReference }
        _ = try? transaction.card.resetVerification(reference ?? .application)
    }

    package func readTries(_ transaction: PIVTransaction) throws(CardError) -> PINStatus {
        // Metadata tell how many tries there are in all, too.
        if let told = try readMetadata(of: .application, transaction) { return told.tries }
        return PINStatus(retriesLeft: try triesLeft(transaction))
    }

    /// The tries left as VERIFY without data tells them; nil where the PIN is verified or the card does not tell.
    private func triesLeft(_ transaction: PIVTransaction) throws(CardError) -> Int? {
        let reference = try pinReference(transaction)
        do throws(CardError) {
            let left = try transaction.card.verificationStatus(reference)
            // Another application may answer so too.
            if left ?? 0 <= 1, !transaction.isProven {
                try transaction.proveByReading()
                return try transaction.card.verificationStatus(reference)
            }
            return left
        } catch {
            // A card that does not tell is no fault, once the PIV application has said so itself.
            guard let status = error.status, transaction.isProven else { throw error }
            guard try adoptGlobalPIN(after: status, transaction) else { return nil }
            return try transaction.card.verificationStatus(.global)
        }
    }
}
