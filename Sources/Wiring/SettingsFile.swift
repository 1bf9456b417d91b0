import CLibrary
import Platform

/// The system's settings: lines `name = value`, empty lines, and comments that begin with `#`.
public struct SettingsFile: Sendable {
    /// Where it lies. Nobody but the machine's administrator may write to it.
    public static let path = "/etc/martlet.conf"

    /// What it sets.
    public let values: [Setting: String]
    /// What is wrong with it, in words.
    public let complaints: [String]

    private static let sizeLimit = 65_536

    /// The file as it is now.
    public static func read() -> SettingsFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT ? SettingsFile(text: "") : SettingsFile(refused: "it cannot be read")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return SettingsFile(refused: "it is no plain file")
        }
        guard status.st_uid == 0, status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            return SettingsFile(refused: "others than root may write to it")
        }
        // One byte more than the limit shows that there is more.
        let text = [UInt8](unsafeUninitializedCapacity: sizeLimit + 1) { buffer, count in
            count = max(0, CLibrary.read(descriptor, buffer.baseAddress, buffer.count))
        }
        guard text.count <= sizeLimit else { return SettingsFile(refused: "it is longer than \(sizeLimit) bytes") }
        return SettingsFile(text: String(decoding: text, as: UTF8.self))
    }

    private init(refused reason: String) {
        values = [:]
        complaints = ["\(Self.path) is not used: \(reason)"]
    }

    /// A file with this text. The last of several lines with one name counts.
    package init(text: String) {
        var values: [Setting: String] = [:]
        var complaints: [String] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmed
            guard let first = line.first, first != "#" else { continue }
            let parts = line.split(separator: "=", maxSplits: 1).map(\.trimmed)
            if parts.count == 2, let setting = Setting(rawValue: String(parts[0])) {
                values[setting] = String(parts[1])
            } else {
                complaints.append("\(Self.path), line \(index + 1): there is no such setting")
            }
        }
        self.values = values
        self.complaints = complaints
    }
}

extension Substring {
    /// Without the white space at both ends.
    var trimmed: Substring {
        var rest = self
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest.drop(while: \.isWhitespace)
    }
}
