import Glibc

/// A process of this machine, as far as this person may look at it.
struct RunningProcess {
    let pid: Int
    let name: String
    let arguments: [String]

    /// All of them.
    static var all: [RunningProcess] {
        FileTree.names(in: "/proc").compactMap(Int.init).compactMap { pid in
            guard let name = FileTree.line(of: "/proc/\(pid)/comm") else { return nil }
            let command = FileTree.text(of: "/proc/\(pid)/cmdline") ?? ""
            return RunningProcess(pid: pid, name: name, arguments: command.split(separator: "\0").map(String.init))
        }
    }

    /// Those that have libpcsclite loaded, without this program: who may hold a card. pcscd tells nobody who does.
    static var usersOfCards: [RunningProcess] {
        all.filter { process in
            guard process.pid != Int(getpid()), process.name != "pcscd" else { return false }
            return FileTree.text(of: "/proc/\(process.pid)/maps")?.contains("libpcsclite") ?? false
        }
    }
}
