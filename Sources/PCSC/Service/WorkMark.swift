import CLibrary
import CPCSC

/// Tells other processes that this one has a command carried out by the card in a reader that takes long: a touch that a
/// person is asked for, a new key. A socket in the abstract namespace, which ends with the process and lies nowhere.
///
/// Only a process of the same user, or of root, is believed: others could make this process wait for nothing.
final class WorkMark: Sendable {
    private let descriptor: Int32

    /// Nil where there can be no such socket; somebody who has to wait for the card then gives up sooner.
    init?(_ reader: ReaderName) {
        let made = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard made >= 0 else { return nil }
        let isBound = Self.withAddress(of: reader) { bind(made, $0, $1) == 0 }
        guard isBound, listen(made, SOMAXCONN) == 0 else {
            close(made)
            return nil
        }
        descriptor = made
    }

    deinit {
        // The child of a fork may have a copy.
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// Whether another process works so with the card in a reader.
    static func isSet(_ reader: ReaderName) -> Bool {
        let made = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard made >= 0 else { return false }
        defer { close(made) }
        guard withAddress(of: reader, { connect(made, $0, $1) == 0 }) else { return false }
        var peer = PeerCredentials()
        var size = socklen_t(MemoryLayout<PeerCredentials>.size)
        guard getsockopt(made, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else { return false }
        return peer.user == geteuid() || peer.user == 0
    }

    /// struct ucred, which Glibc's header shows to GNU sources alone (unix(7), SO_PEERCRED).
    private struct PeerCredentials {
        var process: pid_t = 0
        var user: uid_t = .max
        var group: gid_t = .max
    }

    private static func withAddress(
        of reader: ReaderName, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name that is too long is cut: two readers of one such name are taken for one.
        let name = ([0] + Array("martlet works with ".utf8) + reader.bytes)
            .prefix(MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
