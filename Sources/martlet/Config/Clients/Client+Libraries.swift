extension Client {
    /// What other programs use a module by.
    static let libraries: [Client] = [
        Client(
            name: "p11-kit", summary: "p11-kit, and with it GnuTLS, GLib and all that ask it for modules",
            place: .file("/etc/pkcs11/modules/martlet.module"), hasComments: false
        ) { ["module: \($0.module)"] },
        Client(
            name: "p11-kit-server", summary: "The card for another machine or a container, over a socket of p11-kit's",
            place: .shell, demand: KeyDemand(purpose: .authentication),
            pin: "the program on the other machine asks for it.", knowsEachUse: true,
            advice: [
                "Then: ssh -R /run/user/1000/card.sock:$HOME/card.sock SERVER",
                "There: export P11_KIT_SERVER_ADDRESS=unix:path=/run/user/1000/card.sock, and the module p11-kit-client.so",
            ]
        ) {
            ["p11-kit server --name ~/card.sock --provider \($0.moduleWord) \($0.tokenURI.shellWord)"]
        },
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
            name: "gnupg", summary: "GnuPG beside the module: scdaemon shares the card",
            place: .file("~/.gnupg/scdaemon.conf"), pin: "gpg asks for it by pinentry.", knowsEachUse: true
        ) { _ in ["disable-ccid", "pcsc-shared"] },
        Client(
            name: "gnupg-pkcs11-scd", summary: "GnuPG's gpgsm (S/MIME), by a scdaemon that uses the module",
            place: .shell, demand: KeyDemand(purpose: .authentication, hasCertificate: true, isRSA: true),
            pin: "gpgsm asks for it by pinentry.",
            advice: [
                "It knows RSA keys with certificates, all of them.",
                "It has a home of its own: gpg goes on with scdaemon, which it needs for an OpenPGP card.",
            ]
        ) {
            ["export GNUPGHOME=~/.gnupg-card", "mkdir -p -m 700 ~/.gnupg-card"]
                + write(
                    ["providers martlet", "provider-martlet-library \($0.module)"],
                    to: "~/.gnupg-card/gnupg-pkcs11-scd.conf")
                + [
                    "echo scdaemon-program /usr/bin/gnupg-pkcs11-scd >> ~/.gnupg-card/gpg-agent.conf",
                    "gpgsm --learn-card",
                ]
        },
    ]
}
