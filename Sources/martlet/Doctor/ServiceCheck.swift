import CLibrary

/// Why pcscd does not answer.
enum ServiceCheck {
    private static let program = "/usr/sbin/pcscd"

    /// The socket that libpcsclite connects to.
    static var socketPath: String {
        getenv("PCSCLITE_CSOCK_NAME").map { String(cString: $0) } ?? "/run/pcscd/pcscd.comm"
    }

    static func finding() -> Finding {
        guard access(program, F_OK) == 0 else {
            return .bad("pcscd is not installed", run: "sudo apt-get install -y pcscd libccid")
        }
        do throws(UnixSocket.Failure) {
            _ = try UnixSocket(socketPath)
        } catch {
            return finding(error.number)
        }
        return .bad(
            "pcscd runs, and lets you not in: polkit allows it to the person at the seat",
            mend: "log in at the machine itself, or allow org.debian.pcsc-lite.access_pcsc in /etc/polkit-1/rules.d")
    }

    private static func finding(_ number: Int32) -> Finding {
        guard number == EACCES else {
            return .bad("pcscd does not run", run: "sudo systemctl enable --now pcscd.socket")
        }
        // Debian's socket unit lets everybody in; polkit decides afterwards.
        let folder = Companions.parent(of: socketPath)
        return .bad(
            "pcscd's socket \(socketPath) is there, and you may not reach it",
            run: "sudo chmod 755 \(folder.shellWord) && sudo chmod 666 \(socketPath.shellWord)")
    }
}
