import CPKCS11
import HostCrypto
import PKCS11Provider

/// One token, shown to a person: what it is, what lies on it, and what its keys do.
struct TokenTour {
    /// Where the PIN comes from.
    enum PINSource {
        /// The person types it.
        case terminal
        /// It is the one that a new virtual card has.
        case virtualCard
    }

    let provider: Provider
    let slot: CK_SLOT_ID
    let page: Page
    let pinSource: PINSource

    func run() throws {
        page.heading("Reader")
        page.line(.init(try provider.readerName(slot)))
        let token = try provider.token(slot)
        show(token)
        let session = try provider.openSession(slot)
        let pairs = try KeyPair.all(in: session)
        show(pairs)
        guard !pairs.isEmpty else { return }
        guard let pin = try askForPIN(token) else {
            return page.line(.init("No PIN: nothing is signed.", .faint))
        }
        do {
            try session.login(CKU_USER, pin)
        } catch  where error.isAnswer(CKR_USER_ALREADY_LOGGED_IN) {
            // Both slots of a card may share a login.
        }
        page.line(.init("✓", .good), "Logged in.")
        try sign(pairs, session, pin)
    }

    private func show(_ token: ProviderToken) {
        page.heading("Token")
        let version = "\(token.firmware.major).\(token.firmware.minor)"
        page.fields([
            ("Label", .init(token.label)),
            (
                "Model",
                .init("\(token.manufacturer), \(token.model)" + (version == "0.0" ? "" : ", firmware \(version)"))
            ),
            ("Serial number", .init(token.serialNumber)),
            ("PIN tries", .init(token.pinTries, token.pinIsBlocked ? .bad : .plain)),
        ])
    }

    private func show(_ pairs: [KeyPair]) {
        page.heading("Keys and certificates")
        guard !pairs.isEmpty else { return page.line("The card has no keys.") }
        page.table(
            ["Slot", "Id", "Label", "Algorithm", "Certificate", "Expires"],
            pairs.map { pair in
                [
                    .init(pair.pivSlot), .init(pair.id.hexadecimal), .init(pair.label),
                    .init(pair.publicKey?.type.name ?? "unknown"),
                    pair.certificate.map { .init($0.commonName ?? "(no common name)") } ?? .init("none", .faint),
                    pair.certificate.map { CertificateReport($0).expiry } ?? "",
                ]
            })
    }

    private func askForPIN(_ token: ProviderToken) throws(CommandFailure) -> TypedPIN? {
        page.heading("Signatures")
        switch pinSource {
        case .virtualCard:
            page.line("The PIN of the virtual card is \(PrivateWorld.pin).")
            return try TypedPIN(Array(PrivateWorld.pin.utf8).span.bytes)
        case .terminal:
            guard !token.pinIsBlocked else {
                page.line(.init("The PIN is blocked.", .bad))
                return nil
            }
            page.line("The PIN is tried once, and then used for one signature by each key.")
            page.line("If the token blinks, touch it.")
            guard case .typed(let pin) = try PINPrompt.ask("  PIN of \(token.label) (empty: no signatures):") else {
                return nil
            }
            return pin
        }
    }
}
