import CLibrary

/// The first process of a `CardWorld`, and the line to it: `World/world.sh`, which says what it does.
final class WorldSupervisor {
    /// The process id of the world's first process, as this process sees it.
    let worldPid: String
    private let child: ChildProcess
    private let reader: LineReader

    /// Makes the namespaces.
    /// - Throws: `ToolFailure` if the machine refuses that.
    init(directory: String) throws {
        let script = PackageRoot.path + "/Tests/TestSupport/World/world.sh"
        // A user who is not root may make namespaces only within a user namespace. Root needs none, and its
        // programs, such as sshd, may then change users as they do outside.
        let user = getuid() == 0 ? [] : ["--map-root-user"]
        child = try ChildProcess(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"] + user + ["bash", script, directory]
                + (Debian.root.map { [$0] + Debian.sharedFolders } ?? []),
            environment: Tool.cleanEnvironment)
        reader = LineReader(child.output)
        let answer = try reader.next(Deadline(seconds: 20)).split(separator: " ", maxSplits: 1)
        guard answer.count == 2, answer[0] == "ready" else {
            throw ToolFailure("a private world cannot be made here: \(answer.joined(separator: " ")): \(child.errors)")
        }
        worldPid = String(answer[1])
    }

    deinit {
        // The end of its input ends the shell, and the end of process 1 everything in the world.
        child.closeInput()
        let deadline = Deadline(seconds: 5)
        while child.pollEnding() == nil && !deadline.hasPassed { usleep(1000) }
    }

    /// Runs one line of shell in the world and waits for its end.
    /// - Returns: the exit status.
    /// - Throws: `ToolFailure` if the world has ended.
    func run(_ line: String) throws -> Int32 {
        let bytes = Array((line + "\n").utf8)
        guard write(child.input, bytes, bytes.count) == bytes.count else {
            throw ToolFailure("the world has ended: \(child.errors)")
        }
        let answer = try reader.next(Deadline(seconds: 60)).split(separator: " ")
        guard answer.count == 2, answer[0] == "done", let status = Int32(answer[1]) else {
            throw ToolFailure("the world answers '\(answer)' to: \(line): \(child.errors)")
        }
        return status
    }
}

extension ChildProcess {
    /// What the program has written to its standard error, as far as it is there now.
    var errors: String {
        _ = fcntl(errorOutput, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = max(0, CLibrary.read(errorOutput, &buffer, buffer.count))
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
