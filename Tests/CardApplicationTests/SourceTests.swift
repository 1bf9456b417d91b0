import Foundation
import TestSupport
import Testing

/// What the compiler cannot see of how errors are told.
@Suite struct SourceTests {
    private static let rooms = ["ISO7816", "CardApplication", "PIV", "OpenPGP"]

    /// Each line of a room's sources that is no comment, with its place.
    private static func lines() throws -> [(place: String, text: String)] {
        var lines: [(String, String)] = []
        for room in rooms {
            let folder = URL(filePath: PackageRoot.path + "/Sources/\(room)")
            let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for (number, line) in text.components(separatedBy: "\n").enumerated()
                where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                    lines.append(("\(file.lastPathComponent):\(number + 1)", line))
                }
            }
        }
        return lines
    }

    /// A status word comes from a card: the numbers have names where they are declared, and none is put together elsewhere.
    @Test func noStatusWordIsMadeUp() throws {
        for (place, line) in try Self.lines() where line.contains("StatusWord(rawValue:") {
            #expect(line.contains("static let"), "\(place): \(line)")
        }
        for (place, line) in try Self.lines()
        where line.contains("throw .answered(") || line.contains("throw CardError.answered(") {
            // With the status that was answered; the one that has a name is what SELECT has just answered.
            let isTold = line.contains("status)") || line.contains(".answered(.select, .terminated)")
            #expect(isTold, "\(place): \(line)")
        }
    }

    /// A command's text is for logs: nobody compares it, switches on it or looks a command up by it.
    @Test func noCommandIsComparedAsText() throws {
        let commands = ["PIVCommand", "OpenPGPCommand"]
        for (place, line) in try Self.lines() {
            for command in commands { #expect(!line.contains("\(command)(rawValue:"), "\(place): \(line)") }
            let comparesName = line.contains("ommand.rawValue ==") || line.contains("== command.rawValue")
            #expect(!comparesName, "\(place): \(line)")
            let isNameOfCommand = line.contains("\"VERIFY") || line.contains("\"GET DATA") || line.contains("\"PSO:")
            if isNameOfCommand { #expect(line.contains("case "), "\(place): \(line)") }
        }
    }
}
