import APDU
import CardApplication
import HostCrypto
import ISO7816
import Keys
import Token

typealias CardError = CommandError<ToyCommand>
typealias ToyTransaction = CardTransaction<ToyToken>

/// A third card application, as small as one can be: one RSA key, one certificate, a PIN that nothing changes.
final class ToyToken: ApplicationToken {
    static let applicationIdentifier: [UInt8] = [0xF0, 0x54, 0x6F, 0x79]
    static let isProvenBySelectAlone = true
    static let certificate = ObjectReference(.certificate, 1)
    let state: TokenState<ToyCache, NoDetails>

    init?(_ card: Card) throws(TokenError) {
        let found = Result { () throws(CardError) -> Bool? in
            try card.lookForApplication { (exchange) throws(CardError) -> Bool? in
                try ToyCommands(exchange: exchange).select()
                return true
            }
        }
        guard try found.mapError({ $0.tokenError }).get() != nil else { return nil }
        state = TokenState(card, .truthful, PINKeeper(), ToyCache()) { 0 }
    }

    func commands(_ exchange: CardExchange) -> ToyCommands { ToyCommands(exchange: exchange) }
    func select(_ transaction: ToyTransaction) throws(CardError) { try transaction.card.select() }

    func checkForm(_ text: RawSpan, of owner: PINKeeper.Owner) throws(TokenError) {
        guard text.byteCount == 4 else { throw .pinLengthOutOfRange }
    }

    func verify(_: Verification, _ secret: RawSpan, _ transaction: ToyTransaction) throws(CardError) {
        try transaction.card.verify(secret)
    }

    func told(
        of _: Verification, for _: Access, _ transaction: ToyTransaction
    ) throws(CardError) -> ToldVerification {
        let status = try transaction.card.pinStatus()
        return (status == .success, status.pinTriesLeft, nil)
    }

    func readTries(_ transaction: ToyTransaction) throws(CardError) -> PINStatus {
        PINStatus(retriesLeft: try transaction.card.pinStatus().pinTriesLeft, retriesInAll: 3)
    }

    let catalogue = [
        ObjectDescription(certificate, label: "Toy certificate", id: [1]),
        ObjectDescription(ObjectReference(.publicKey, 1), label: "Toy key", id: [1]),
        ObjectDescription(ObjectReference(.privateKey, 1), label: "Toy key", id: [1], isPrivate: true),
    ]

    func information() throws(TokenError) -> TokenInformation {
        TokenInformation(
            label: "Toy", manufacturer: "Nobody", model: "Toy", serialNumber: "1", pinLengths: 4...4,
            administratorSecretLengths: 4...4)
    }

    func read(_ object: ObjectReference, _ transaction: ToyTransaction) throws(CardError) -> [UInt8]? {
        try found(transaction)?.der
    }

    private func found(_ transaction: ToyTransaction) throws(CardError) -> Certificate? {
        let known = withCache { $0.ledger.certificate(of: Self.certificate) }
        if let known, known.isFresh(at: transaction.now) { return known.value }
        let der = try transaction.believing { () throws(CardError) in try transaction.card.readCertificate() }
        let certificate = der.flatMap { try? Certificate(der: $0) }
        withCache { $0.ledger.note(certificate: certificate, of: Self.certificate, at: transaction.now) }
        return certificate
    }

    func subjectPublicKeyInfo(of key: ObjectReference) throws(TokenError) -> [UInt8] {
        let certificate = try? Certificate(der: try value(of: Self.certificate))
        guard let key = certificate?.publicKey else { throw .objectNotFound }
        return key.subjectPublicKeyInfo
    }

    func policy(of key: ObjectReference) throws(TokenError) -> KeyPolicy { KeyPolicy(pin: .once) }
    func usage(of key: ObjectReference) throws(TokenError) -> KeyUsage { .sign }
    func usage(of algorithm: KeyType, at place: ObjectReference) -> KeyUsage { .sign }
    func cardAlgorithms() throws(TokenError) -> CardAlgorithms { CardAlgorithms(rsa: 2048...2048) }

    func sign(
        with key: ObjectReference, input: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] {
        try perform(.login(.user)) { (transaction) throws(CardError) in try transaction.card.sign(input) }
    }
}

struct ToyCache: ApplicationCache {
    var ledger = ObjectLedger()
    var tries: Reading<PINStatus>?
    var notices = Notices()

    func presence(of object: ObjectReference, at now: Int) -> Bool? {
        ledger.presence(of: ToyToken.certificate, at: now)
    }

    func forgetPrivate() {}
}

/// The commands, with ISO/IEC 7816-4's instructions.
struct ToyCommands: CardCommands {
    typealias Command = ToyCommand
    let exchange: CardExchange

    func select() throws(CardError) {
        let answer = try select(name: ToyToken.applicationIdentifier)
        guard answer.status == .success else { throw .answered(.select, answer.status) }
    }

    func readCertificate() throws(CardError) -> [UInt8]? {
        let header = CommandHeader(ins: 0xCA, p1: 0x7F, p2: 0x21)
        let answer = try send(.getData, header, ne: 65_536, accepting: [.success, .notFound])
        return answer.status == .success ? answer.data : nil
    }

    func pinStatus() throws(CardError) -> StatusWord {
        try answer(.verify, CommandHeader(ins: 0x20, p1: 0, p2: 1)).status
    }

    func verify(_ pin: RawSpan) throws(CardError) {
        try sendSecret(.verify, CommandHeader(ins: 0x20, p1: 0, p2: 1), pin)
    }

    func sign(_ block: [UInt8]) throws(CardError) -> [UInt8] {
        try send(.sign, CommandHeader(ins: 0x2A, p1: 0x9E, p2: 0x9A), data: block, ne: 65_536).data
    }
}

enum ToyCommand: String, CommandName {
    case select = "SELECT"
    case getData = "GET DATA"
    case verify = "VERIFY"
    case sign = "PSO: COMPUTE DIGITAL SIGNATURE"

    func meaning(of status: StatusWord) -> TokenError? {
        guard self == .verify, let left = status.pinTriesLeft else { return nil }
        return left == 0 ? .pinBlocked : .pinIncorrect(retriesLeft: left)
    }
}
