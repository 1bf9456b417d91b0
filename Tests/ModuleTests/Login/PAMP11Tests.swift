import Foundation
import TestSupport
import Testing

/// Logins by `pam_p11`. That of Debian 12 knows the first key of a token alone: it was built for a libp11 whose list of
/// keys has other elements, and crashes when it looks for a second one.
@Suite(
    .unless(missing: PAMService.missing),
    .unless(missing: Tool.missing(file: SystemLibraries.folder + "/security/pam_p11.so", package: "libpam-p11")))
struct PAMP11Tests {
    /// The file in which a person says which key is theirs.
    enum Authorization: String, CaseIterable {
        case certificate = ".eid/authorized_certificates"
        case sshKey = ".ssh/authorized_keys"
    }

    /// The first key of an OpenPGP card is SIG, which wants its PIN for each use; the setting has the login serve it.
    private func service(_ card: TestedCard, _ authorization: Authorization) throws -> PAMService {
        let bench = try Workbench(card)
        let service = try PAMService(bench, module: "pam_p11.so \(bench.tool.module)")
        try bench.world.writeSystemFile("each-use = login\n", to: "/etc/martlet.conf")
        let certificate = try bench.certificate(card.keys[0]), home = bench.world.home
        let text =
            switch authorization {
            case .certificate: try Certificate.text(ofPEM: certificate.pem())
            case .sshKey: try certificate.sshPublicKey() + "\n"
            }
        let folder = URL(fileURLWithPath: home.file(authorization.rawValue)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try home.write(text, to: authorization.rawValue)
        return service
    }

    @Test("Who has the card and its PIN is let in", arguments: TestedCard.usual, Authorization.allCases)
    func logsIn(_ card: TestedCard, _ authorization: Authorization) throws {
        let service = try service(card, authorization)
        let accepted = try service.logIn()
        #expect(accepted.succeeded, "\(accepted)")
        try service.expectCardWanted(prompt: "Login with \(card.token)")
    }

    /// With a blocked PIN it goes round without end, as it does with every module that tells of it.
    @Test("A person is told of the last try, and a blocked PIN lets nobody in", arguments: TestedCard.usual)
    func wrongPIN(_ card: TestedCard) throws {
        let service = try service(card, .certificate)
        let said = try service.blockPIN()
        #expect(said[0].contains("PIN not verified\n"))
        #expect(said[2].contains("Login with \(card.token) (last try): "))
        #expect(try !service.logIn(timeout: 2).succeeded)
    }

    @Test("passwd changes the PIN of the card", arguments: TestedCard.usual)
    func changesPIN(_ card: TestedCard) throws {
        let service = try service(card, .sshKey)
        let changed = try service.changePIN(to: "654321")
        #expect(changed.succeeded && !changed.allText.contains("not"), "\(changed)")
        #expect(try service.logIn().wasRefused)
        let accepted = try service.logIn(pin: "654321")
        #expect(accepted.succeeded, "\(accepted)")
    }
}
