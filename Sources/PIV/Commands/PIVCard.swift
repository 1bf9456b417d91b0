import CardApplication
import ISO7816
import Platform

/// The commands of the PIV card application, one method each. They decide nothing: what a status word means for
/// the user is `PIVToken`'s business. Valid while the transaction lasts that the exchange belongs to.
public struct PIVCard: CardCommands {
    /// See `CardCommands`.
    public typealias Command = PIVCommand

    /// See `CardCommands`.
    public let exchange: CardExchange

    /// A PIV application behind an exchange.
    public init(_ exchange: CardExchange) { self.exchange = exchange }

    /// The AID of the PIV card application without its version (SP 800-73-5 part 1, section 2.2).
    public static let applicationIdentifier: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00]

    /// SELECT (SP 800-73-5 part 2, section 3.1.1).
    public func select() throws(CardError) -> ApplicationProperties {
        let name = PIVCommand.select
        let answer = try select(name: Self.applicationIdentifier)
        guard answer.status == .success else { throw .answered(name, answer.status) }
        let properties = ApplicationProperties(parsing: answer.data)
        guard properties.identity != .another else {
            exchange.noteForeignSelection()
            throw .malformed(name, "the answer names another application")
        }
        return properties
    }

    /// GET DATA (SP 800-73-5 part 2, section 3.1.2).
    ///
    /// - Returns: the value of the container: what stands inside tag 53, or inside the object's own tag for the
    ///   objects that have one (7E, 7F61). Nil where the container is empty or unknown to the card.
    public func getData(_ container: PIVContainer, secrecy: Secrecy = []) throws(CardError) -> [UInt8]? {
        let name = PIVCommand.getData
        let header = CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF)
        var answer = try send(
            name, header, data: [UInt8](tag: 0x5C, container.tagBytes), ne: 65_536, secrecy: secrecy,
            accepting: [.success, .notFound])
        defer { if secrecy.contains(.answer) { answer.data.wipe() } }
        guard answer.status == .success else { return nil }
        guard let object = try? TLVReader(answer.data).all().first else {
            // Some cards answer 9000 without data for an empty container.
            if answer.data.isEmpty { return nil }
            throw .malformed(name, "the answer is no BER-TLV")
        }
        guard object.tag == 0x53 || object.tag == container.rawValue else {
            throw .malformed(name, "the answer has another tag")
        }
        return object.value.isEmpty ? nil : Array(object.value)
    }

    /// VERIFY (SP 800-73-5 part 2, section 3.2.1). Padding to eight bytes with FF is done here.
    ///
    /// - Parameter pin: at most eight bytes.
    public func verify(_ reference: PINReference, pin: RawSpan) throws(CardError) {
        // What was wiped meanwhile would be a wrong PIN once it is filled up.
        guard pin.byteCount > 0 else { throw .refused(.notLoggedIn) }
        var padded = [UInt8]()
        padded.reserveCapacity(8)
        defer { padded.wipe() }
        padded.append(padding: pin)
        try sendSecret(.verify, CommandHeader(ins: 0x20, p1: 0, p2: reference.rawValue), padded.span.bytes)
    }

    /// VERIFY without data: asks for the status and spends no try.
    ///
    /// - Returns: the tries left, or nil where the PIN is verified already.
    public func verificationStatus(_ reference: PINReference) throws(CardError) -> Int? {
        let status = try pinStatus(reference)
        if status == .success { return nil }
        if status == .authenticationMethodBlocked { return 0 }
        guard let left = status.pinTriesLeft else { throw .answered(.verifyStatus, status) }
        return left
    }

    /// VERIFY without data: the status word as it comes.
    func pinStatus(_ reference: PINReference) throws(CardError) -> StatusWord {
        try answer(.verifyStatus, CommandHeader(ins: 0x20, p1: 0, p2: reference.rawValue)).status
    }

    /// VERIFY with P1 = FF: takes the verified state back and spends no try (SP 800-73-5 part 2, section 3.2.1).
    public func resetVerification(_ reference: PINReference) throws(CardError) {
        _ = try send(
            .verifyReset, CommandHeader(ins: 0x20, p1: 0xFF, p2: reference.rawValue))
    }

    /// GENERAL AUTHENTICATE with a key pair (SP 800-73-5 part 2, section 3.2.4; dynamic authentication template,
    /// table 7).
    ///
    /// - Returns: the value of the response (tag 82).
    public func generalAuthenticate(
        _ algorithm: PIVAlgorithm, _ key: PIVKeyReference, _ input: AuthenticationInput, secrecy: Secrecy = []
    ) throws(CardError) -> [UInt8] {
        let name = PIVCommand.generalAuthenticate
        let template = [UInt8](tag: 0x7C, [UInt8](tag: 0x82, []) + input.encoded)
        let header = CommandHeader(ins: 0x87, p1: algorithm.rawValue, p2: key.rawValue)
        var answer = try send(
            name, header, data: template, ne: algorithm.isRSA ? 65_536 : 256, secrecy: secrecy)
        defer { if secrecy.contains(.answer) { answer.data.wipe() } }
        guard let response = TLVReader(answer.data).first(0x7C)?.children.first(0x82) else {
            throw .malformed(name, "the answer holds no response")
        }
        return Array(response.value)
    }
}

/// What GENERAL AUTHENTICATE applies a private key to (SP 800-73-5 part 2, table 7).
public enum AuthenticationInput: Hashable, Sendable {
    /// Tag 81: a block for the RSA operation, a hash for ECDSA, a message for EdDSA.
    case challenge([UInt8])
    /// Tag 85: the other side's point, for key agreement.
    case exponentiation([UInt8])

    fileprivate var encoded: [UInt8] {
        switch self {
        case .challenge(let value): [UInt8](tag: 0x81, value)
        case .exponentiation(let point): [UInt8](tag: 0x85, point)
        }
    }
}

/// Which PIN a command is about: P2 of VERIFY and its kin (SP 800-73-5 part 1, table 4a).
public enum PINReference: UInt8, Hashable, Sendable {
    /// 00: the Global PIN of the card.
    case global = 0x00
    /// 80: the PIV Card Application PIN.
    case application = 0x80
    /// 81: the PIN Unblocking Key (PUK). It is changed and used, and not verified.
    case unblockingKey = 0x81
}
