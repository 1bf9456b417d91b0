import CardApplication
import HostCrypto
import ISO7816
import Token

/// Back to the factory.
extension OpenPGPToken {
    /// See `Token`. The application is terminated, which takes PW3, or PW1 and PW3 that are both blocked, and activated
    /// again. It is asked who it is and not selected first, for SELECT may end the login with PW3. Without power in between
    /// the passwords stay blocked, or the application terminated, and the next reset goes on from there.
    public func reset(administratorSecret secret: RawSpan?) throws(TokenError) {
        guard hasLifeCycle else { throw .unsupported }
        if let secret { try checkForm(secret, .administrator) }
        let random: [UInt8]
        do throws(HostCryptoError) {
            random = try Random.bytes(8)
        } catch {
            throw .failed("no random bytes")
        }
        let outcome = Result { () throws(CardError) in
            try state.card.commandTransaction { (exchange) throws(CardError) in
                let transaction = CardTransaction(self, exchange)
                let isTerminated = try isTerminated(transaction)
                // Another card may be in the reader, which nobody wants reset. A terminated one tells nothing, and is empty.
                if !isTerminated { try identify(transaction) }
                withLogin { _ = $0.endAll() }
                if !isTerminated { try terminate(random, transaction) }
                try transaction.card.activate()
                try transaction.selectAgain()
                let objects = catalogue.map(\.reference)
                withCache { $0.forgetAll(objects) }
                _ = try transaction.readRelatedData()
            }
        }
        try outcome.mapError { $0.tokenError }.get()
        if let secret { try changeAdministratorSecret(from: Self.factoryPassword.span.bytes, to: secret) }
    }

    /// PW3 of a card as it leaves the factory (OpenPGP card 3.4.1, section 4.3).
    private static let factoryPassword = Array("12345678".utf8)

    /// Whether the historical bytes say that the application can be terminated and activated (OpenPGP card 3.4.1, section
    /// 6: the first of the three status bytes at the end). A terminated application tells nothing, and can.
    private var hasLifeCycle: Bool {
        let (bytes, isTerminated) = withCache { ($0.related.value.historicalBytes, $0.isTerminated) }
        return isTerminated || bytes.count >= 3 && bytes[bytes.count - 3] != 0
    }

    /// Makes sure that the application is selected, and tells whether it is a terminated one.
    private func isTerminated(_ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        let proof = Result { () throws(CardError) in try transaction.prove() }
        guard case .failure(let error) = proof else { return false }
        if error.status == .terminated { return true }
        throw error
    }

    private func terminate(_ random: [UInt8], _ transaction: OpenPGPTransaction) throws(CardError) {
        if try isAllowed(Result { () throws(CardError) in try transaction.card.terminate() }) { return }
        for mode in [PasswordMode.other, .administrator] {
            // Eight letters, which nobody has for a password, or where the card wants digits, eight of those.
            let isBlock = try wantsBlock(mode.secret, transaction)
            try exhaust(mode, random.map { isBlock ? 0x30 + $0 % 10 : $0 & 0x0F | 0x60 }, transaction)
        }
        try transaction.card.terminate()
    }

    /// Has a wrong password refused until it is blocked: a counter of tries has one byte.
    private func exhaust(
        _ mode: PasswordMode, _ wrong: [UInt8], _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let bytes = wrong.span.bytes
        let password = try derive(bytes, mode.secret, transaction)
        for number in 0...255 {
            let attempt = Result { () throws(CardError) in
                try password.withBytes { (bytes) throws(CardError) in
                    try transaction.card.verify(mode, password: bytes)
                }
            }
            if try isBlocked(attempt, mode, number, transaction) { return }
        }
        throw .refused(.failed("the card does not block its passwords"))
    }

    /// Whether TERMINATE DF was done, and not refused for want of PW3.
    private func isAllowed(_ outcome: Result<Void, CardError>) throws(CardError) -> Bool {
        guard case .failure(let error) = outcome else { return true }
        switch error.status {
        case .securityStatusNotSatisfied, .conditionsOfUseNotSatisfied: return false
        default: throw error
        }
    }

    /// Whether what came of a wrong password says that there is no try of it left. SmartPGP answers 6982 for ever, and counts
    /// the tries in C4.
    private func isBlocked(
        _ outcome: Result<Void, CardError>, _ mode: PasswordMode, _ number: Int, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> Bool {
        guard case .failure(let error) = outcome else { return false }
        guard let status = error.status else { throw error }
        if status == .authenticationMethodBlocked { return true }
        // Most cards have three tries, and say that they are blocked to the fourth.
        guard status == .securityStatusNotSatisfied, number > 3 else { return false }
        transaction.forgetPasswordStatus()
        return try transaction.passwordStatus()?.tries(mode.secret) == 0
    }
}
