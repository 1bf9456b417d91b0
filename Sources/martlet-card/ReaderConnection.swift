import CLibrary
import FoundationEssentials
import VirtualCard

/// The connection of a reader to the program that it is for: pcscd's vpcd, or QEMU.
struct ReaderConnection {
    /// Where that program listens.
    enum Place: CustomStringConvertible {
        case localPort(UInt16)
        case path(String)

        var description: String {
            switch self {
            case .localPort(let port): "vpcd does not answer at 127.0.0.1:\(port)"
            case .path(let path): "nobody listens at \(path)"
            }
        }
    }

    var reader: any SlotReader
    let place: Place
    let control: SignalPipe
    let wait: Double

    /// Why serving ended.
    enum Failure: Error, CustomStringConvertible {
        case unreachable(Place)

        var description: String {
            switch self {
            case .unreachable(let place): "\(place)"
            }
        }
    }

    private enum Event {
        case bytes([UInt8])
        case closed
        case request(SignalPipe.Request)
    }

    private enum Ending {
        case closed, pulledOut, end
    }

    /// Serves until a signal asks to end.
    mutating func run() throws {
        while let socket = try connect() {
            let ending = try serve(socket)
            socket.close()
            switch ending {
            case .end: return
            case .pulledOut: guard waitForReturn() else { return }
            case .closed: continue
            }
        }
    }

    /// Tries until somebody listens. Nil where a signal asks to end.
    private mutating func connect() throws -> StreamSocket? {
        let deadline = ProcessInfo.processInfo.systemUptime + wait
        while true {
            if let socket = StreamSocket(place) { return socket }
            guard ProcessInfo.processInfo.systemUptime < deadline else { throw Failure.unreachable(place) }
            wait(for: [control.descriptor], milliseconds: 20)
            switch control.next() {
            case .end: return nil
            case .pullOut: if reader.pullOut() == nil, !waitForReturn() { return nil }
            case .putBack: _ = reader.putBack()
            case nil: continue
            }
        }
    }

    /// Waits for the signal that puts the card back; false where one asks to end.
    private mutating func waitForReturn() -> Bool {
        while true {
            wait(for: [control.descriptor], milliseconds: -1)
            switch control.next() {
            case .end: return false
            case .putBack:
                _ = reader.putBack()
                return true
            case .pullOut, nil: continue
            }
        }
    }

    /// Answers until the connection ends or a signal ends it.
    private mutating func serve(_ socket: StreamSocket) throws -> Ending {
        var answer = reader.open()
        while socket.send(answer) {
            switch nextEvent(socket) {
            case .bytes(let bytes): answer = try reader.receive(bytes)
            case .closed: return .closed
            case .request(.putBack): answer = reader.putBack()
            case .request(.pullOut):
                guard let farewell = reader.pullOut() else { return .pulledOut }
                answer = farewell
            case .request(.end): return .end
            }
        }
        return .closed
    }

    private func nextEvent(_ socket: StreamSocket) -> Event {
        while true {
            wait(for: [socket.descriptor, control.descriptor], milliseconds: -1)
            if let request = control.next() { return .request(request) }
            guard let bytes = socket.receive() else { return .closed }
            if !bytes.isEmpty { return .bytes(bytes) }
        }
    }

    private func wait(for descriptors: [Int32], milliseconds: Int32) {
        var set = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&set, nfds_t(set.count), milliseconds)
    }
}
