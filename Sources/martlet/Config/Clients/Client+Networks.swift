extension Client {
    /// Logins to networks, and disks.
    static let networks: [Client] = [
        Client(
            name: "kerberos", summary: "Kerberos' kinit with a certificate (PKINIT; package krb5-pkinit)",
            place: .shell, demand: .client, pin: "kinit asks for it at the terminal."
        ) {
            let identity = "PKCS11:module_name=\($0.module):token=\($0.tokenLabel):certid=\($0.id)"
            return ["kinit -X \("X509_user_identity=\(identity)".shellWord)"]
        },
        Client(
            name: "openvpn", summary: "OpenVPN's client, which shows the server the card's certificate",
            place: .file("the client's configuration, such as /etc/openvpn/client/card.conf"), demand: .client,
            pin: "openvpn asks for it at the terminal, or systemd-ask-password does.",
            advice: ["They stand in for the lines cert and key."]
        ) { ["pkcs11-providers \($0.moduleWord)", "pkcs11-id '\($0.serializedID)'"] },
        Client(
            name: "strongswan", summary: "strongSwan: swanctl and pki, with the key on the card",
            place: .rootShell, demand: .client, pin: "swanctl --load-creds and pki ask for it at the terminal.",
            advice: [
                "A connection names the certificate of the card by local { certs = card.pem }.",
                "Then: systemctl restart strongswan, and swanctl --load-all",
                "And: pki --req --type priv --keyid \(ClientContext.standIn)ID --dn CN=card, with the id of the key",
            ]
        ) {
            let module = ["plugins { pkcs11 { modules { martlet { path = \($0.module)", "} } } }"]
            return write(
                ["charon", "charon-systemd", "pki", "swanctl"].flatMap { ["\($0) {"] + module + ["}"] },
                to: "/etc/strongswan.d/martlet.conf")
                + [$0.certificateExport(to: "/etc/swanctl/x509/card.pem")]
                + write(
                    [
                        "secrets {", "    token-card {", "        module = martlet", "        handle = \($0.id)",
                        "    }", "}",
                    ],
                    to: "/etc/swanctl/conf.d/card.conf")
        },
        Client(
            name: "wpa_supplicant", summary: "wpa_supplicant, which logs in to a network by 802.1X (EAP-TLS)",
            place: .rootShell, demand: .client, pin: pin(in: ClientContext.servicePINFile),
            advice: [
                "The identity is an example, and ca_cert is to be added. For a wireless network put ssid and key_mgmt=WPA-EAP."
            ]
        ) {
            ["mkdir -p /etc/wpa_supplicant", $0.certificateExport(to: "/etc/wpa_supplicant/card.pem")]
                + write(
                    [
                        "pkcs11_engine_path=/usr/\(InstallLayout.libraryFolders[0])/engines-3/pkcs11.so",
                        "pkcs11_module_path=\($0.module)", "network={", "    key_mgmt=IEEE8021X", "    eap=TLS",
                        "    identity=\"card\"", "    client_cert=\"/etc/wpa_supplicant/card.pem\"", "    engine=1",
                        "    engine_id=\"pkcs11\"", "    key_id=\"\($0.uri(pinIn: ClientContext.servicePINFile))\"",
                        "}",
                    ], to: "/etc/wpa_supplicant/card.conf")
        },
        Client(
            name: "systemd-cryptenroll", summary: "A LUKS2 volume that the card unlocks at boot",
            place: .rootShell, demand: KeyDemand(purpose: .decryption, hasCertificate: true, isRSA: true),
            pin: "systemd-cryptenroll asks for it, and the console does at boot.", knowsEachUse: true,
            advice: ["YOUR-DEVICE is the encrypted partition, such as /dev/sdb1."]
        ) {
            [
                "systemd-cryptenroll --pkcs11-token-uri=\($0.idURI.shellWord) YOUR-DEVICE",
                "echo 'vault YOUR-DEVICE none pkcs11-uri=auto,token-timeout=150' >> /etc/crypttab",
            ]
        },
    ]
}
