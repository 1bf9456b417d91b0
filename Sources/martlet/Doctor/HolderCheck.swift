import CLibrary

/// Who has a card for itself. pcscd tells nobody; but only who is connected to it can be the one.
enum HolderCheck {
    /// Another program has the card in this reader, and who that may be.
    static func finding(_ reader: String) -> Finding {
        let text = "another program has the card in \(reader) for itself"
        let (suspects, isComplete) = suspects()
        guard let first = suspects.first else {
            return .bad(text, mend: "end it; as root, martlet doctor may be able to name it")
        }
        let names = suspects.map { "\($0.name) (\($0.pid))" }
        let isSure = suspects.count == 1 && isComplete
        let list = names.joined(separator: ", ") + (isComplete ? "" : ", or a program of another user's")
        let named = "\(text): \(isSure ? list : "one of \(list)")"
        if suspects.contains(where: { $0.name == "scdaemon" }) {
            // gpg-agent notices only after some seconds that its scdaemon is gone, and fails until then: it goes too.
            return .bad(
                named,
                run:
                    "mkdir -p -m 700 ~/.gnupg && echo pcsc-shared >> ~/.gnupg/scdaemon.conf && gpgconf --kill gpg-agent"
            )
        }
        guard isSure, !first.usesMartlet else {
            return .bad(named, mend: "wait until it is done, or end what you do with it")
        }
        // Only a process of this person's own, or anybody's for root, could be looked at.
        return .bad(named, run: "kill \(first.pid)")
    }

    /// The processes that are connected to pcscd, without this one; and whether these are all. Those of Martlet's are left
    /// out as long as there is another: they share cards.
    private static func suspects() -> (found: [RunningProcess], isComplete: Bool) {
        guard let inodes = SocketPeers.inodes(connectedTo: ServiceCheck.socketPath) else { return ([], false) }
        let own = RunningProcess.sockets(of: Int(getpid())) ?? []
        var open = inodes.subtracting(own)
        var found: [RunningProcess] = []
        for pid in RunningProcess.all where pid != Int(getpid()) {
            guard let held = RunningProcess.sockets(of: pid)?.intersection(inodes), !held.isEmpty,
                let process = RunningProcess(pid: pid)
            else { continue }
            open.subtract(held)
            found.append(process)
        }
        let others = found.filter { !$0.usesMartlet }
        return (others.isEmpty ? found : others, open.isEmpty)
    }
}
