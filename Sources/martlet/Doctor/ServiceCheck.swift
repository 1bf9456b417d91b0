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
        guard UnixSocket.isListening(at: socketPath) else {
            return .bad("pcscd does not run", mend: "sudo systemctl enable --now pcscd.socket")
        }
        return .bad(
            "pcscd runs, and lets you not in: polkit allows it to the person at the seat",
            mend: "log in at the machine itself, or allow org.debian.pcsc-lite.access_pcsc in /etc/polkit-1/rules.d")
    }
}
