extension Client {
    /// Programs that sign other programs.
    static let signers: [Client] = [
        Client(
            name: "osslsigncode", summary: "osslsigncode, which signs programs for Windows",
            place: .shell, demand: .signer, pin: "osslsigncode asks for it at the terminal.",
            advice: ["The program is an example: put your own for app.exe."]
        ) {
            [
                $0.certificateExport(to: "card.pem"),
                "osslsigncode sign -pkcs11module \($0.moduleWord) -certs card.pem -key \($0.uri.shellWord) "
                    + "-in app.exe -out app-signed.exe",
            ]
        },
        Client(
            name: "sbsign", summary: "sbsign, which signs boot loaders and kernels for UEFI's secure boot",
            place: .shell, demand: KeyDemand(purpose: .signature, hasCertificate: true, isRSA: true),
            pin: "sbsign asks for it at the terminal.", advice: ["The file is an example: put your own for boot.efi."]
        ) {
            [
                "export PKCS11_MODULE_PATH=\($0.moduleWord)",
                $0.certificateExport(to: "card.pem"),
                "sbsign --engine pkcs11 --key \($0.uri.shellWord) --cert card.pem --output boot-signed.efi boot.efi",
            ]
        },
        Client(
            name: "sign-file", summary: "The kernel's sign-file, which signs modules (package linux-kbuild)",
            place: .shell, demand: .signer, pin: "openssl asks for it at the terminal.",
            advice: [
                "sign-file itself wants pkcs11-provider, which Debian 12 has not: openssl signs, and sign-file appends it.",
                "The module is an example: put your own for driver.ko.",
            ]
        ) {
            [
                "export PKCS11_MODULE_PATH=\($0.moduleWord)",
                $0.certificateExport(to: "card.pem"),
                "openssl cms -sign -engine pkcs11 -keyform engine -inkey \($0.uri.shellWord) -signer card.pem -binary -noattr "
                    + "-nocerts -md sha256 -outform DER -in driver.ko -out driver.p7s",
                "\"$(ls /usr/lib/linux-kbuild-*/scripts/sign-file | tail -n 1)\" -s driver.p7s sha256 card.pem driver.ko "
                    + "driver-signed.ko",
            ]
        },
    ]
}
