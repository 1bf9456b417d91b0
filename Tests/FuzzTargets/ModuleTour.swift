import CPKCS11
import Cryptoki
import ISO7816
import Token
import Wiring

/// A program's way through the module, on whatever card.
enum ModuleTour {
    static func visit(_ channel: AnswersChannel) {
        let library = Library(source: OneReader(Card(channel: channel)))
        defer { library.shutDown() }
        for slot in library.slotList(withToken: true, isAskedAnew: true) {
            _ = try? library.tokenInfo(slot)
            guard let session = try? library.openSession(slot, flags: CKF_SERIAL_SESSION | CKF_RW_SESSION) else {
                continue
            }
            look(library, session)
            channel.userGivesPIN()
            try? library.login(session, userType: CKU_USER, pin: pin.span.bytes)
            look(library, session)
            sign(library, session, channel)
            decrypt(library, session, channel)
            try? library.logout(session)
            try? library.closeAllSessions(slot)
        }
    }

    private static let pin = Array("123456".utf8)

    private static func look(_ library: Library, _ session: UInt) {
        for object in find(library, session, []) {
            _ = try? library.attributes(session, of: object, types: attributes)
            _ = try? library.objectSize(session, of: object)
        }
    }

    private static func sign(_ library: Library, _ session: UInt, _ channel: AnswersChannel) {
        let data = [UInt8](repeating: 1, count: 32)
        for key in privateKeys(library, session) {
            for type in [CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_ECDSA, CKM_ECDSA_SHA256, CKM_EDDSA] {
                guard (try? library.signInit(session, mechanism: Mechanism(type), key: key)) != nil else { continue }
                givePIN(library, session, channel)
                if (try? library.sign(session, data: data.span.bytes, capacity: 1024)) != nil { channel.results += 1 }
                try? library.cancelSession(session, flags: CKF_SIGN)
            }
        }
    }

    private static func decrypt(_ library: Library, _ session: UInt, _ channel: AnswersChannel) {
        let ciphertext = [UInt8](repeating: 1, count: 256)
        for key in privateKeys(library, session) {
            guard (try? library.decryptInit(session, mechanism: Mechanism(CKM_RSA_PKCS), key: key)) != nil else {
                continue
            }
            givePIN(library, session, channel)
            _ = try? library.decrypt(session, ciphertext: ciphertext.span.bytes, capacity: 1024)
            try? library.cancelSession(session, flags: CKF_DECRYPT)
        }
    }

    private static func givePIN(_ library: Library, _ session: UInt, _ channel: AnswersChannel) {
        channel.userGivesPIN()
        try? library.login(session, userType: CKU_CONTEXT_SPECIFIC, pin: pin.span.bytes)
    }

    private static func privateKeys(_ library: Library, _ session: UInt) -> [UInt] {
        let isPrivateKey = withUnsafeBytes(of: CKO_PRIVATE_KEY) { Attribute(CKA_CLASS, Array($0)) }
        return find(library, session, [isPrivateKey])
    }

    private static func find(_ library: Library, _ session: UInt, _ template: [Attribute]) -> [UInt] {
        try? library.findObjectsInit(session, template: template)
        defer { try? library.findObjectsFinal(session) }
        return (try? library.findObjects(session, atMost: 200)) ?? []
    }

    private static let attributes: [AttributeType] = [
        CKA_CLASS, CKA_LABEL, CKA_ID, CKA_VALUE, CKA_SUBJECT, CKA_ISSUER, CKA_SERIAL_NUMBER, CKA_START_DATE,
        CKA_END_DATE, CKA_CHECK_VALUE, CKA_PUBLIC_KEY_INFO, CKA_KEY_TYPE, CKA_MODULUS, CKA_MODULUS_BITS,
        CKA_PUBLIC_EXPONENT, CKA_EC_PARAMS, CKA_EC_POINT, CKA_SIGN, CKA_DECRYPT, CKA_DERIVE, CKA_LOCAL,
        CKA_ALWAYS_AUTHENTICATE, CKA_ALLOWED_MECHANISMS, CKA_UNIQUE_ID, CKA_OBJECT_ID,
    ]
}

/// The one reader with the one card.
private final class OneReader: TokenSource, @unchecked Sendable {
    private let card: Card

    init(_ card: Card) { self.card = card }

    func readers() -> [ReaderPresence] { [ReaderPresence(name: "reader", insertion: 1)] }

    func waitForChange(since known: [ReaderPresence]) -> Bool { false }

    func stopWaiting() {}

    func openCard(in reader: String, isPatient: Bool) throws(TokenError) -> CardContents {
        try CardApplications.open(card)
    }
}
