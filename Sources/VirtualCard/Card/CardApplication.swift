import APDU

/// One application on a simulated card: PIV or OpenPGP. It sees whole commands; chaining, GET RESPONSE and the
/// selection by name are the card's business.
public protocol CardApplication: AnyObject {
    /// The application identifier in full; a host may select by a part from its beginning.
    var identifier: [UInt8] { get }

    /// The application is selected, anew or again: the answer to SELECT. Being selected again changes no security
    /// status (SP 800-73-5 part 2, section 3.1.1).
    func select() -> ResponseAPDU

    /// Another application was selected, or the card lost its power: what was proven is forgotten.
    func deselect()

    /// Whether a command of this INS comes with CLA 80.
    func takesProprietaryClass(of instruction: UInt8) -> Bool

    /// Does one command, of which CLA has been checked and the chain been joined.
    func process(_ command: CommandAPDU) -> ResponseAPDU
}

extension CardApplication {
    func takesProprietaryClass(of instruction: UInt8) -> Bool { false }
}

/// An application that can be selected and does nothing else: it stands for what other programs use on the same card.
final class BareApplication: CardApplication {
    let identifier: [UInt8]
    private let answer: [UInt8]

    init(identifier: [UInt8], answer: [UInt8]) {
        self.identifier = identifier
        self.answer = answer
    }

    func select() -> ResponseAPDU { ResponseAPDU(data: answer, status: .success) }

    func deselect() {}

    func process(_ command: CommandAPDU) -> ResponseAPDU { ResponseAPDU(status: .instructionNotSupported) }
}
