import Foundation
import Testing

/// The openssl program, as a judge from outside, and gzip.
enum Outside {
    /// A program's exit status and what it wrote.
    struct Result {
        let status: Int32
        let output: [UInt8]
    }

    /// Runs a program with files made of `files`, whose names the arguments use.
    static func run(_ arguments: [String], files: [String: [UInt8]] = [:]) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "virtualcard-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: [UInt8](output))
    }

    /// Expects openssl to end well.
    static func openssl(_ arguments: String..., files: [String: [UInt8]]) throws {
        let result = try run(["openssl"] + arguments, files: files)
        #expect(result.status == 0, "\(arguments): \(String(decoding: result.output, as: UTF8.self))")
    }
}
