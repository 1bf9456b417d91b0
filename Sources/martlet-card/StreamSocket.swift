import Glibc

/// A TCP connection to a port of this machine that carries messages with two bytes of length.
///
/// vpcd writes a message's length and payload apart; without TCP_QUICKACK at the reader and TCP_NODELAY, each message
/// waits 40 ms for a delayed acknowledgement.
final class StreamSocket {
    let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects; nil where nobody listens.
    init?(localPort: UInt16) {
        let type = Int32(SOCK_STREAM.rawValue)
        descriptor = socket(AF_INET, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = localPort.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            Glibc.close(descriptor)
            return nil
        }
        set(TCP_NODELAY)
        set(TCP_QUICKACK)
    }

    /// Ends the connection.
    func close() { Glibc.close(descriptor) }

    /// The next whole message that has been received, or nil.
    func nextMessage() -> [UInt8]? {
        guard received.count >= 2 else { return nil }
        let end = 2 + (Int(received[0]) << 8 | Int(received[1]))
        guard received.count >= end else { return nil }
        let message = Array(received[2..<end])
        received.removeFirst(end)
        return message
    }

    /// Takes in what there is, without waiting; false where the connection has ended.
    func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        // The kernel falls back to delayed acknowledgements by itself.
        set(TCP_QUICKACK)
        received += buffer.prefix(count)
        return true
    }

    /// Sends a message of at most 65535 bytes, in one piece; false where the connection has ended.
    func send(_ message: [UInt8]) -> Bool {
        let count = min(message.count, 0xFFFF)
        let framed = [UInt8(count >> 8), UInt8(count & 0xFF)] + message.prefix(count)
        var sent = 0
        while sent < framed.count {
            let step = framed.withUnsafeBytes { bytes in
                Glibc.send(
                    descriptor, bytes.baseAddress.map { $0 + sent }, framed.count - sent, Int32(MSG_NOSIGNAL))
            }
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { return false }
            sent += step
        }
        return true
    }

    private func set(_ option: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
