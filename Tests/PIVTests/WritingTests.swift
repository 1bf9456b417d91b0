import Certificates
import HostCrypto
import ISO7816
import PIV
import Testing
import Token
import VirtualCard

@Suite("What is written") struct WritingTests {
    /// Certificates of random keys; the first two are of one key.
    static let certificates: [[UInt8]] = {
        let pairs = (0..<2).compactMap { _ in try? PrivateKey.generate(.ec(.p256)) }
        return [(0, "one"), (0, "one again"), (1, "two")].compactMap { try? certificate(pairs[$0], $1) }
    }()

    static func certificate(_ key: PrivateKey, _ name: String) throws -> [UInt8] {
        try CertificateBuilder(
            subject: DistinguishedName(commonName: name), serialNumber: [0x01],
            notBefore: CalendarTime(year: 2024, month: 1, day: 1),
            notAfter: CalendarTime(year: 2049, month: 12, day: 31)
        ).selfSigned(by: key)
    }

    static let placement: [(ObjectReference, [UInt8])] =
        [
            (0x5FC102, [0x30, 0x00]), (0x5FC107, [0xF0, 0x00]), (0x5FC103, [0xBC, 0x00]), (0x5FC109, [0x01, 0x00]),
            (0x5FC106, [0xBA, 0x00]), (0x5FC10C, [0xC1, 0x01, 0x00]), (0x5FC121, [0xBC, 0x00]),
            (0x7F61, [0x02, 0x01, 0x00]), (0x5FC122, [0x70, 0x00]), (0x5FC123, [0x99, 0x00]), (0x5FC105, [0x70, 0x00]),
            (0x5FC120, [UInt8](repeating: 0x42, count: 2_000)),
        ].map { (ObjectReference(.data, $0), $1) }
        + [0x9A, 0x9C, 0x9D, 0x9E, 0x82, 0x95].map { (ObjectReference(.certificate, $0), certificates[0]) }

    /// Each container that PUT DATA may write, on each kind of card: what was written is known without reading, read by
    /// another process, and gone after `delete`.
    @Test(arguments: placement.indices, [CardProfile.yubiKey57, .yubiKeyShort, .plain])
    func goesWhereItBelongs(_ index: Int, _ profile: CardProfile) throws {
        let (object, value) = Self.placement[index]
        let simulated = try SimulatedToken(profile, keys: [])
        try simulated.loginAdministrator()
        for round in 0..<2 {
            let revision = simulated.token.revision(of: object)
            try simulated.token.write(value, to: object)
            // A certificate that is written is another object; a data object has another value.
            #expect(simulated.token.revision(of: object) == revision + (object.kind == .certificate ? 1 : 0))
            var present: [ObjectReference] = []
            let commands = try simulated.commands {
                present = try simulated.token.present(among: [object], areNamed: true)
            }
            #expect(present == [object] && commands.isEmpty)
            if round == 0 { continue }
            let other = try simulated.another()
            try other.login()
            #expect(try other.token.value(of: object) == value)
            other.token.logout()
        }
        try simulated.loginAdministrator()
        try simulated.token.delete(object)
        #expect(simulated.token.revision(of: object) == (object.kind == .certificate ? 3 : 1))
        #expect(try simulated.token.present(among: [object], areNamed: true).isEmpty)
        let other = try simulated.another()
        try other.login()
        #expect(try other.token.present(among: [object], areNamed: true).isEmpty)
    }

    /// PUT DATA as the specification has it: a tag list and 53, or the object's own tag; deleting leaves the value out.
    @Test(
        arguments: [
            (0x5FC102, [0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53]), (0x7F61, [0x7F, 0x61]),
        ] as [(UInt32, [UInt8])])
    func commandsHaveTheirForm(_ tag: UInt32, _ form: [UInt8]) throws {
        let simulated = try SimulatedToken(keys: [])
        let object = ObjectReference(.data, tag)
        try simulated.loginAdministrator()
        for value in [[0x30, 0x00], []] as [[UInt8]] {
            simulated.channel.clearLog()
            if value.isEmpty {
                try simulated.token.delete(object)
            } else {
                try simulated.token.write(value, to: object)
            }
            let data = form + [UInt8(value.count)] + value
            // `delete` looks first.
            #expect(simulated.channel.log.last?.command == [0x00, 0xDB, 0x3F, 0xFF, UInt8(data.count)] + data)
        }
    }

