import Foundation

/// Watches what the module writes in a world, by whatever program and to whatever file: no line may have a PIN in it.
///
/// Every program of a world has the module write its log and its trace, unless the test has it write elsewhere; each line
/// begins with "martlet[", by which it is found in any file of the world's folder.
struct SecretWatch {
    private let folder: String
    /// How far each file was read.
    private var offsets: [String: UInt64] = [:]

    init(folder: String) { self.folder = folder }

    /// The variables by which a program has the module write.
    var environment: [String: String] {
        ["MARTLET_LOG": folder + "/module.log", "MARTLET_TRACE": folder + "/module.trace"]
    }

    /// Throws where a line that was written since the last look has a secret in it.
    mutating func look() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let path = folder + "/" + name
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard attributes?[.type] as? FileAttributeType == .typeRegular,
                let file = FileHandle(forReadingAtPath: path)
            else { continue }
            let size = try file.seekToEnd(), seen = offsets[path] ?? 0
            guard size > seen else { continue }
            try file.seek(toOffset: seen)
            offsets[path] = size
            guard let data = try file.readToEnd() else { continue }
            try Self.check(String(decoding: data, as: UTF8.self), name)
        }
    }

    /// Throws where a line of the module's in this text has a secret in it.
    static func check(_ text: String, _ place: String) throws {
        for line in text.split(separator: "\n") where line.hasPrefix("martlet[") {
            let found = secrets.contains { isWritten($0, in: line) }
            if found { throw ToolFailure("the module has written a secret to \(place): \(line)") }
        }
    }

    /// Whether a secret is in a line: its bytes in a line of the trace, its text in any other. Six digits are in a trace by
    /// chance, as digits of something else, and bytes begin at every second digit.
    private static func isWritten(_ secret: (text: String, hexadecimal: String), in line: Substring) -> Bool {
        guard let mark = line.firstRange(of: #/\]: [<>] /#) else {
            return line.contains(secret.text) || line.contains(secret.hexadecimal)
        }
        let digits = line[mark.upperBound...]
        return digits.ranges(of: secret.hexadecimal).contains {
            digits.distance(from: digits.startIndex, to: $0.lowerBound).isMultiple(of: 2)
        }
    }

    /// What the suites use as PINs, codes and keys. The serial number of most cards is left out as text: it is a PUK too.
    private static let secrets: [(text: String, hexadecimal: String)] =
        [
            "123456", "654321", "87654321", "111111", "222222", "999999", "987654", "k7#Qw9Zp", "newpin", "abcdef",
            SimulatedCard.managementKey,
        ].map { ($0, hexadecimal($0)) } + [(hexadecimal("12345678"), SimulatedCard.managementKey)]

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { String(format: "%02X", $0) }.joined()
    }
}
