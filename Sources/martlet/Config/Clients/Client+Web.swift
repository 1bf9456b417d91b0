extension Client {
    private static let pinAdvice = "With the PIN in the file: add ?pin-source=$HOME/.card-pin to the URI of the key."

    private static let serverAdvice =
        "The port is an example. The module must be registered with p11-kit, as martlet install leaves it."

    private static let usualPIN = "is asked for at the terminal. For a script it " + pin(in: "~/.card-pin")

    /// For OpenSSL as a TLS client with a key that makes no PSS signatures: TLS 1.3 demands them, TLS 1.2 does without.
    /// - Parameter file: a file to write it to.
    private static func withoutPSS(_ context: ClientContext, _ file: String) -> [String] {
        guard context.lacksPSS else { return [] }
        return write(
            [
                ".include /etc/ssl/openssl.cnf", "[openssl_init]", "ssl_conf = card_ssl", "[card_ssl]",
                "system_default = card_tls", "[card_tls]", "MinProtocol = TLSv1.2", "MaxProtocol = TLSv1.2",
                "SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512",
            ], to: file) + ["export OPENSSL_CONF=\(file)"]
    }

    /// The same for GnuTLS.
    static let priorityWithoutPSS =
        "NORMAL:-VERS-TLS1.3:-SIGN-RSA-PSS-RSAE-SHA256:-SIGN-RSA-PSS-RSAE-SHA384:-SIGN-RSA-PSS-RSAE-SHA512"

    /// Programs that speak TLS.
    static let web: [Client] = [
        Client(
            name: "curl", summary: "curl (with OpenSSL), which shows servers the card's certificate",
            place: .shell, demand: .client, pin: usualPIN,
            advice: [
                "Then: curl --config ~/.curl-card https://SERVER",
                pinAdvice,
            ]
        ) {
            ["export PKCS11_MODULE_PATH=\($0.moduleWord)"] + withoutPSS($0, "~/.openssl-card-tls.cnf")
                + write(
                    ["engine = pkcs11", "cert = \"\($0.certificateURI)\"", "key = \"\($0.uri)\""]
                        + ($0.lacksPSS ? ["tls-max = 1.2"] : []), to: "~/.curl-card")
        },
        Client(
            name: "wget", summary: "wget (with GnuTLS), which shows servers the card's certificate",
            place: .shell, demand: .client, pin: pin(in: "~/.card-pin"),
            advice: ["Then: wget --config ~/.wget-card https://SERVER"]
        ) {
            $0.registration
                + write(
                    ["certificate = \($0.certificateURI)", "private_key = \($0.uri(pinIn: $0.pinFile))"]
                        + ($0.lacksPSS ? ["ciphers = \(priorityWithoutPSS)"] : []), to: "~/.wget-card")
        },
        Client(
            name: "psql", summary: "PostgreSQL's client, which logs in by the card's certificate",
            place: .shell, demand: .client, pin: usualPIN,
            advice: [
                "Then: psql 'service=card host=SERVER dbname=DATABASE'",
                pinAdvice,
            ]
        ) {
            ["export PKCS11_MODULE_PATH=\($0.moduleWord)"] + withoutPSS($0, "~/.openssl-card-tls.cnf") + [
                "mkdir -p ~/.postgresql", "export PGSERVICEFILE=~/.postgresql/card.conf",
                $0.certificateExport(to: "~/.postgresql/card.pem"),
            ]
                + write(
                    [
                        "[card]", "sslmode=verify-full", "sslcert=\($0.home)/.postgresql/card.pem",
                        "sslkey=pkcs11:\($0.uri)",
                    ] + ($0.lacksPSS ? ["ssl_max_protocol_version=TLSv1.2"] : []), to: "~/.postgresql/card.conf")
        },
        Client(
            name: "nginx", summary: "nginx, whose TLS key is on the card",
            place: .rootShell, demand: .client, pin: pin(in: ClientContext.servicePINFile),
            advice: [
                serverAdvice,
                "Then: nginx -t, and systemctl restart nginx",
            ]
        ) {
            [$0.certificateExport(to: "/etc/ssl/certs/card.pem")]
                + write(["ssl_engine pkcs11;"], to: "/etc/nginx/modules-enabled/90-card.conf")
                + write(
                    [
                        "server {", "    listen 8443 ssl;", "    ssl_certificate /etc/ssl/certs/card.pem;",
                        "    ssl_certificate_key \"engine:pkcs11:\($0.uri(pinIn: ClientContext.servicePINFile))\";",
                        "}",
                    ], to: "/etc/nginx/conf.d/card.conf")
        },
        Client(
            name: "apache", summary: "Apache, whose TLS key is on the card",
            place: .rootShell, demand: .client, pin: pin(in: ClientContext.servicePINFile),
            advice: [
                serverAdvice,
                "Then: apachectl configtest, and systemctl restart apache2",
            ]
        ) {
            write(
                [
                    "Listen 8444", "<VirtualHost *:8444>", "    SSLEngine on",
                    "    SSLCertificateFile \"\($0.certificateURI)\"",
                    "    SSLCertificateKeyFile \"\($0.uri(pinIn: ClientContext.servicePINFile))\"", "</VirtualHost>",
                ], to: "/etc/apache2/sites-available/card.conf") + ["a2enmod -q ssl", "a2ensite -q card"]
        },
        Client(
            name: "stunnel",
            summary: "stunnel, which shows a TLS server the card's certificate for programs without TLS",
            place: .rootShell, demand: .client, pin: pin(in: ClientContext.servicePINFile),
            advice: ["The two addresses are examples.", "Then: stunnel /etc/stunnel/card.conf"]
        ) {
            [$0.certificateExport(to: "/etc/stunnel/card.pem")]
                + write(
                    [
                        "engine = pkcs11", "engineCtrl = MODULE_PATH:\($0.module)", "[card]", "client = yes",
                        "accept = 127.0.0.1:8080", "connect = localhost:4433", "checkHost = localhost",
                        "verifyChain = yes", "CAfile = /etc/ssl/certs/ca-certificates.crt", "engineId = pkcs11",
                        "cert = /etc/stunnel/card.pem", "key = \($0.uri(pinIn: ClientContext.servicePINFile))",
                    ]
                        + ($0.lacksPSS
                            ? [
                                "sslVersionMax = TLSv1.2",
                                "config = SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512",
                            ] : []),
                    to: "/etc/stunnel/card.conf")
        },
    ]
}
