extension Client {
    /// What other programs use a module by.
    static let libraries: [Client] = [
        Client(
            name: "p11-kit", summary: "p11-kit, and with it GnuTLS, GLib and all that ask it for modules",
            place: .file("/etc/pkcs11/modules/martlet.module"), hasComments: false
        ) { ["module: \($0.module)"] },
        Client(
            name: "nss", summary: "NSS's programs (certutil, pdfsig), by a database in the home directory",
            place: .shell, pin: "each program asks for it, or takes a file by -f.", knowsEachUse: true
        ) {
            [
                "mkdir -p ~/.pki/nssdb",
                "[ -e ~/.pki/nssdb/cert9.db ] || certutil -N -d sql:$HOME/.pki/nssdb --empty-password",
                "modutil -force -dbdir sql:$HOME/.pki/nssdb -add Martlet -libfile \($0.moduleWord)",
            ]
        },
        Client(
            name: "openssl", summary: "OpenSSL by libp11's engine (libengine-pkcs11-openssl)",
            place: .file("openssl.cnf"), pin: "openssl asks for it at the terminal."
        ) { ["[pkcs11_section]", "engine_id = pkcs11", "MODULE_PATH = \($0.module)"] },
        Client(
            name: "java", summary: "Java, by the configuration file of SunPKCS11",
            place: .file("martlet.cfg"), pin: "keytool and jarsigner ask for it as the key store's password."
        ) { ["name = Martlet", "library = \($0.module)"] },
        Client(
            name: "gnupg", summary: "GnuPG beside the module: scdaemon shares the card",
            place: .file("~/.gnupg/scdaemon.conf"), pin: "gpg asks for it by pinentry.", knowsEachUse: true
        ) { _ in ["disable-ccid", "pcsc-shared"] },
    ]
}
