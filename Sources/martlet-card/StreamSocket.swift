import CLibrary

/// A connection to a port of this machine, or to a socket in its file system.
///
/// vpcd writes a message's length and payload apart; without TCP_QUICKACK at the reader and TCP_NODELAY, each message
/// waits 40 ms for a delayed acknowledgement.
struct StreamSocket {
    let descriptor: Int32
    private let isTCP: Bool

    /// Connects; nil where nobody listens.
    init?(_ place: ReaderConnection.Place) {
        let family: Int32
        switch place {
        case .localPort: (family, isTCP) = (AF_INET, true)
        case .path: (family, isTCP) = (AF_UNIX, false)
        }
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let isConnected =
            switch place {
            case .localPort(let port): Self.connect(descriptor, port: port)
            case .path(let path): Self.connect(descriptor, path: path)
            }
        guard isConnected else {
            close()
            return nil
        }
        set(TCP_NODELAY)
        set(TCP_QUICKACK)
    }

    private static func connect(_ descriptor: Int32, port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return connect(descriptor, &address, MemoryLayout<sockaddr_in>.size)
    }

    /// A path that is longer than the system takes is one where nobody listens.
    private static func connect(_ descriptor: Int32, path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return connect(descriptor, &address, MemoryLayout<sockaddr_un>.size)
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address, _ size: Int) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                CLibrary.connect(descriptor, $0, socklen_t(size)) == 0
            }
        }
    }

    /// Ends the connection.
    func close() { CLibrary.close(descriptor) }

    /// What there is, without waiting: perhaps nothing. Nil where the connection has ended.
    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil }
        // The kernel falls back to delayed acknowledgements by itself.
        set(TCP_QUICKACK)
        return Array(buffer.prefix(count))
    }

    /// Sends bytes in one piece, where there are any; false where the connection has ended.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let step = bytes.withUnsafeBytes { bytes in
                CLibrary.send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { return false }
            sent += step
        }
        return true
    }

    private func set(_ option: Int32) {
        guard isTCP else { return }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
