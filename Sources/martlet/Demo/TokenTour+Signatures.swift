import CPKCS11
import HostCrypto
import PKCS11Provider

extension TokenTour {
    /// A private key of the token, and the public key that its signatures are verified with.
    private struct Signer {
        let handle: CK_OBJECT_HANDLE
        let id: [UInt8]
        let label: String
        /// Whether each use wants the PIN anew.
        let isAlwaysAuthenticated: Bool
        /// When the key wants the PIN, for a person.
        let pinPolicy: String
        /// Nil where the key does not sign.
        let trial: SignatureTrial?
    }

    /// Signs with every key that can, and shows the signatures.
    func sign(_ pairs: [KeyPair], _ session: ProviderSession, _ pin: TypedPIN) throws {
        var signers: [Signer] = []
        for handle in try session.objects(CKO_PRIVATE_KEY) { signers.append(try signer(handle, session, pairs)) }
        var rows: [[Page.Cell]] = []
        var failures = 0
        for signer in signers {
            let (cells, isGood) = try row(signer, session, pin)
            rows.append([.init(signer.id.hexadecimal), .init(signer.label), .init(signer.pinPolicy)] + cells)
            if !isGood { failures += 1 }
        }
        page.table(["Id", "Label", "PIN", "Mechanism", "Time", "Verified by libcrypto"], rows)
        try showOneHandle(signers)
        guard failures == 0 else {
            throw CommandFailure("\(failures) of \(signers.count) keys did not sign as they should", hint: "see above")
        }
    }

    private func signer(
        _ handle: CK_OBJECT_HANDLE, _ session: ProviderSession, _ pairs: [KeyPair]
    ) throws(ProviderError) -> Signer {
        let (id, label) = try KeyPair.identity(of: handle, session)
        let key = pairs.first { $0.id == id }?.publicKey
        let signs = try session.flag(CKA_SIGN, of: handle)
        let isAlways = try session.flag(CKA_ALWAYS_AUTHENTICATE, of: handle)
        let isPrivate = try session.flag(CKA_PRIVATE, of: handle)
        return Signer(
            handle: handle, id: id, label: label, isAlwaysAuthenticated: isAlways,
            pinPolicy: isAlways ? "each time" : isPrivate ? "once" : "never",
            trial: signs ? key.flatMap { SignatureTrial($0) } : nil)
    }

    /// The cells on a signature; one key that fails does not end the tour.
    private func row(
        _ signer: Signer, _ session: ProviderSession, _ pin: TypedPIN
    ) throws(ProviderError) -> (cells: [Page.Cell], isGood: Bool) {
        guard let trial = signer.trial else { return ([.init("does not sign", .faint)], true) }
        do throws(ProviderError) {
            let result = try trial.run(session, signer.handle) { () throws(ProviderError) in
                if signer.isAlwaysAuthenticated { try session.login(CKU_CONTEXT_SPECIFIC, pin) }
            }
            let verdict: Page.Cell = result.isGood ? .init("✓ good", .good) : .init("✗ bad", .bad)
            return ([.init(result.mechanism), .init("\(result.milliseconds) ms"), verdict], result.isGood)
        } catch {
            // Without a card, or with a PIN that turned wrong, going on would be of no use, or spend a try.
            if error.isAnswer(CKR_DEVICE_REMOVED) || error.isAnswer(CKR_PIN_INCORRECT) { throw error }
            return (["", "", .init("✗ " + error.explanation, .bad)], false)
        }
    }

    /// Shows that a handle found in one session serves in another.
    private func showOneHandle(_ signers: [Signer]) throws {
        guard let signer = signers.first(where: { $0.trial != nil && !$0.isAlwaysAuthenticated }),
            let trial = signer.trial
        else { return }
        page.heading("One handle, every session")
        let second = try provider.openSession(slot)
        let found = try second.objects(CKO_PRIVATE_KEY, id: signer.id)
        let result = try trial.run(second, signer.handle)
        let isSame = found == [signer.handle] && result.isGood
        page.line(
            isSame ? .init("✓", .good) : .init("✗", .bad),
            .init(
                "\(signer.label): handle \(signer.handle) in the first session, \(found.first ?? 0) in a second one,"),
            .init(result.isGood ? "where it signs too." : "where it does not sign."))
        guard isSame else {
            throw CommandFailure(
                "a handle did not hold in another session", hint: "report this with MARTLET_LOG=stderr")
        }
    }
}
