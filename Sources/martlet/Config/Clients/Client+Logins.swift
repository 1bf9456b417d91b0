extension Client {
    /// Logins to this machine.
    static let logins: [Client] = [
        Client(
            name: "pam", summary: "PAM's profile for libpam-pkcs11",
            place: .file("/usr/share/pam-configs/martlet"),
            advice: ["Then: sudo pam-auth-update --enable martlet"], hasComments: false
        ) { _ in
            [
                "Name: Card in a reader, by Martlet", "Default: no", "Priority: 512", "Auth-Type: Primary", "Auth:",
                "\t[success=end default=ignore]\tpam_pkcs11.so",
            ]
        },
        Client(
            name: "pam-pkcs11", summary: "libpam-pkcs11, which asks for the PIN instead of the password",
            place: .file("/etc/pam_pkcs11/pam_pkcs11.conf"),
            advice: ["digest_mapping beside it names who may log in."], hasComments: false
        ) {
            [
                "pam_pkcs11 {", "  use_pkcs11_module = martlet;", "  pkcs11_module martlet {",
                "    module = \($0.module);",
                "    slot_description = \"none\";", "    cert_policy = signature;", "  }", "  use_mappers = digest;",
                "  mapper digest {", "    module = internal;", "    algorithm = \"sha256\";",
                "    mapfile = file:///etc/pam_pkcs11/digest_mapping;", "  }", "}",
            ]
        },
    ]
}
