import Foundation
import TestSupport
import Testing

/// `martlet list` and `martlet info`.
@Suite struct ListTests {
    /// A key as `list` is to show it: its name, id, algorithm, usage, PIN policy, touch policy, origin, and whether it
    /// has a certificate.
    struct Row: Equatable, CustomStringConvertible {
        let description: String

        init(_ text: String) { description = text }

        init(_ key: Inventory.Key) {
            description = [
                key.key, key.id, key.algorithm ?? "?", key.usage.joined(separator: "+"), key.pinPolicy ?? "?",
                key.touchPolicy ?? "?", key.origin ?? "?", key.certificate == nil ? "bare" : "certified",
            ].joined(separator: " | ")
        }
    }

    @Test(
        "Keys, algorithms and policies, as a script reads them",
        arguments: [
            (
                SimulatedCard(keys: ["9a=rsa2048", "9c=p256,touch=always", "9d=x25519,nocert", "9e=ed25519"]),
                [
                    "9A | 01 | RSA 2048 | sign+decrypt | once | never | generated | certified",
                    "9C | 02 | P-256 | sign+derive | always | always | generated | certified",
                    "9D | 03 | X25519 | derive | once | never | generated | bare",
                    "9E | 04 | Ed25519 | sign | never | never | generated | certified",
                ]
            ),
            (
                SimulatedCard(profile: "plain-piv", keys: ["9a=rsa2048", "9c=p384"]),
                [
                    "9A | 01 | RSA 2048 | sign+decrypt | once | never | unknown | certified",
                    "9C | 02 | P-384 | sign | always | never | unknown | certified",
                ]
            ),
            (
                SimulatedCard(profile: "openpgp34", keys: ["sig=p384", "dec=rsa3072", "aut=ed25519,nocert"]),
                [
                    "SIG | 01 | P-384 | sign | always | never | generated | certified",
                    "DEC | 02 | RSA 3072 | sign+decrypt | once | never | generated | certified",
                    "AUT | 03 | Ed25519 | sign | once | never | generated | bare",
                ]
            ),
        ])
    func keys(_ card: SimulatedCard, _ expected: [String]) throws {
        let reader = try #require(MartletCommand(card).json("list").readers.first)
        #expect(reader.card == "usable")
        #expect(reader.name == "Yubico YubiKey OTP+FIDO+CCID 00 00")
        #expect(reader.tokens.flatMap(\.keys).map(Row.init) == expected.map(Row.init))
    }

