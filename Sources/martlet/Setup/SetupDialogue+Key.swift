import Certificates
import CLibrary
import HostCrypto
import Token

/// The key, and what speaks for it.
extension SetupDialogue {
    mutating func makeKey() throws {
        switch try content() {
        case .key:
            PINPrompt.tell("  There is a key already; it stays. martlet generate --replace makes another one.")
            return
        case .certificate:
            PINPrompt.tell(
                "  There is a certificate of a key that is elsewhere. martlet certificate delete takes it away.")
            return
        case .nothing: break
        case .untold:
            PINPrompt.tell("  The card does not tell whether there is a key already. One that is there would be lost.")
        }
        try card.requireAlgorithm(plan.algorithm.algorithm, at: plan.key)
        PINPrompt.tell("  The card makes a \(plan.algorithm.text) key, which never leaves it.")
        guard try Question.isYes("Make it?", usually: try content() == .nothing) else { return }
        try card.askOnceForAdministrator().login()
        try GenerateKey.make(plan.key, plan.algorithm, KeyRequest(), on: card)
        PINPrompt.tell("  The key is made.")
    }

    mutating func certify() throws {
        guard try card.hasKey(plan.key) || card.application == .piv else {
            return PINPrompt.tell("  There is no key yet.")
        }
        if try card.holdsCertificate(of: plan.key) {
            return PINPrompt.tell("  There is a certificate already; it stays.")
        }
        guard try card.hasKey(plan.key) else { return PINPrompt.tell("  There is no key yet.") }
        let key = try card.key(plan.key)
        guard key.usage.contains(.sign) else {
            return PINPrompt.tell(
                "  The key does not sign, so it can sign no certificate for itself: have an issuer make one.")
        }
        let chosen = try Question.choose(
            "Which kind?",
            [
                ("self", "signed by the key itself, for ssh, login and what asks nobody"),
                ("request", "a request to an issuer, in a file"), ("none", "none: ssh needs none"),
            ])
        guard chosen != "none" else { return }
        let usual = "CN=" + (getenv("USER").map { String(cString: $0) } ?? "Jane Doe")
        let subject = try subject(usual)
        guard chosen == "self" else {
            let name = plan.key.text.lowercased() + ".csr"
            let path = try Question.text("File [\(name)]:", usual: name)
            let request = try computing { () throws(HostCryptoError) in
                try CertificateRequest.unsigned(subject: subject.name, publicKey: key.publicKey)
            }
            let file = try OutputFile(path, isSecret: false, isReplacing: false)
            try file.write(Array(PEM.text(try key.completed(request), label: "CERTIFICATE REQUEST").utf8))
            return PINPrompt.tell("  The request is in \(path). What the issuer answers: martlet certificate import.")
        }
        let certificate = try key.selfSigned(subject.name, days: Validity.usualDays)
        try card.askOnceForAdministrator().login()
        try card.write(certificate: certificate, for: plan.key)
        PINPrompt.tell("  The certificate is written.")
    }

    private func subject(_ usual: String) throws -> Subject {
        while true {
            let typed = try Question.text("Whose name? [\(usual)]", usual: usual)
            if let subject = Subject(argument: typed) { return subject }
            PINPrompt.tell("  That is no name: 'Jane Doe', or 'CN=Jane Doe,O=Example'.")
        }
    }
}
