import CLibrary

/// A process of this machine, as far as this person may look at it.
struct RunningProcess {
    let pid: Int
    let name: String
    let arguments: [String]

    /// One with this number; nil where it has ended.
    init?(pid: Int) {
        guard let name = FileTree.line(of: "/proc/\(pid)/comm") else { return nil }
        let command = FileTree.text(of: "/proc/\(pid)/cmdline") ?? ""
        (self.pid, self.name) = (pid, name)
        arguments = command.split(separator: "\0").map(String.init)
    }

    /// The numbers of all of them.
    static var all: [Int] { FileTree.names(in: "/proc").compactMap(Int.init) }

    /// Whether it has this module loaded: Martlet waits for nobody with a card for itself.
    var usesMartlet: Bool {
        let maps = FileTree.text(of: "/proc/\(pid)/maps") ?? ""
        return maps.contains("martlet-pkcs11.so")
            || Companions.realPath("/proc/\(pid)/exe").map { $0.hasSuffix("/martlet") } ?? false
    }

    /// The number of the process that started it; nil where it has ended.
    var parent: Int? {
        let lines = FileTree.text(of: "/proc/\(pid)/status")?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("PPid:") }.flatMap { Int($0.dropFirst(5).filter { $0.isNumber }) }
    }

    /// What a variable of its environment was when it was started; nil where it had none, or this person may not look.
    func variable(_ name: String) -> String? {
        let entries = FileTree.text(of: "/proc/\(pid)/environ")?.split(separator: "\0") ?? []
        return entries.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// Whose it is; nil where it has ended.
    var user: uid_t? {
        var status = stat()
        return stat("/proc/\(pid)", &status) == 0 ? status.st_uid : nil
    }

    /// The sockets that it has open, by their inodes; nil where this person may not look.
    static func sockets(of pid: Int) -> Set<UInt32>? {
        guard access("/proc/\(pid)/fd", R_OK | X_OK) == 0 else { return nil }
        var found: Set<UInt32> = []
        var target = [UInt8](repeating: 0, count: 64)
        for name in FileTree.names(in: "/proc/\(pid)/fd") {
            let count = target.withUnsafeMutableBytes { buffer in
                guard let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
                return readlink("/proc/\(pid)/fd/\(name)", start, buffer.count)
            }
            let text = String(decoding: target.prefix(max(0, count)), as: UTF8.self)
            if text.hasPrefix("socket:["), let inode = UInt32(text.dropFirst(8).dropLast()) { found.insert(inode) }
        }
        return found
    }
}
