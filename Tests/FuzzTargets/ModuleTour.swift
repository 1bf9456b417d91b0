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
            let flags = CKF_SERIAL_SESSION | CKF_RW_SESSION
            guard let session = try? library.session(library.openSession(slot, flags: flags)) else { continue }
            look(session)
            channel.userGivesPIN()
            try? session.login(userType: CKU_USER, pin: pin.span.bytes)
            look(session)
            sign(session, channel)
            decrypt(session, channel)
            try? session.logout()
            try? library.closeAllSessions(slot)
        }
    }

    private static let pin = Array("123456".utf8)

    private static func look(_ session: Session) {
        for object in find(session, []) {
            _ = try? session.attributes(of: object, types: attributes)
            _ = try? session.objectSize(of: object)
        }
    }

    private static func sign(_ session: Session, _ channel: AnswersChannel) {
        let data = [UInt8](repeating: 1, count: 32)
        for key in privateKeys(session) {
            for type in [CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_ECDSA, CKM_ECDSA_SHA256, CKM_EDDSA] {
                guard (try? session.signInit(mechanism: Mechanism(type), key: key)) != nil else { continue }
                givePIN(session, channel)
                if (try? session.sign(data: data.span.bytes, capacity: 1024)) != nil { channel.results += 1 }
                session.cancel(CKF_SIGN)
            }
        }
    }

    private static func decrypt(_ session: Session, _ channel: AnswersChannel) {
        let ciphertext = [UInt8](repeating: 1, count: 256)
        for key in privateKeys(session) {
            guard (try? session.decryptInit(mechanism: Mechanism(CKM_RSA_PKCS), key: key)) != nil else {
                continue
            }
            givePIN(session, channel)
            _ = try? session.decrypt(ciphertext: ciphertext.span.bytes, capacity: 1024)
            session.cancel(CKF_DECRYPT)
        }
    }

    private static func givePIN(_ session: Session, _ channel: AnswersChannel) {
        channel.userGivesPIN()
        try? session.login(userType: CKU_CONTEXT_SPECIFIC, pin: pin.span.bytes)
    }

    private static func privateKeys(_ session: Session) -> [UInt] {
        let isPrivateKey = withUnsafeBytes(of: CKO_PRIVATE_KEY) { Attribute(CKA_CLASS, Array($0)) }
        return find(session, [isPrivateKey])
    }

    private static func find(_ session: Session, _ template: [Attribute]) -> [UInt] {
        try? session.findObjectsInit(template: template)
        defer { try? session.findObjectsFinal() }
        return (try? session.findObjects(atMost: 200)) ?? []
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
