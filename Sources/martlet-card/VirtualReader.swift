import FoundationEssentials
import Glibc
import VirtualCard

/// The connection of a card to vpcd (the virtual reader of the vsmartcard project): messages of two bytes of length,
/// big-endian, and so many bytes. One byte alone is a control message, everything else a command APDU.
struct VirtualReader {
    let card: any PoweredCard
    let port: UInt16
    let log: APDULog?
    let control: SignalPipe
    let wait: Double

    /// Why serving ended.
    enum Failure: Error, CustomStringConvertible {
        case unreachable(port: UInt16)

        var description: String {
            switch self {
            case .unreachable(let port): "vpcd does not answer at 127.0.0.1:\(port)"
            }
        }
    }

    private enum Event {
        case message([UInt8])
        case closed
        case request(SignalPipe.Request)
    }

    /// Serves until a signal asks to end.
    mutating func run() throws {
        while true {
            guard let socket = try connect() else { return }
            let request = serve(socket)
            socket.close()
            card.reset()
            switch request {
            case .end: return
            case .pullOut:
                guard waitForReturn() else { return }
            case .putBack, nil: continue
            }
        }
    }

    /// Tries until vpcd is there. Nil where a signal asks to end.
    private func connect() throws -> StreamSocket? {
        let deadline = ProcessInfo.processInfo.systemUptime + wait
        while true {
            if let socket = StreamSocket(localPort: port) { return socket }
            guard ProcessInfo.processInfo.systemUptime < deadline else { throw Failure.unreachable(port: port) }
            wait(for: [control.descriptor], milliseconds: 20)
            switch control.next() {
            case .end: return nil
            case .pullOut: guard waitForReturn() else { return nil }
            case .putBack, nil: continue
            }
        }
    }

    /// Waits for the signal that puts the card back; false where one asks to end.
    private func waitForReturn() -> Bool {
        while true {
            wait(for: [control.descriptor], milliseconds: -1)
            switch control.next() {
            case .end: return false
            case .putBack: return true
            case .pullOut, nil: continue
            }
        }
    }

    /// Answers until the connection ends (nil) or a signal asks for something.
    private func serve(_ socket: StreamSocket) -> SignalPipe.Request? {
        while true {
            switch nextEvent(socket) {
            case .message(let message):
                if let answer = answer(message), !socket.send(answer) { return nil }
            case .closed: return nil
            case .request(.putBack): continue
            case .request(let request): return request
            }
        }
    }

    private func nextEvent(_ socket: StreamSocket) -> Event {
        while true {
            if let message = socket.nextMessage() { return .message(message) }
            wait(for: [socket.descriptor, control.descriptor], milliseconds: -1)
            if let request = control.next() { return .request(request) }
            guard socket.receive() else { return .closed }
        }
    }

    /// What goes back for a message; nil where nothing does.
    private func answer(_ message: [UInt8]) -> [UInt8]? {
        guard message.count == 1 else {
            let answer = card.process(message)
            log?.add(command: message, answer: answer)
            // vpcd waits without end for the bytes of an answer that has none; one byte is none to PC/SC, too.
            return answer.isEmpty ? [0x00] : answer
        }
        switch message[0] {
        case Control.powerOff, Control.powerOn, Control.reset: card.reset()
        case Control.answerToReset: return card.answerToReset
        default: break
        }
        return nil
    }

    /// The control messages of vpcd (its README, "Virtual Smart Card").
    private enum Control {
        static let powerOff: UInt8 = 0
        static let powerOn: UInt8 = 1
        static let reset: UInt8 = 2
        static let answerToReset: UInt8 = 4
    }

    private func wait(for descriptors: [Int32], milliseconds: Int32) {
        var set = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&set, nfds_t(set.count), milliseconds)
    }
}
