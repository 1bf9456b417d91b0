import CLibrary

/// A connection to a socket in the file system.
final class UnixSocket {
    let descriptor: Int32

    /// Who listens at the other end.
    struct Peer {
        /// Zero where it is in another namespace.
        let pid: Int
        let user: uid_t
    }

    /// Connects.
    ///
    /// - Throws: the error number.
    init(_ path: String) throws(Failure) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(number: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure(number: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    struct Failure: Error {
        let number: Int32
    }

    /// SO_PEERCRED (unix(7)): who called listen(2).
    var peer: Peer? {
        var credentials = (pid_t(0), uid_t(0), gid_t(0))
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else { return nil }
        return Peer(pid: Int(credentials.0), user: credentials.1)
    }
}
