import CardApplication
import ISO7816
import Platform

/// The commands of the OpenPGP application, one method each. They decide nothing: what a status word means for the user
/// is `OpenPGPToken`'s business. Valid while the transaction lasts that the exchange belongs to.
public struct OpenPGPCard: CardCommands {
    /// See `CardCommands`.
    public typealias Command = OpenPGPCommand

    /// See `CardCommands`.
    public let exchange: CardExchange
    /// The most bytes that the card gives in one answer. Until it has told (7F66) no more is asked for than the first
    /// cards gave: a ZeitControl card refuses a command with a larger Le.
    public var maximumAnswer = 2048

    /// An OpenPGP application behind an exchange.
    public init(_ exchange: CardExchange) { self.exchange = exchange }

    /// RID and PIX without version, manufacturer and serial number (OpenPGP card 3.4.1, section 4.2.1): every card
    /// takes a part of its identifier for the whole (section 7.2.1).
    public static let applicationIdentifier = ApplicationIdentifier.prefix

    /// SELECT (OpenPGP card 3.4.1, section 7.2.1).
    public func select() throws(CardError) -> SelectAnswer {
        let name = OpenPGPCommand.select
        var answer = try select(name: Self.applicationIdentifier)
        // An application that is not activated answers 6285, or 6985 (yubikit, `OpenPgpSession`). The second may be a chance,
        // after which the application would count as not activated for as long as the card is in the reader.
        if answer.status == .conditionsOfUseNotSatisfied { answer = try select(name: Self.applicationIdentifier) }
        let isTerminated = answer.status == .terminated || answer.status == .conditionsOfUseNotSatisfied
        guard answer.status == .success || isTerminated else { throw .answered(name, answer.status) }
        let parsed = SelectAnswer(parsing: answer.data, isTerminated: isTerminated)
        guard !parsed.isAnother else {
            exchange.noteForeignSelection()
            throw .malformed(name, "the answer names another application")
        }
        return parsed
    }

    /// GET DATA (OpenPGP card 3.4.1, section 7.2.6).
    ///
    /// - Returns: the object's value, without its own tag and length where the card gives those too. Nil where there is
    ///   no such object, or it is empty.
    public func getData(_ object: DataObject, secrecy: Secrecy = []) throws(CardError) -> [UInt8]? {
        let answer = try send(
            .getData, CommandHeader(ins: 0xCA, object), ne: maximumAnswer, secrecy: secrecy,
            accepting: [.success, .referenceNotFound, .notFound])
        guard answer.status == .success, !answer.data.isEmpty else { return nil }
        if object.isConstructed, let value = TLVReader(answer.data).leading(object.rawValue) {
            return value.isEmpty ? nil : Array(value)
        }
        return answer.data
    }

    /// PUT DATA (OpenPGP card 3.4.1, section 7.2.8). An empty value deletes.
    public func putData(_ object: DataObject, _ value: [UInt8], secrecy: Secrecy = []) throws(CardError) {
        _ = try send(
            .putData, CommandHeader(ins: 0xDA, object), data: value, secrecy: secrecy)
    }

    /// SELECT DATA (OpenPGP card 3.4.1, section 7.2.5): chooses one of the objects that share a tag.
    ///
    /// - Parameter hasLengthByte: whether a byte with the length stands before the command's data, as a YubiKey of
    ///   firmware 5.2 to 5.4.3 wants it (yubikit, `OpenPgpSession`), against the specification.
    public func selectData(
        _ object: DataObject, occurrence: UInt8, hasLengthByte: Bool = false
    ) throws(CardError) {
        var data = [UInt8](tag: 0x60, children: [UInt8](tag: 0x5C, object.tagBytes))
        if hasLengthByte { data.insert(UInt8(data.count), at: 0) }
        _ = try send(
            .selectData, CommandHeader(ins: 0xA5, p1: occurrence, p2: 0x04), data: data)
    }

    /// GET CHALLENGE (OpenPGP card 3.4.1, section 7.2.15): random bytes, at most as many as the extended capabilities
    /// tell.
    public func getChallenge(count: Int) throws(CardError) -> [UInt8] {
        let name = OpenPGPCommand.getChallenge
        let answer = try send(
            name, CommandHeader(ins: 0x84, p1: 0, p2: 0), ne: count, secrecy: .answer)
        guard answer.data.count == count else { throw .malformed(name, "another number of bytes") }
        return answer.data
    }

    /// GET VERSION (INS F1; Yubico): major, minor and patch of the firmware, which come in binary coded decimals.
    func getVersion() throws(CardError) -> FirmwareVersion {
        let answer = try send(.getVersion, CommandHeader(ins: 0xF1, p1: 0, p2: 0), ne: 256)
        let numbers = answer.data.map { $0 >> 4 * 10 + $0 & 0x0F }
        guard let version = FirmwareVersion(parsing: numbers) else {
            throw .malformed(.getVersion, "not three bytes")
        }
        return version
    }
}

extension CommandHeader {
    /// A header whose P1 and P2 name a data object.
    init(ins: UInt8, _ object: DataObject) {
        self.init(
            ins: ins, p1: UInt8(truncatingIfNeeded: object.rawValue >> 8),
            p2: UInt8(truncatingIfNeeded: object.rawValue))
    }
}

extension StatusWord {
    /// 6285: the selected file or application is terminated.
    static let terminated = StatusWord(rawValue: 0x6285)
    /// 6600: security-related issues; with these cards, the confirmation by a person that did not come (OpenPGP card
    /// 3.4.1, section 7.1).
    static let confirmationMissing = StatusWord(rawValue: 0x6600)
}

extension DataObject {
    /// The tag's bytes, for a tag list.
    var tagBytes: [UInt8] {
        [rawValue >> 8, rawValue].map { UInt8(truncatingIfNeeded: $0) }.drop { $0 == 0 }.map { $0 }
    }
}
