import Foundation
import TestSupport

/// Chromium in a world, with the module in a fresh profile, and a TLS server that wants a certificate for each page:
/// `Drivers/browser.py` is its person.
struct Browser {
    /// A page as its person saw it.
    struct Page: Decodable {
        /// What each dialogue said that asked for the PIN.
        let prompts: [String]
        let text: String
    }

    /// What must be there, each with its package.
    static let missing =
        Tool.missing("chromedriver", package: "chromium-driver") ?? Tool.missing("Xvfb", package: "xvfb")
        ?? Tool.missing("xdotool", package: "xdotool") ?? NSSTools.missing

    private let world: CardWorld
    private let conversation: Conversation
    /// What the server's page shows of the client's certificate.
    let certificate: String

    /// Starts the server and the browser.
    /// - Parameters:
    ///   - certificate: the certificate of the key that the server asks for, a PEM file.
    ///   - options: more arguments of `openssl s_server`.
    init(_ world: CardWorld, module: String, certificate: String, _ options: [String]) throws {
        self.world = world
        self.certificate = try Certificate.text(ofPEM: certificate)
        // No session is resumed, so each page wants a signature.
        _ = try TLSServer(world, trusting: certificate, ["-no_cache", "-no_ticket", "-num_tickets", "0"] + options)
        let database = world.home.file(".pki/nssdb")
        try world.run("mkdir", "-p", database).checked()
        try world.run("certutil", "-N", "-d", "sql:" + database, "--empty-password").checked()
        try world.run(
            "modutil", "-dbdir", "sql:" + database, "-force", "-add", "Martlet", "-libfile", module
        ).checked()
        try Self.chooseCertificates(world)
        conversation = try world.converse([
            "python3", PackageRoot.path + "/Tests/ModuleTests/Drivers/browser.py", world.home.path,
            world.home.file("chromium"),
        ])
        // The line with the version.
        _ = try conversation.ask("", timeout: 90)
    }

    /// Opens a page, and gives one PIN to each dialogue that asks for it.
    func open(_ name: String, pins: [String] = []) throws -> Page {
        let line = ["open", "https://localhost:\(TLSServer.port)/\(name)"] + pins
        let answer = try conversation.ask(line.joined(separator: " "), timeout: 60)
        return try JSONDecoder().decode(Page.self, from: Data(answer.utf8))
    }

    /// Lets Chromium take the certificate that fits, as an administrator does who spares people the question.
    private static func chooseCertificates(_ world: CardWorld) throws {
        try world.copySystemFolder("/etc/chromium")
        try world.run("mkdir", "-p", "/etc/chromium/policies/managed").checked()
        try world.writeSystemFile(
            #"{"AutoSelectCertificateForUrls": ["{\"pattern\": \"https://localhost:\#(TLSServer.port)\", \"filter\": {}}"]}"#,
            to: "/etc/chromium/policies/managed/card.json")
    }
}
