import TestSupport
import Testing

/// CKA_EC_POINT of an Ed25519 key: PKCS #11 2.40's clients want an OCTET STRING around it, 3.2 has the bytes bare. Each
/// client here reads the key as it is, whichever form it asks for.
@Suite struct PointFormClientTests {
    /// A program that prints a public key, or writes it to the file `key`, in PEM.
    struct Reader: Sendable, CustomTestStringConvertible {
        let name: String
        /// The first release of Debian whose version of it can read such a key.
        let since: Int
        let command: @Sendable (_ module: String) -> [String]
        var testDescription: String { name }
    }

    private static let uri = "pkcs11:id=%01;type=public"
    private static func readObject(_ module: String) -> [String] {
        ["pkcs11-tool", "--module", module, "--read-object", "--type", "pubkey", "--id", "01", "--output-file", "key"]
    }

    static let readers = [
        // OpenSC 0.23 has no code that writes them.
        Reader(name: "pkcs11-tool", since: 13, command: readObject),
        Reader(name: "pkcs11-tool through p11-kit's proxy", since: 13) { _ in
            readObject(SystemLibraries.folder + "/p11-kit-proxy.so")
        },
        Reader(name: "p11tool of GnuTLS", since: 12) { module in
            [
                "p11tool", "--batch", "--login", "--set-pin", SimulatedCard.pin, "--provider", module,
                "--export-pubkey", uri,
            ]
                + ["--outfile", "key"]
        },
        Reader(name: "OpenSSL with pkcs11-provider", since: 13) { _ in
            ["openssl", "pkey", "-pubin", "-in", uri, "-pubout", "-out", "key"]
        },
    ]

    @Test("A client reads an Ed25519 key", arguments: readers)
    func reads(_ reader: Reader) throws {
        guard Debian.release >= reader.since else {
            try Test.cancel("\(reader.name) can do so from Debian \(reader.since) on")
        }
        let bench = try Workbench(TestedCard.piv(["ed25519"])), world = bench.world
        try world.registerModule()
        var environment: [String: String] = [:]
        if OpenSSLProvider.missing == nil {
            environment = try OpenSSLProvider(world: world, module: bench.tool.module).environment
        }
        try world.run(reader.command(bench.tool.module), environment: environment).checked()
        let wanted = try Tool.run("openssl", "pkey", "-pubin", "-in", bench.certificate(bench.card.keys[0]).publicKey())
        #expect(try world.home.read("key") == wanted.output)
    }

    /// OpenSC 0.26 gives the key that it has read to C_CreateObject, as an OCTET STRING; the key is on the card already.
    @Test("pkcs11-tool writes the public key that is there")
    func writes() throws {
        guard Debian.release >= 13 else { try Test.cancel("pkcs11-tool can do so from Debian 13 on") }
        let world = try CardWorld(
            SimulatedCard(keys: ["9a=ed25519"], arguments: SimulatedCard.withProtectedManagementKey.arguments))
        let tool = try PKCS11Tool(world: world, module: BuiltModule.path())
        let about = ["--type", "pubkey", "--id", "01"]
        try tool.run(["--read-object", "--output-file", "key"] + about).checked()
        try tool.runLoggedIn(["--write-object", "key"] + about).checked()
        #expect(try tool.run(["--list-objects", "--type", "pubkey"]).text.matches(of: /Public Key Object/).count == 1)
    }

    /// OpenSSH takes Ed25519 keys from a module from version 10.1 on, which no release of Debian has yet. These are the calls
    /// of its `ssh-pkcs11.c` (`pkcs11_fetch_ed25519_pubkey`, `pkcs11_get_key`, `pkcs11_sign_ed25519`): the point in an OCTET
    /// STRING or bare, the curve by its object identifier or as "edwards25519", and CKM_EDDSA without a parameter into a
    /// buffer of 64 bytes.
    @Test("What OpenSSH 10.1 asks for is there", arguments: ["9a=ed25519", "sig=ed25519", "aut=ed25519"])
    func openSSH(_ key: String) throws {
        let isPIV = key.hasPrefix("9a")
        let world = try CardWorld(SimulatedCard(profile: isPIV ? "yubikey57" : "openpgp34", keys: [key]))
        let process = try CryptokiProcess(in: world)
        try process("A initialize")
        let session = try process.first("A open \(process.first("A slots present")) ro")
        let handle = try process.first("A find \(session) class=public key-type=edwards")
        let found = try process("A get \(session) \(handle) id ec-point ec-params")
        try #require(found.count == 3)
        #expect(found[1].hasPrefix("0420") && found[1].count == 68, "\(found)")
        #expect(found[2] == "06032b6570")

        try process("A login \(session) user \(SimulatedCard.pin)")
        let signer = try process.first("A find \(session) class=private id=hex:\(found[0]) sign=true")
        try process("A sign-init \(session) CKM_EDDSA \(signer)")
        let signature = try process("A sign \(session) message 64")
        #expect(signature.first == "64")
        // A SubjectPublicKeyInfo of Ed25519 (RFC 8410) is this head and the key.
        let home = world.home
        try home.write(bytes("302a300506032b6570032100" + found[1].dropFirst(4)), to: "key.der")
        try home.write(bytes(signature[1]), to: "signature")
        try Tool.run(
            "openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", home.file("key.der"), "-rawin",
            "-in",
            home.write("message", to: "message"), "-sigfile", home.file("signature")
        ).checked()
    }

    private func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
    }
}
