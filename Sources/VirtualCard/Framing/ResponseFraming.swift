import APDU

/// Cuts answers to the length that the host asked for and keeps the rest for GET RESPONSE
/// (ISO/IEC 7816-4, sections 5.1 and 11.7.1; ISO/IEC 7816-3, section 12.2 for T=0).
struct ResponseFraming {
    /// Whether the card speaks T=0: an answer to a command with data is always fetched with GET RESPONSE, and a
    /// length that is not the exact one is answered with 6Cxx.
    let isT0: Bool
    private var waiting = ResponseAPDU(status: .success)

    init(isT0: Bool) { self.isT0 = isT0 }

    /// Whether an answer waits for GET RESPONSE.
    var isWaiting: Bool { !waiting.data.isEmpty }

    /// Forgets what waits.
    mutating func drop() { waiting = ResponseAPDU(status: .success) }

    /// What goes back at once for this answer to this command.
    mutating func frame(_ answer: ResponseAPDU, to command: CommandAPDU) -> ResponseAPDU {
        guard !answer.data.isEmpty else { return answer }
        if isT0 {
            guard command.data.isEmpty else { return keep(answer, after: 0) }
            return exact(answer, length: command.ne)
        }
        // A YubiKey answers a command without Le as one with the greatest Le: the examples in Yubico's PIV manual
        // (docs.yubico.com, users-manual/application-piv/apdu) have no Le, and yubico-piv-tool sends none.
        let most = command.isExtended ? 65536 : 256
        return keep(answer, after: command.ne == 0 ? most : command.ne)
    }

    /// The answer to GET RESPONSE. 6A80 where nothing waits, as Yubico's manual shows it ("Authenticate: sign").
    mutating func next(for command: CommandAPDU) -> ResponseAPDU {
        guard isWaiting else { return ResponseAPDU(status: .incorrectData) }
        let answer = waiting
        if isT0 { return exact(answer, length: command.ne) }
        return keep(answer, after: command.ne == 0 ? 256 : command.ne)
    }

    private mutating func exact(_ answer: ResponseAPDU, length: Int) -> ResponseAPDU {
        let length = length == 0 ? 256 : length
        guard answer.data.count >= length else {
            return ResponseAPDU(status: StatusWord(rawValue: 0x6C00 | UInt16(answer.data.count & 0xFF)))
        }
        return keep(answer, after: length)
    }

    private mutating func keep(_ answer: ResponseAPDU, after length: Int) -> ResponseAPDU {
        guard answer.data.count > length else {
            drop()
            return answer
        }
        let rest = Array(answer.data.dropFirst(length))
        waiting = ResponseAPDU(data: rest, status: answer.status)
        return ResponseAPDU(
            data: Array(answer.data.prefix(length)),
            status: StatusWord(rawValue: 0x6100 | UInt16(rest.count >= 256 ? 0 : rest.count)))
    }
}
