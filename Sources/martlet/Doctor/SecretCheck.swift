import Token

/// Secrets that everybody knows, and codes that can help no more, as far as the card tells without a try.
enum SecretCheck {
    static func findings(_ card: CardToken, _ title: String) -> [Finding] {
        let option = CardCheck.option(card)
        let factory = (try? card.token.factorySecrets()).flatMap { $0 } ?? []
        let known = factory.map { secret -> Finding in
            switch secret {
            case .pin:
                .note("the PIN of \(title) is the maker's, which everybody knows", run: "martlet pin change\(option)")
            case .unblockingCode:
                .note(
                    "the \(card.application.unblockingCode) of \(title) is the maker's, which everybody knows",
                    run: "martlet pin change-code\(option)")
            case .administratorSecret:
                .note(
                    "the \(card.application.administratorSecret) of \(title) is the maker's, which everybody knows",
                    run: "martlet management-key\(option)")
            }
        }
        let left = try? card.token.unblockingStatus().retriesLeft
        // An OpenPGP card has no reset code until somebody sets one.
        // Once the PIN is blocked too, another line says what helps.
        guard card.application == .piv, left == 0, (try? card.pinStatus().retriesLeft) != 0 else { return known }
        return known + [
            .note(
                "the PUK of \(title) is blocked",
                mend: "keep the PIN in mind: once it is blocked too, only a reset helps")
        ]
    }
}
