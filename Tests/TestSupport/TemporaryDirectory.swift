import Foundation
import Synchronization

/// A new folder that only this user may read, removed with all it holds when its owner lets it go.
public final class TemporaryDirectory: Sendable {
    /// Its absolute path, short enough for sockets inside it.
    public let path: String
    private let filesGiven = Atomic(0)

    /// Makes a folder whose name begins with `prefix`, below `/tmp`.
    /// - Throws: `ToolFailure` if it cannot be made.
    public init(prefix: String = "martlet") throws {
        var template = Array("/tmp/\(prefix).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ToolFailure("no folder below /tmp: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }

    /// The path of a file in it that nobody else will be given, so that tests running in parallel can share the folder.
    public func newFile(_ name: String) -> String {
        file("\(filesGiven.add(1, ordering: .relaxed).newValue)-\(name)")
    }

    /// Writes a file into it.
    /// - Returns: the file's path.
    /// - Throws: the file system's error.
    @discardableResult
    public func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    /// The same, of bytes.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
        // A child that starts meanwhile would hold the file open for a moment, and a program could not be run then.
        try ChildProcess.startingAlone.withLock {
            try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        }
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file(name))
        return file(name)
    }

    /// The bytes of a file in it.
    /// - Throws: the file system's error.
    public func read(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}