    /// The container of a certificate as the specification has it, byte by byte.
    @Test func aCertificateHasItsContainer() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        let der = Self.certificates[0]
        try simulated.token.write(der, to: ObjectReference(.certificate, 0x9C))
        let expected = [UInt8](tag: 0x70, der) + [0x71, 0x01, 0x00, 0xFE, 0x00]
        #expect(try simulated.another().token.value(of: ObjectReference(.data, 0x5FC10A)) == expected)
    }

    @Test(arguments: [
        (ObjectReference(.data, 0x7E), TokenError.readOnly), (ObjectReference(.certificate, 0xF9), .readOnly),
        (ObjectReference(.data, 0x5FFF00), .readOnly), (ObjectReference(.data, 0x5FFF01), .readOnly),
        (ObjectReference(.publicKey, 0x9A), .readOnly),
        (ObjectReference(.certificate, 0x9B), .readOnly), (ObjectReference(.certificate, 0x19A), .readOnly),
        (ObjectReference(.data, 0xFFFF_FFFF), .readOnly),
    ])
    func whatMayNotBeWritten(_ object: ObjectReference, _ expected: TokenError) throws {
        let simulated = try SimulatedToken()
        try simulated.loginAdministrator()
        let commands = simulated.commands {
            #expect(throws: expected) { try simulated.token.write(Self.certificates[0], to: object) }
            #expect(throws: expected) { try simulated.token.delete(object) }
        }
        #expect(commands.isEmpty)
        #expect(simulated.token.catalogue.first { $0.reference == object }?.isWritable != true)
    }

    @Test func theCatalogueSaysWhatIsWritable() throws {
        let catalogue = try SimulatedToken(keys: []).token.catalogue
        let fixed = catalogue.filter {
            !$0.isWritable && ($0.reference.kind == .data || $0.reference.kind == .certificate)
        }
        #expect(fixed.map(\.reference) == [ObjectReference(.certificate, 0xF9), ObjectReference(.data, 0x7E)])
        #expect(!catalogue.contains { $0.isWritable && $0.reference.kind == .publicKey })
    }

    @Test func aMalformedCertificateIsNotWritten() throws {
        let simulated = try SimulatedToken(keys: [])
        try simulated.loginAdministrator()
        let der = Self.certificates[0]
        let container = [UInt8](tag: 0x70, der) + [0x71, 0x01, 0x00, 0xFE, 0x00]
        for value in [[], [0x30, 0x00], Array(der.dropLast()), der + [0x00], container] {
            let commands = simulated.commands {
                #expect(throws: TokenError.dataInvalid) {
                    try simulated.token.write(value, to: ObjectReference(.certificate, 0x9A))
                }
            }
            #expect(commands.isEmpty)
        }
        #expect(throws: TokenError.dataInvalid) { try simulated.token.write([], to: AdministratorTests.object) }
    }

    /// Too much for the card, whatever the form of its commands; and what each refusal means.
    @Test(arguments: [CardProfile.yubiKey57, .yubiKeyShort, .plain], [5_000, 64_000, 70_000])
    func whatIsTooLongIsRefused(_ profile: CardProfile, _ count: Int) throws {
        let simulated = try SimulatedToken(profile, keys: [])
        try simulated.loginAdministrator()
        let value = [UInt8](repeating: 0x42, count: count)
        #expect(throws: TokenError.dataInvalid) { try simulated.token.write(value, to: AdministratorTests.object) }
        try simulated.token.write(AdministratorTests.value, to: AdministratorTests.object)
    }

    @Test(
        arguments: [
            ([0x6A, 0x84], .memoryFull), ([0x65, 0x81], .memoryFull), ([0x6A, 0x80], .dataInvalid),
            ([0x67, 0x00], .dataInvalid), ([0x6A, 0x82], .unsupported), ([0x6A, 0x81], .unsupported),
            ([0x69, 0x82], .administratorNeeded), ([0x6D, 0x00], .unsupported),
        ] as [([UInt8], TokenError)])
    func refusalsHaveTheirMeaning(_ status: [UInt8], _ expected: TokenError) throws {
        let simulated = try SimulatedToken(keys: [])
        let card = InterceptedCard(simulated.channel)
        let token = try #require(try PIVToken.open(Card(channel: card)))
        let key = Array(SimulatedToken.managementKey.utf8)
        let object = AdministratorTests.object
        try token.loginAdministrator(secret: key.span.bytes)
        try token.write([0x30, 0x01, 0x01], to: object)
        card.intercept = { (command) throws(ChannelError) in command[1] == 0xDB ? status : nil }
        let sent = card.sent.count
        #expect(throws: expected) { try token.write(AdministratorTests.value, to: object) }
        #expect(card.sent[sent...].count { $0[1] == 0xDB } <= 2)
        // What the card holds now is not known, and is asked.
        card.intercept = { _ in nil }
        let read = card.sent.count
        #expect(try token.value(of: object) == [0x30, 0x01, 0x01])
        #expect(card.sent[read...].contains { $0[1] == 0xCB })
        #expect(token.revision(of: object) == 0)
    }

    @Test func nobodyWritesWithoutALogin() throws {
        let simulated = try SimulatedToken()
        let object = AdministratorTests.object
        let commands = simulated.commands {
            #expect(throws: TokenError.notLoggedIn) { try simulated.token.write(AdministratorTests.value, to: object) }
            #expect(throws: TokenError.notLoggedIn) { try simulated.token.delete(object) }
        }
        #expect(commands.isEmpty)
    }

    /// Another process deletes or replaces an object within the seconds in which this one believes what it read: nothing
    /// is written over it.
    @Test(arguments: [ObjectReference(.data, 0x5FC106), ObjectReference(.certificate, 0x9D)])
    func nothingIsWrittenOverAnotherObject(_ object: ObjectReference) throws {
        let simulated = try SimulatedToken(keys: [])
        let values = object.kind == .data ? [[0xBA, 0x00], [0xBA, 0x01, 0x01]] : Self.certificates
        try simulated.loginAdministrator()
        try simulated.token.write(values[0], to: object)
        let revision = simulated.token.revision(of: object)
        let other = try simulated.another()
        try other.loginAdministrator()
        _ = try other.token.value(of: object)
        if object.kind == .data { try other.token.delete(object) } else { try other.token.write(values[1], to: object) }
        let commands = simulated.commands {
            #expect(throws: TokenError.objectNotFound) {
                try simulated.token.write(values[0], to: object, ifStill: revision)
            }
            #expect(throws: TokenError.objectNotFound) { try simulated.token.delete(object, ifStill: revision) }
        }
        #expect(!commands.contains("PUT DATA"))
        #expect(simulated.token.revision(of: object) != revision)
    }

    /// One command each; with the key known by the old certificate alone, the card is asked for the key once.
    @Test func whatCertificatesCost() throws {
        let own = try PrivateKey.generate(.ec(.p256))
        let certificates = try ["one", "two", "three"].map { try Self.certificate(own, $0) }
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, imported: own.pkcs8())])
        let certificate = ObjectReference(.certificate, 0x9A)
        let keys = [ObjectReference.Kind.publicKey, .privateKey].map { ObjectReference($0, 0x9A) }
        #expect(try simulated.token.present(among: [certificate] + keys, areNamed: false).count == 3)
        let key = try simulated.publicKey(0x9A)
        try simulated.loginAdministrator()
        let expected = [["GET METADATA 9A", "PUT DATA"], ["PUT DATA"], ["PUT DATA"]]
        for (der, commands) in zip(certificates, expected) {
            #expect(try simulated.commands { try simulated.token.write(der, to: certificate) } == commands)
        }
        #expect(
            try simulated.commands { try simulated.token.delete(certificate) } == ["GET DATA 5FC105", "PUT DATA"])
        #expect(simulated.token.revision(of: certificate) == 4)
        #expect(simulated.token.revision(of: ObjectReference(.data, 0x5FC105)) == 1)
        // The key is the same all the time, whatever the certificates say.
        for object in keys { #expect(simulated.token.revision(of: object) == 0) }
        #expect(try simulated.publicKey(0x9A) == key)
        #expect(try simulated.token.present(among: keys, areNamed: true) == keys)
    }

    /// Where the card tells of another key, also one that another process has just made, nothing is written.
    @Test func aCertificateOfAnotherKeyIsRefused() throws {
        let simulated = try SimulatedToken(keys: [.init(reference: 0x9A, algorithm: "p256")])
        let certificate = ObjectReference(.certificate, 0x9A)
        let own = try simulated.token.value(of: certificate)
        try simulated.loginAdministrator()
        #expect(throws: TokenError.certificateOfAnotherKey) {
            try simulated.token.write(Self.certificates[0], to: certificate)
        }
        #expect(try simulated.another().token.value(of: certificate) == own)
        let key = try PrivateKey.generate(.ec(.p256))
        let info = try key.pkcs8()
        let other = try simulated.another()
        try other.loginAdministrator()
        try other.token.importPrivateKey(info.span.bytes, at: ObjectReference(.privateKey, 0x9A), KeyRequest())
        try simulated.token.write(Self.certificate(key, "new"), to: certificate)
    }

    /// A certificate that is longer than the card takes is compressed; one that is too long all the same is refused, and
    /// what is there stays.
    @Test(arguments: [(3_500, true), (1_000, false)])
    func aLongCertificateIsCompressed(_ padding: Int, _ isCompressed: Bool) throws {
        let simulated = try SimulatedToken(keys: [])
        let key = try PrivateKey.generate(.ec(.p256))
        let certificate = ObjectReference(.certificate, 0x9A)
        func der(_ extensionValue: [UInt8]) throws -> [UInt8] {
            var builder = CertificateBuilder(
                subject: "long", serialNumber: [0x01], notBefore: CalendarTime(year: 2024, month: 1, day: 1),
                notAfter: CalendarTime(year: 2049, month: 12, day: 31))
            builder.extensions = [.init(identifier: [0x2A, 0x03], value: extensionValue)]
            return try builder.selfSigned(by: key)
        }
        let long = try der([UInt8](repeating: 0x41, count: padding))
        try simulated.loginAdministrator()
        try simulated.token.write(long, to: certificate)
        let other = try simulated.another()
        #expect(try other.token.value(of: certificate) == long)
        let container = try other.token.value(of: ObjectReference(.data, 0x5FC105))
        #expect(TLVReader(container).first(0x71).map { Array($0.value) } == [isCompressed ? 1 : 0])
        #expect(throws: TokenError.dataInvalid) {
            try simulated.token.write(der(Random.bytes(4_000)), to: certificate)
        }
        #expect(try simulated.another().token.value(of: certificate) == long)
    }

    /// On a card that tells nothing of its keys they come and go with their certificates.
    @Test func withoutMetadataTheCertificateIsTheKey() throws {
        let simulated = try SimulatedToken(.plain, keys: [.init(reference: 0x9A, algorithm: "p256")])
        let certificate = ObjectReference(.certificate, 0x9A)
        let keys = [ObjectReference.Kind.publicKey, .privateKey].map { ObjectReference($0, 0x9A) }
        #expect(try simulated.token.present(among: keys, areNamed: true) == keys)
        try simulated.loginAdministrator()
        for (der, revision) in zip(Self.certificates, [1, 1, 2] as [UInt64]) {
            try simulated.token.write(der, to: certificate)
            #expect(keys.map { simulated.token.revision(of: $0) } == [revision, revision])
            #expect(try simulated.publicKey(0x9A) == Certificate(der: der).publicKey)
        }
        try simulated.token.delete(certificate)
        #expect(keys.map { simulated.token.revision(of: $0) } == [3, 3])
        #expect(try simulated.token.present(among: keys, areNamed: true).isEmpty)
    }
}
