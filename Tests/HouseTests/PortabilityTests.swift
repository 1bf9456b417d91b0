import Foundation
import TestSupport
import Testing

/// What has another name on another machine is named in one place, or asked for.
@Suite struct PortabilityTests {
    /// Debian's folder for one kind of machine, the folder of one system's headers, and one system's C library; each with the
    /// files that may name it.
    private static let names: [(pattern: String, allowed: Set<String>)] = [
        (#"\b(x86_64|aarch64)-linux-gnu\b"#, []), (#"/usr/include/PCSC\b"#, []),
        (#"(?m)^ *(@\w+ )?import (Glibc|Musl|Darwin)$"#, ["Sources/CLibrary/CLibrary.swift"]),
    ]

    @Test(arguments: names)
    func isNamedNowhereElse(pattern: String, allowed: Set<String>) throws {
        let name = try Regex(pattern)
        let files = try Self.code()
        #expect(files.count > 500)
        #expect(Set(files.filter { $0.text.contains(name) }.map(\.path)) == allowed)
    }

    /// Swift, C, and what builds them; the pages have lines to paste, which must name a machine.
    private static func code() throws -> [(path: String, text: String)] {
        let folders = ["Sources", "Tests", "include", ".ci", ".packaging"]
        let paths = folders.flatMap { folder in
            FileManager.default.enumerator(atPath: PackageRoot.path + "/" + folder)?.compactMap { entry in
                (entry as? String).map { "\(folder)/\($0)" }
            } ?? []
        }
        let endings = ["swift", "c", "h", "modulemap", ""]
        return try (paths + ["Package.swift"]).compactMap { path in
            var isFolder: ObjCBool = false
            let whole = PackageRoot.path + "/" + path
            guard endings.contains(URL(filePath: path).pathExtension), !path.hasSuffix("PortabilityTests.swift"),
                !path.contains("/Corpus/"),
                FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder), !isFolder.boolValue
            else { return nil }
            return try (path, String(contentsOfFile: whole, encoding: .utf8))
        }
    }
}
