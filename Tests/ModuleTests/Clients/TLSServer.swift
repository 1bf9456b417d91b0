import TestSupport

/// OpenSSL's server in a world, which demands a certificate that it has been told of, and shows it on a page.
struct TLSServer {
    static let port = "4433"
    /// The file with the certificate that a client may believe.
    let certificate: String

    /// Starts the server and waits until it listens.
    /// - Parameter options: such as `-tls1_2`, or the algorithms that the client may sign with.
    init(_ world: CardWorld, trusting client: String, _ options: [String]) throws {
        let home = world.home
        certificate = home.file("server.pem")
        try Tool.run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-keyout", home.file("server.key"), "-out", certificate
        ).checked()
        _ = try world.startInBackground(
            ["openssl", "s_server", "-accept", Self.port, "-key", home.file("server.key"), "-cert", certificate]
                + ["-Verify", "1", "-verify_return_error", "-CAfile", client, "-www"] + options,
            log: "server.log")
        try Self.awaitListening(world)
    }

    /// Waits until a server listens.
    static func awaitListening(_ world: CardWorld) throws {
        try Deadline.wait(for: "s_server") {
            try world.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)").succeeded
        }
    }
}
