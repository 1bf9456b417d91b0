import TestSupport
import Testing

/// The attributes of a card's objects, for each type of key, in the encodings that the standard names.
@Suite struct AttributeTests {
    private static let world = Result {
        try CardWorld(SimulatedCard(keys: ["9a=rsa2048", "9c=p384", "9d=x25519", "9e=ed25519"]))
    }

    /// A key (its id), the class, the attribute by its number, and its value in hexadecimal; "-" where it is empty.
    @Test(arguments: [
        ("01", "private", "0x100", "0000000000000000"), ("01", "public", "0x122", "010001"),
        ("01", "public", "0x121", "0008000000000000"), ("01", "private", "0x108", "01"),
        ("01", "private", "0x105", "01"),
        ("01", "private", "0x202", "00"), ("01", "private", "0x103", "01"), ("01", "private", "0x162", "00"),
        ("01", "private", "0x163", "01"), ("01", "private", "0x164", "01"), ("01", "private", "0x165", "01"),
        ("01", "private", "0x10c", "00"), ("01", "private", "0x110", "-"),
        ("01", "private", "0x166", "ffffffffffffffff"), ("01", "public", "0x10a", "01"), ("01", "public", "0x1", "01"),
        ("02", "private", "0x100", "0300000000000000"), ("02", "private", "0x202", "01"),
        // secp384r1, and a point of 97 bytes in an OCTET STRING.
        ("02", "public", "0x180", "06052b81040022"), ("02", "public", "0x181", "046104…"),
        // X25519 and Ed25519 (RFC 8410): CKK_EC_MONTGOMERY, CKK_EC_EDWARDS.
        ("03", "private", "0x100", "4100000000000000"), ("03", "public", "0x180", "06032b656e"),
        ("03", "public", "0x181", "0420…"), ("03", "private", "0x108", "00"),
        ("04", "private", "0x100", "4000000000000000"), ("04", "public", "0x180", "06032b6570"),
        ("04", "public", "0x181", "0420…"), ("04", "private", "0x2", "00"),
        // CKA_ALLOWED_MECHANISMS of an Ed25519 key: CKM_EDDSA.
        ("04", "private", "0x40000600", "5710000000000000"),
    ])
    func keysHave(_ id: String, _ objectClass: String, _ attribute: String, _ value: String) throws {
        let (process, session) = try Self.loggedIn()
        let key = try process.first("A1 find \(session) class=\(objectClass) id=hex:\(id)")
        let answer = try process.first("A1 get \(session) \(key) \(attribute)")
        #expect(value.hasSuffix("…") ? answer.hasPrefix(value.dropLast()) : answer == value)
        // Whatever can be read can be searched for.
        guard value != "-", !value.hasSuffix("…") else { return }
        let found = try process("A1 find \(session) class=\(objectClass) id=hex:\(id) \(attribute)=hex:\(value)")
        #expect(found == [key])
    }

    /// A certificate's attributes are those of its DER, as openssl reads it.
    @Test func certificatesTellOfThemselves() throws {
        let (process, session) = try Self.loggedIn()
        let certificate = try process.first("A1 find \(session) class=certificate id=hex:01")
        let der = try process.first("A1 get \(session) \(certificate) value")
        let text = try Tool.run(
            [
                "openssl", "x509", "-inform", "DER", "-noout", "-serial", "-startdate", "-fingerprint", "-dateopt",
                "iso_8601",
            ],
            input: bytes(der)
        ).checked().text
        let serial = try process.first("A1 get \(session) \(certificate) 0x82")
        // DER of an INTEGER: tag, length, and a zero where the first bit is set.
        let digits = try #require(text.firstMatch(of: /serial=(\w+)/)).1.lowercased()
        #expect(serial.dropFirst(4).drop { $0 == "0" } == digits.drop { $0 == "0" })
        let start = try #require(text.firstMatch(of: /notBefore=(\d+)-(\d+)-(\d+)/))
        #expect(
            try process.first("A1 get \(session) \(certificate) 0x110") == "\(start.1)\(start.2)\(start.3)".hexadecimal)
        // CKA_CHECK_VALUE: the first three bytes of the SHA-1 fingerprint.
        let fingerprint = try #require(text.firstMatch(of: /Fingerprint=(\w\w):(\w\w):(\w\w)/))
        let check = try process.first("A1 get \(session) \(certificate) 0x90")
        #expect(check == "\(fingerprint.1)\(fingerprint.2)\(fingerprint.3)".lowercased())
        #expect(try process.first("A1 get \(session) \(certificate) 0x80") == "0000000000000000")
    }

    /// Several at once: what is there is given though others are not, and one code tells of a problem.
    @Test(arguments: [
        ("class value-len label", "CKR_ATTRIBUTE_TYPE_INVALID", "0300000000000000 unavailable 50495620415554482…"),
        ("private-exponent id", "CKR_ATTRIBUTE_SENSITIVE", "unavailable 01"),
        ("id id id", "CKR_OK", "01 01 01"), ("", "CKR_OK", ""),
    ])
    func severalAttributesAtOnce(_ attributes: String, _ code: String, _ values: String) throws {
        let (process, session) = try Self.loggedIn()
        let key = try process.first("A1 find \(session) class=private id=hex:01")
        let answer = try process("A1 get \(session) \(key) \(attributes)", code).joined(separator: " ")
        #expect(values.hasSuffix("…") ? answer.hasPrefix(values.dropLast()) : answer == values)
    }

    /// The name of an object that is the same in another process, and after another login.
    @Test func uniqueIdentifiersLast() throws {
        var seen: Set<[String]> = []
        for _ in 0..<2 {
            let (process, session) = try Self.loggedIn()
            let objects = try process("A1 find \(session) token=true")
            let names = try objects.map { try process.first("A1 get \(session) \($0) unique-id") }
            #expect(Set(names).count == objects.count && objects.count > 12)
            seen.insert(names)
        }
        #expect(seen.count == 1)
    }

    private static func loggedIn() throws -> (CryptokiProcess, String) {
        let process = try CryptokiProcess(in: world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user \(SimulatedCard.pin)")
        return (process, session)
    }

    private func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
    }
}
