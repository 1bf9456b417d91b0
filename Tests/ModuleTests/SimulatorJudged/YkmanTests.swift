import TestSupport
import Testing

/// Where `ykman` is.
enum Ykman {
    static let folder = Tool.inheritedEnvironment["MARTLET_YKMAN"]
    static let missing = folder == nil ? "ykman is not here: .ci/clients 13 brings it" : nil
}

extension SimulatorJudged {
    /// The newest `ykman`, which PyPI has: `.ci/clients 13` installs it and names it in MARTLET_YKMAN.
    ///
    /// It opens a YubiKey by its management application, and asks PIV and OpenPGP what no other program here does.
    @Suite(.unless(missing: Ykman.missing)) struct YkmanTests {
        /// The serial number of cards of `martlet-card`, by which it is told that the reader's second slot is not meant.
        private static let serialNumber = "12345678"

        private func ykman(_ world: CardWorld, _ arguments: [String]) throws -> ToolResult {
            try world.run(
                ["python3", "-m", "ykman._cli", "--device", Self.serialNumber] + arguments,
                environment: ["PYTHONPATH": Ykman.folder ?? ""])
        }

        /// A card, and what `ykman info` says of it.
        struct Device: Sendable, CustomTestStringConvertible {
            let profile: String
            let type: String
            let version: String
            let form: String
            let openPGP: String
            var testDescription: String { profile }
        }

        static let devices = [
            Device(
                profile: "yubikey57", type: "YubiKey 5A", version: "5.7.1", form: "Keychain (USB-A)",
                openPGP: "Not available"),
            Device(
                profile: "yubikey57-both", type: "YubiKey 5A", version: "5.7.1", form: "Keychain (USB-A)",
                openPGP: "Enabled"),
            Device(
                profile: "yubikey57-fips", type: "YubiKey 5A FIPS", version: "5.7.4", form: "Keychain (USB-A)",
                openPGP: "Enabled"),
            Device(
                profile: "yubikey-bio", type: "YubiKey Bio - Multi-protocol Edition", version: "5.7.2",
                form: "Bio (USB-A)", openPGP: "Not available"),
            Device(
                profile: "yubikey52", type: "YubiKey 5A", version: "5.2.7", form: "Keychain (USB-A)",
                openPGP: "Not available"),
        ]

        @Test("info tells what the management application says", arguments: devices)
        func information(_ device: Device) throws {
            let world = try CardWorld(SimulatedCard(profile: device.profile, keys: []))
            let shown = try ykman(world, ["info"]).checked().text
            #expect(shown.contains("Device type: \(device.type)\n"), "\(shown)")
            #expect(shown.contains("Serial number: \(Self.serialNumber)\n"), "\(shown)")
            #expect(shown.contains("Firmware version: \(device.version)\n"), "\(shown)")
            #expect(shown.contains("Form factor: \(device.form)\n"), "\(shown)")
            #expect(shown.contains(/PIV +\tEnabled/), "\(shown)")
            #expect(try shown.contains(Regex("OpenPGP +\t\(device.openPGP)")), "\(shown)")
        }

        @Test("piv makes a key and its certificate, attests the key and changes the PIN")
        func piv() throws {
            let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)), home = world.home
            let officer = ["--management-key", SimulatedCard.managementKey]
            try ykman(world, ["piv", "keys", "generate", "--algorithm", "ECCP384"] + officer + ["9a", "key.pem"])
                .checked()
            try ykman(
                world,
                ["piv", "certificates", "generate", "--subject", "CN=judged", "--pin", SimulatedCard.pin] + officer
                    + ["9a", "key.pem"]
            ).checked()
            try ykman(world, ["piv", "certificates", "export", "9a", "certificate.pem"]).checked()
            let certificate = home.file("certificate.pem")
            try Tool.run("openssl", "verify", "-check_ss_sig", "-CAfile", certificate, certificate).checked()
            try ykman(world, ["piv", "keys", "attest", "9a", "attestation.pem"]).checked()
            let attested = try Tool.run("openssl", "x509", "-in", home.file("attestation.pem"), "-noout", "-pubkey")
            #expect(try attested.output == home.read("key.pem"), "\(attested)")

            try ykman(
                world, ["piv", "access", "change-pin", "--pin", SimulatedCard.pin, "--new-pin", "654321"]
            ).checked()
            let status = try ykman(world, ["piv", "info"]).checked().text
            #expect(status.contains(/PIN tries remaining: +3\/3/) && !status.contains("default PIN!"), "\(status)")
            #expect(status.contains("default PUK!") && status.contains(/Management key algorithm: AES192/), "\(status)")
            #expect(status.contains(/Slot 9A \(AUTHENTICATION\):\n +Private key type: ECCP384\n/), "\(status)")
        }

        @Test("openpgp shows the application and its keys")
        func openPGP() throws {
            let world = try CardWorld(
                SimulatedCard(profile: "yubikey57-both", keys: ["sig=rsa2048", "dec=x25519", "aut=ed25519"]))
            let shown = try ykman(world, ["openpgp", "info"]).checked().text
            #expect(shown.contains(/OpenPGP version: +3\.4\n/) && shown.contains(/Admin PIN tries remaining: +3\n/))
            for (slot, algorithm) in [("sig", "RSA2048"), ("dec", "X25519"), ("aut", "Ed25519")] {
                let key = try ykman(world, ["openpgp", "keys", "info", slot]).checked().text
                #expect(key.lowercased().contains("algorithm:    \(algorithm.lowercased())\n"), "\(key)")
            }
        }
    }
}
