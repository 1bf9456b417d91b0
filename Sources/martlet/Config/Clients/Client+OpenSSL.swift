extension Client {
    private static func engine(_ context: ClientContext, _ command: String, key option: String = "-key") -> String {
        "openssl \(command) -engine pkcs11 -keyform engine \(option) \(context.uri.shellWord)"
    }

    private static let asks = "openssl asks for it at the terminal."

    /// OpenSSL's own program.
    static let openSSL: [Client] = [
        Client(
            name: "openssl", summary: "OpenSSL by libp11's engine (package libengine-pkcs11-openssl)",
            place: .shell, demand: KeyDemand(purpose: .signature), pin: asks
        ) {
            [
                "export PKCS11_MODULE_PATH=\($0.moduleWord)",
                "\(engine($0, "req -new")) -subj /CN=card -out card.csr",
                "\(engine($0, "dgst -sha256", key: "-sign")) -out card.csr.sig card.csr",
            ]
        },
        Client(
            name: "openssl-provider", summary: "OpenSSL 3.2 and newer by pkcs11-provider (Debian 13)",
            place: .shell, demand: KeyDemand(purpose: .signature), pin: asks, knowsEachUse: true
        ) {
            write(
                [
                    ".include /etc/ssl/openssl.cnf", "[openssl_init]", "providers = card_providers", "[card_providers]",
                    "default = card_default", "pkcs11 = card_pkcs11", "[card_default]", "activate = 1", "[card_pkcs11]",
                    "pkcs11-module-path = \($0.module)", "activate = 1",
                ], to: "~/.openssl-card.cnf")
                + [
                    "export OPENSSL_CONF=~/.openssl-card.cnf",
                    "openssl req -new -key \($0.uri.shellWord) -subj /CN=card -out card.csr",
                    "openssl dgst -sha256 -sign \($0.uri.shellWord) -out card.csr.sig card.csr",
                ]
        },
        Client(
            name: "openssl-cms", summary: "OpenSSL's signed messages (CMS, S/MIME) by the engine",
            place: .shell, demand: .signer, pin: asks
        ) {
            [
                "export PKCS11_MODULE_PATH=\($0.moduleWord)",
                $0.certificateExport(to: "card.pem"),
                "\(engine($0, "cms -sign -binary -nodetach", key: "-inkey")) -signer card.pem -in card.pem -outform DER "
                    + "-out card.p7m",
            ]
        },
        Client(
            name: "openssl-ca", summary: "OpenSSL's authority, whose key on the card signs certificates",
            place: .shell, demand: KeyDemand(purpose: .signature), pin: asks,
            advice: ["The name and the request are examples: put your own for \"Card CA\" and example.csr."]
        ) {
            [
                "mkdir -p card-ca/new && touch card-ca/index.txt",
                "[ -e card-ca/serial ] || echo 01 > card-ca/serial",
                "export PKCS11_MODULE_PATH=\($0.moduleWord)",
                "[ -e card-ca/ca.pem ] || \(engine($0, "req -x509 -new")) -subj '/CN=Card CA' -days 3650 -out card-ca/ca.pem",
            ]
                + write(
                    [
                        "[ca]", "default_ca = card", "[card]", "database = card-ca/index.txt",
                        "serial = card-ca/serial",
                        "new_certs_dir = card-ca/new", "certificate = card-ca/ca.pem", "default_md = sha256",
                        "default_days = 365", "policy = any", "[any]", "commonName = supplied",
                    ], to: "card-ca/ca.cnf")
                + [
                    "openssl req -new -newkey rsa:2048 -nodes -subj /CN=example -keyout example.key -out example.csr",
                    "\(engine($0, "ca -batch", key: "-keyfile")) -config card-ca/ca.cnf -in example.csr -out example.pem",
                ]
        },
    ]
}