    @Test("Who the token is, and what openssl says of its certificate")
    func details() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        let readers = try martlet.json("list").readers
        #expect(readers.map(\.card) == ["usable", "absent"])
        let token = try #require(readers.first?.tokens.first)
        #expect(token.application == "PIV" && token.label == "Martlet 9a")
        #expect(token.manufacturer == "Yubico" && token.model == "YubiKey 5 PIV")
        #expect(token.shortestPIN == 6 && token.longestPIN == 8)
        #expect(token.pinTriesLeft == 3 && token.pinTriesInAll == 3)
        #expect(token.dataObjects == [])
        let certificate = try #require(token.keys.first?.certificate)
        let pem = try martlet.run("certificate", "export", "9a").checked().output
        let told = try martlet.tool(
            "openssl", "x509", "-noout", "-serial", "-startdate", "-enddate", "-fingerprint", "-sha256", "-subject",
            "-issuer", "-nameopt", "RFC2253", "-dateopt", "iso_8601", input: pem
        ).lines.map { $0.split(separator: "=", maxSplits: 1).last.map(String.init) ?? "" }
        #expect(
            [
                certificate.serialNumber, certificate.notBefore.replacingOccurrences(of: "T", with: " "),
                certificate.notAfter.replacingOccurrences(of: "T", with: " "), certificate.sha256, certificate.subject,
                certificate.issuer,
            ] == told.map { $0.replacingOccurrences(of: ":", with: $0.count > 90 ? "" : ":") })
        #expect(!certificate.isExpired)
        let informed = try #require(martlet.json("info").readers.first?.tokens.first)
        #expect(informed.dataObjects.contains("X.509 Certificate for PIV Authentication"))
        #expect(informed.keys.map(\.key) == ["9A", "F9"])
    }

    @Test("PIV and OpenPGP of one card, chosen by application, reader and serial number")
    func choice() throws {
        let martlet = try MartletCommand(
            SimulatedCard(profile: "yubikey57-both", keys: ["9a=p256", "sig=p256", "aut=p256"]))
        let tokens = try #require(martlet.json("list").readers.first?.tokens)
        #expect(tokens.map(\.application) == ["PIV", "OpenPGP"])
        let serial = try #require(tokens.first?.serialNumber)
        #expect(
            try martlet.json("list", "--serial", serial.uppercased()).readers.first?.tokens.map(\.serialNumber)
                == [serial])
        // What is printed on it names both; what gpg shows, as serial number and as Application ID, one.
        #expect(try martlet.json("list", "--serial", "12345678").readers.first?.tokens.count == 2)
        let status = try martlet.tool("gpg", "--no-tty", "--batch", "--card-status").lines
        try martlet.tool("gpgconf", "--kill", "scdaemon")
        for title in ["Application ID", "Serial number"] {
            let line = try #require(status.first { $0.hasPrefix(title) })
            let shown = line.split(separator: ":").last.map { $0.filter { $0 != " " } } ?? ""
            #expect(
                try martlet.json("list", "--serial", shown).readers.first?.tokens.map(\.application).contains("OpenPGP")
                    == true, "\(line)")
        }
        #expect(try martlet.json("list", "--reader", "yubikey").readers.count == 2)
        let nothing = try martlet.run(["list", "--reader", "nothing"])
        #expect(nothing.ending == .exited(69), "\(nothing)")
        #expect(nothing.errorText.contains("there are no readers with 'nothing' in their names"), "\(nothing)")
        for (arguments, expected) in [
            (["list"], ["9A ", "SIG ", "AUT ", "CN=Martlet 9a"]), (["info", "sig"], ["SIG Signature key", "P-256"]),
            (["info"], ["PIN tries left", "Answer to reset", "F9 Certificate for Attestation"]),
        ] {
            let text = try martlet.run(arguments).checked().text
            for part in expected { #expect(text.contains(part), "\(part) in \(text)") }
        }
    }

    @Test("A key that no index tells of is found where all are sought")
    func retired() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256", "95=p256,nocert"]))
        #expect(try martlet.json("list").readers.first?.tokens.first?.keys.map(\.key) == ["9A"])
        #expect(try martlet.json("list", "--all").readers.first?.tokens.first?.keys.map(\.key) == ["9A", "95", "F9"])
    }

    @Test("A certificate that is there and cannot be read is told as that, and its bytes are written")
    func unreadable() throws {
        let card = SimulatedCard(keys: ["9a=p256"], arguments: ["--quirk", "certificate-unreadable"])
        let martlet = try MartletCommand(card)
        #expect(try martlet.run("list").checked().text.contains("unreadable"))
        #expect(try martlet.run("info", "--json").checked().text.contains("its 26 bytes are packed in a way"))
        #expect(try martlet.run("certificate", "export", "9a").checked().output.prefix(2) == [0x7F, 0x21])
        #expect(try martlet.run("doctor").text.contains("cannot be read"))
        // A plain card shows its key by the certificate alone: that it is there is told all the same.
        let plain = try MartletCommand(
            SimulatedCard(profile: "plain-piv", keys: ["9a=p256"], arguments: ["--quirk", "certificate-unreadable"]))
        #expect(try plain.run("list").checked().text.contains("unreadable"))
    }

    @Test("RSA keys of a YubiKey 4 with ROCA are told of")
    func weak() throws {
        let martlet = try MartletCommand(SimulatedCard(profile: "yubikey42", keys: ["9a=rsa2048", "9c=p256"]))
        let text = try martlet.run("list").checked().text
        #expect(text.contains("RSA 2048, weak (ROCA)") && text.contains("P-256 "))
        #expect(try martlet.run("doctor").text.contains("CVE-2017-15361"))
        #expect(try !martlet.run("generate", "9d", "--algorithm", "rsa2048").succeeded)
    }

    @Test("What it costs, in APDUs")
    func cost() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: SimulatedCard.fourKeys))
        // SELECT of OpenPGP and PIV; four certificates, CHUID, PIN metadata, Key History; metadata of four keys; the number that
        // is printed on the card.
        let listing = try martlet.world.apduLog { try martlet.run("list").checked() }
        #expect(listing.count == 14, "\(listing)")
        #expect(try martlet.world.apduLog { try martlet.run("info", "9a").checked() }.count < 60)
    }

    @Test("A card in use by another program is shown as such, and the reader is named")
    func held() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: ["9a=p256"]))
        try martlet.world.whileHeld("exclusive") { _ in
            let reader = try #require(martlet.json("list").readers.first)
            #expect(reader.card == "unusable" && reader.tokens.isEmpty)
            #expect(reader.problem?.contains("another program has the card for itself") == true)
        }
    }
}
