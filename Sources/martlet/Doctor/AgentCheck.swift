import CLibrary

/// Whether the ssh-agent here takes the module.
enum AgentCheck {
    /// What ssh-agent allows unless `-P` says otherwise (ssh-agent(1)).
    private static let usuallyAllowed = "/usr/lib*/*,/usr/local/lib*/*"

    /// The agent of SSH_AUTH_SOCK, where one answers.
    static var current: SSHAgent? {
        guard let socket = Self.socket else { return nil }
        return try? SSHAgent(socket)
    }

    private static var socket: String? {
        guard let socket = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !socket.isEmpty else { return nil }
        return socket
    }

    /// The line that starts an agent which takes the module.
    static func start(_ module: String, environment: String = "") -> String {
        "eval \"$(\(environment)ssh-agent -P \(module.shellWord))\""
    }

    static func findings(_ module: String) -> [Finding] {
        [finding(module)] + (stranger(module).map { [$0] } ?? [])
    }

    /// Another agent than the one at the socket, where SSH_AGENT_PID names one.
    private static func stranger(_ module: String) -> Finding? {
        guard let socket, let named = getenv("SSH_AGENT_PID").flatMap({ Int(String(cString: $0)) }),
            let peer = current?.connection.peer, peer.user == geteuid(),
            let process = process(of: peer), process.name == "ssh-agent", process.pid != named
        else { return nil }
        return .note(
            "SSH_AGENT_PID names the process \(named), which is not OpenSSH's agent at \(socket)", run: start(module))
    }

    /// The process of an agent.
    static func process(of agent: SSHAgent) -> RunningProcess? { agent.connection.peer.flatMap(process) }

    /// The process that answers. An agent that went into the background is a child of the one that the kernel names, and lets
    /// nobody look at its open files: the first one after it is taken.
    private static func process(of peer: UnixSocket.Peer) -> RunningProcess? {
        guard peer.pid > 0 else { return nil }
        if let process = RunningProcess(pid: peer.pid) { return process }
        let later = RunningProcess.all.filter { $0 > peer.pid }.sorted().lazy.compactMap(RunningProcess.init(pid:))
        return later.first { $0.name == "ssh-agent" && $0.user == peer.user }
    }

    private static func finding(_ module: String) -> Finding {
        let start = start(module)
        guard let socket else { return .note("no ssh-agent runs here", run: start) }
        let agent: SSHAgent
        do throws(UnixSocket.Failure) {
            agent = try SSHAgent(socket)
        } catch {
            let reason = String(cString: strerror(error.number))
            return .bad("nobody answers at \(socket), where the ssh-agent is to be (\(reason))", run: start)
        }
        guard let peer = agent.connection.peer, Progress.during("asking the ssh-agent", { agent.keys() }) != nil else {
            return .bad("what listens at \(socket) does not answer as an ssh-agent does", run: start)
        }
        guard peer.user == geteuid() else {
            return .bad("the ssh-agent at \(socket) is another user's (\(peer.user))", run: start)
        }
        let names = agent.extensions().map { ", with the extensions \($0.joined(separator: ", "))" } ?? ""
        guard let process = process(of: peer) else {
            return .note(
                "the agent at \(socket)\(names) runs elsewhere: whether it takes the module cannot be seen from here",
                run: start)
        }
        guard process.name == "ssh-agent" else {
            return .note(
                "the agent at \(socket) is \(process.name)\(names), not OpenSSH's, and may take no modules", run: start)
        }
        let allowed = allowList(of: process.arguments)
        guard allowed.split(separator: ",").contains(where: { fnmatch(String($0), module, 0) == 0 }) else {
            return .bad("ssh-agent (\(process.pid)) does not allow \(module)", run: start)
        }
        return .good("ssh-agent allows the module (\(process.pid))")
    }

    private static func allowList(of arguments: [String]) -> String {
        guard let index = arguments.firstIndex(where: { $0.hasPrefix("-P") }) else { return usuallyAllowed }
        let attached = arguments[index].dropFirst(2)
        if !attached.isEmpty { return String(attached) }
        return arguments.indices.contains(index + 1) ? arguments[index + 1] : usuallyAllowed
    }
}
