import TestSupport
import Testing

/// The interfaces of the module: which there are, and the one attribute in which they differ.
@Suite struct InterfaceTests {
    private static let world = Result { try CardWorld(SimulatedCard(keys: ["9a=ed25519", "9d=x25519", "9e=p256"])) }

    private static func loggedIn() throws -> (CryptokiProcess, session: String) {
        let process = try CryptokiProcess(in: world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open \(process.first("A1 slots present")) ro")
        try process("A1 login \(session) user \(SimulatedCard.pin)")
        return (process, session)
    }

    /// A blank is written as an underscore. Clients that name no version, such as OpenSC's pkcs11-tool 0.26, know no 3.2.
    @Test(arguments: [
        ("PKCS_11 2.40", "2.40"), ("PKCS_11 3.0", "3.0"), ("PKCS_11 3.2", "3.2"), ("PKCS_11", "3.0"), ("null", "3.0"),
        ("null 3.0", "3.0"), ("PKCS_11 3.1", nil), ("PKCS_11 4.0", nil), ("PKCS11", nil), ("PKCS_11_", nil),
        ("Vendor", nil), ("Vendor 3.0", nil),
    ])
    func interfacesAreFoundByNameAndVersion(_ wanted: String, _ version: String?) throws {
        let process = try CryptokiProcess(in: Self.world.get())
        let answer = try process("A1 interface \(wanted)", version == nil ? "CKR_ARGUMENTS_BAD" : "CKR_OK")
        #expect(answer == (version.map { [$0] } ?? []))
    }

    /// The functions of 3.2 answer the bare point of an Ed25519 and an X25519 key, all others an OCTET STRING; a point in
    /// short Weierstrass form, of 65 bytes, has it everywhere.
    @Test(arguments: ["exported", "list", "2.40", "3.0", "3.2"])
    func aPointHasTheFormOfItsInterface(_ interface: String) throws {
        let (process, session) = try Self.loggedIn()
        for (id, bytes, isShort) in [("01", 32, false), ("03", 32, false), ("04", 65, true)] {
            let prefix = isShort ? "0441" : interface == "3.2" ? "" : "0420"
            for objectClass in ["public", "private"] {
                let key = try process.first("A1 find \(session) class=\(objectClass) id=hex:\(id)")
                let length = bytes + prefix.count / 2
                let point = try process.first("A1 point \(interface) \(session) \(key)")
                #expect(point.count == 2 * length && point.hasPrefix(prefix), "\(id): \(point)")
                #expect(try process("A1 point \(interface) \(session) \(key) ask") == ["\(length)"])
                #expect(try process("A1 point \(interface) \(session) \(key) \(length)") == [point])
                let short = try process("A1 point \(interface) \(session) \(key) \(length - 1)", "CKR_BUFFER_TOO_SMALL")
                #expect(short == ["unavailable"])
                // What an interface answers can be searched for.
                #expect(try process("A1 find \(session) class=\(objectClass) 0x181=hex:\(point)") == [key])
            }
        }
    }

    /// p11-kit takes the list of 2.40 until 0.24, and from 0.25 on the interface that comes without a version; what that
    /// answers, an OCTET STRING in both, is what its own clients see, who are of 2.40 too.
    @Test func p11kitForwardsTheFormOfTheInterfaceThatItTakes() throws {
        let world = try Self.world.get()
        try world.registerModule()
        let (own, session) = try Self.loggedIn()
        let proxied = try CryptokiProcess(in: world, module: SystemLibraries.folder + "/p11-kit-proxy.so")
        try proxied("A1 initialize")
        let theirs = try proxied.first("A1 open \(proxied.first("A1 slots present")) ro")
        for id in ["01", "03", "04"] {
            let key = try own.first("A1 find \(session) class=public id=hex:\(id)")
            let point = try own.first("A1 point 2.40 \(session) \(key)")
            let same = try proxied.first("A1 find \(theirs) class=public id=hex:\(id)")
            #expect(try proxied.first("A1 point list \(theirs) \(same)") == point)
            for form in ["2.40", "3.2"] {
                let given = try own.first("A1 point \(form) \(session) \(key)")
                #expect(try proxied("A1 find \(theirs) class=public 0x181=hex:\(given)") == [same])
            }
        }
    }

    /// GnuTLS, through p11-kit, and pkcs11-tool read the Ed25519 key as what it is, whichever interface they take.
    @Test func clientsReadAnEdwardsKey() throws {
        let world = try Self.world.get()
        try world.registerModule()
        let (own, session) = try Self.loggedIn()
        let key = try own.first("A1 find \(session) class=public id=hex:01")
        let point = try own.first("A1 point 3.2 \(session) \(key)")
        let exported = try world.run(
            "p11tool", "--batch", "--export", "pkcs11:token=Martlet%209a;id=%01;type=public"
        ).checked()
        let der = try Tool.run(
            ["openssl", "pkey", "-pubin", "-pubout", "-outform", "DER"], input: Array(exported.text.utf8)
        ).checked().output
        // SubjectPublicKeyInfo of Ed25519 (RFC 8410, section 4), and the 32 bytes.
        let digits = der.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digits == "302a300506032b6570032100" + point)
        let listed = try world.run(
            "pkcs11-tool", "--module", BuiltModule.path(), "--list-objects", "--type", "pubkey"
        ).checked().text
        #expect(listed.contains(point), "\(listed)")
    }
}
