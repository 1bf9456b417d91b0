import Foundation

/// The openssl command: a judge from outside for what HostCrypto computes.
enum OpenSSLTool {
    struct Result {
        let status: Int32
        let output: [UInt8]
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs `openssl` with these arguments; a `[UInt8]` among them becomes a file, and its path the argument.
    static func run(_ arguments: [any Sendable]) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = try arguments.enumerated().map { index, argument in
            guard let bytes = argument as? [UInt8] else { return "\(argument)" }
            let file = folder.appending(path: "\(index)")
            try Data(bytes).write(to: file)
            return file.path
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: [UInt8](data))
    }
}

/// The bytes that a text of hexadecimal digits writes; other characters are passed over.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
