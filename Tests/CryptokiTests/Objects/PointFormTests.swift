import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing
import Token

/// CKA_EC_POINT in both forms: as the interfaces of PKCS#11 2.40 and 3.0 answer it, and as that of 3.2 does.
@Suite struct PointFormTests {
    private static let types: [KeyType] = [.ed25519, .ed448, .x25519, .x448] + Curve.allCases.map { .ec($0) }

    /// A session with a card whose keys all are one key of a type, and that key in memory too.
    private struct Setting {
        let library: Library
        let session: UInt
        let key: PublicKey
        /// The public key in memory, the card's one, and the card's private keys, which tell their public half.
        private(set) var objects: [UInt] = []

        init(_ type: KeyType) throws {
            let token = try StandInToken(key: PrivateKey.generate(type))
            key = token.key.publicKey
            library = Library(source: StandInReaders(["A": [token]]))
            session = try library.openReadWrite()
            try library.login(session)
            let inMemory = try library.create(session, template(key.octets))
            objects = [inMemory] + (try library.find(session, .text(CKA_LABEL, "public")))
            objects += try library.find(session, .number(CKA_CLASS, CKO_PRIVATE_KEY))
        }

        /// The public key as C_CreateObject wants it, with its point in one of the forms.
        func template(_ point: [UInt8]) -> [Attribute] {
            let keyType =
                switch key.type {
                case .rsa: CKK_RSA
                case .ec: CKK_EC
                case .edwards: CKK_EC_EDWARDS
                case .montgomery: CKK_EC_MONTGOMERY
                }
            return [
                .number(CKA_CLASS, CKO_PUBLIC_KEY), .number(CKA_KEY_TYPE, keyType),
                Attribute(CKA_EC_PARAMS, key.type.curveIdentifier ?? []), Attribute(CKA_EC_POINT, point),
            ]
        }

        /// The point with an OCTET STRING around it.
        var octetString: [UInt8] {
            let octets = key.octets
            return (octets.count < 0x80 ? [0x04] : [0x04, 0x81]) + [UInt8(octets.count)] + octets
        }

        func point(of object: UInt, _ form: PointForm) throws -> AttributeAnswer? {
            try library.session(session).attributes(of: object, types: [CKA_LABEL, CKA_EC_POINT], points: form).last
        }
    }

    @Test(arguments: types)
    func eachInterfaceAnswersItsForm(_ type: KeyType) throws {
        let setting = try Setting(type)
        let isShort = if case .ec = type { true } else { false }
        for object in setting.objects {
            #expect(try setting.point(of: object, .octetString) == .value(setting.octetString))
            #expect(
                try setting.point(of: object, .bare) == .value(isShort ? setting.octetString : setting.key.octets))
        }
        // What has no point has none in either form.
        let certificate = try #require(try setting.library.find(setting.session, .text(CKA_LABEL, "certificate")).first)
        #expect(try setting.point(of: certificate, .bare) == .absent)
    }

    @Test(arguments: types)
    func bothFormsAreTaken(_ type: KeyType) throws {
        let setting = try Setting(type)
        let (library, session) = (setting.library, setting.session)
        for point in [setting.octetString, setting.key.octets] {
            #expect(try library.find(session, Attribute(CKA_EC_POINT, point)).sorted() == setting.objects.sorted())
            let made = try library.create(session, setting.template(point))
            #expect(try setting.point(of: made, .octetString) == .value(setting.octetString))
            // To say again what an object has changes nothing.
            let copy = try library.copy(session, object: made, [Attribute(CKA_EC_POINT, point)])
            #expect(try setting.point(of: copy, .octetString) == .value(setting.octetString))
            try library.setAttributes(session, of: setting.objects[1], [Attribute(CKA_EC_POINT, point)])
            for object in [made, copy] { try library.destroy(session, object: object) }
        }
        for point in [Array(setting.key.octets.dropLast()), setting.key.octets + [0], []] {
            #expect(try library.find(session, Attribute(CKA_EC_POINT, point)).isEmpty)
            #expect(throws: ReturnCode.attributeValueInvalid) { try library.create(session, setting.template(point)) }
        }
    }
}
