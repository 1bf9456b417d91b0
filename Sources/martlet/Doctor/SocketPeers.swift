import CLibrary

/// Who is connected to a socket in the file system, asked of the kernel (sock_diag(7)).
enum SocketPeers {
    /// NETLINK_SOCK_DIAG.
    private static let netlinkSockDiag: Int32 = 4
    private static let diagByFamily: UInt16 = 20
    private static let request: UInt16 = 1
    private static let dump: UInt16 = 0x300
    /// UDIAG_SHOW_NAME and UDIAG_SHOW_PEER.
    private static let show: UInt32 = 1 | 4
    private static let established: UInt32 = 1 << 1
    private static let done: UInt16 = 3
    private static let error: UInt16 = 2

    /// The inodes of the sockets at the other ends of those that have this name; nil where the kernel does not tell.
    static func inodes(connectedTo path: String) -> Set<UInt32>? {
        let link = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), netlinkSockDiag)
        guard link >= 0 else { return nil }
        defer { close(link) }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // nlmsghdr and unix_diag_req.
        var message = Bytes()
        message.append(UInt32(16 + 24))
        message.append(diagByFamily)
        message.append(request | dump)
        message.append(UInt32(1))
        message.append(UInt32(0))
        message.append(UInt16(AF_UNIX))
        message.append(UInt16(0))
        for word in [established, 0, show, UInt32.max, UInt32.max] { message.append(word) }
        guard send(link, message.content, message.content.count, 0) == message.content.count else { return nil }
        var found: Set<UInt32> = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(link, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            var rest = buffer[..<count]
            while rest.count >= 16 {
                let length = Int(number(rest.prefix(4))),
                    kind = UInt16(truncatingIfNeeded: number(rest.dropFirst(4).prefix(2)))
                if kind == done { return found }
                guard kind != error, length >= 16, length <= rest.count else { return nil }
                if let peer = peer(in: rest.prefix(length).dropFirst(16), path) { found.insert(peer) }
                rest = rest.dropFirst((length + 3) & ~3)
            }
        }
    }

    /// The peer of one socket (unix_diag_msg and its attributes), where it has the name.
    private static func peer(in message: ArraySlice<UInt8>, _ path: String) -> UInt32? {
        var rest = message.dropFirst(16)
        var isNamed = false, peer: UInt32?
        while rest.count >= 4 {
            let length = Int(number(rest.prefix(2))), kind = number(rest.dropFirst(2).prefix(2))
            guard length >= 4, length <= rest.count else { break }
            let value = rest.prefix(length).dropFirst(4)
            // UNIX_DIAG_NAME and UNIX_DIAG_PEER.
            if kind == 0 { isNamed = value.prefix { $0 != 0 }.elementsEqual(path.utf8) }
            // One that has gone has no number.
            if kind == 2, value.count == 4, number(value) != 0 { peer = number(value) }
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return isNamed ? peer : nil
    }

    /// A number of two or four bytes, in the machine's order.
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let ordered = UInt16(1).littleEndian == 1 ? Array(bytes.reversed()) : Array(bytes)
        return ordered.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private struct Bytes {
        private(set) var content: [UInt8] = []

        mutating func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number) { content += $0 }
        }
    }
}
