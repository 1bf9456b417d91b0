import CLibrary

/// An ssh-agent, asked by its protocol (draft-ietf-sshm-ssh-agent).
struct SSHAgent {
    let connection: UnixSocket

    private static let requestIdentities: UInt8 = 11
    private static let identitiesAnswer: UInt8 = 12
    private static let extensionRequest: UInt8 = 27
    private static let success: UInt8 = 6
    private static let longestAnswer = 1 << 18

    init(_ path: String) throws(UnixSocket.Failure) {
        connection = try UnixSocket(path)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection.descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// The public keys that it holds, as blobs of SSH; nil where it does not answer as an agent does.
    func keys() -> [[UInt8]]? {
        guard var answer = ask([Self.requestIdentities]), answer.popFirst() == Self.identitiesAnswer,
            let count = Self.number(&answer), count <= 4096
        else { return nil }
        var keys: [[UInt8]] = []
        for _ in 0..<count {
            guard let blob = Self.string(&answer), Self.string(&answer) != nil else { return nil }
            keys.append(blob)
        }
        return keys
    }

    /// The extensions that it names when it is asked with `query`; nil where it knows none.
    func extensions() -> [String]? {
        guard var answer = ask([Self.extensionRequest] + Self.string(Array("query".utf8))),
            let kind = answer.popFirst()
        else { return nil }
        // SSH_AGENT_SUCCESS, or SSH_AGENT_EXTENSION_RESPONSE with the name before the list.
        guard kind == Self.success || kind == 29 else { return nil }
        if kind == 29 { _ = Self.string(&answer) }
        var names: [String] = []
        while !answer.isEmpty {
            guard let name = Self.string(&answer) else { return nil }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    private func ask(_ request: [UInt8]) -> ArraySlice<UInt8>? {
        let message = Self.string(request)
        guard write(connection.descriptor, message, message.count) == message.count, let header = read(4) else {
            return nil
        }
        var length = header[...]
        guard let count = Self.number(&length), count > 0, count <= Self.longestAnswer else { return nil }
        return read(count)?[...]
    }

    private func read(_ count: Int) -> [UInt8]? {
        var answer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = answer.withUnsafeMutableBytes {
                CLibrary.read(connection.descriptor, $0.baseAddress?.advanced(by: filled), count - filled)
            }
            guard read > 0 else { return nil }
            filled += read
        }
        return answer
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        defer { bytes = bytes.dropFirst(4) }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func string(_ bytes: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard let count = number(&bytes), count <= bytes.count else { return nil }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
    }
}
