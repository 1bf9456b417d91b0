import Glibc

/// Why pcscd does not answer.
enum ServiceCheck {
    private static let program = "/usr/sbin/pcscd"

    /// The socket that libpcsclite connects to.
    private static var socketPath: String {
        getenv("PCSCLITE_CSOCK_NAME").map { String(cString: $0) } ?? "/run/pcscd/pcscd.comm"
    }

    static func finding() -> Finding {
        guard access(program, F_OK) == 0 else {
            return .bad("pcscd is not installed", mend: "sudo apt-get install pcscd libccid")
        }
        guard isListening() else {
            return .bad("pcscd does not run", mend: "sudo systemctl enable --now pcscd.socket")
        }
        return .bad(
            "pcscd runs, and lets you not in: polkit allows it to the person at the seat",
            mend: "log in at the machine itself, or allow org.debian.pcsc-lite.access_pcsc in /etc/polkit-1/rules.d")
    }

    private static func isListening() -> Bool {
        guard let connection = UnixSocket(connectingTo: socketPath) else { return false }
        connection.close()
        return true
    }
}

/// A connection to a socket of the file system.
struct UnixSocket {
    private let descriptor: Int32

    /// Nil where nobody listens there.
    init?(connectingTo path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let descriptor = descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            Glibc.close(descriptor)
            return nil
        }
    }

    func close() { Glibc.close(descriptor) }
}
