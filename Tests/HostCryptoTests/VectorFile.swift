import Foundation
import HostCrypto
import Keys
import Testing

/// The records of a file in Vectors; its README tells the form.
func vectors(_ name: String) throws -> [VectorRecord] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Vectors"))
    let text = try String(contentsOf: url, encoding: .utf8)
    return text.components(separatedBy: "\n\n").map { record in
        let pairs = record.split(separator: "\n").map { line in
            let parts = line.components(separatedBy: " = ")
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return VectorRecord(fields: Dictionary(pairs) { first, _ in first })
    }.filter { !$0.fields.isEmpty }
}

struct VectorRecord: CustomTestStringConvertible {
    let fields: [String: String]

    var testDescription: String { fields.map { "\($0) = \($1.prefix(16))" }.sorted().joined(separator: ", ") }

    func text(_ name: String) throws -> String { try #require(fields[name]) }

    func bytes(_ name: String) throws -> [UInt8] { HostCryptoTests.bytes(hex: try text(name)) }

    /// A number, given in as many bytes as it takes.
    func number(_ name: String) throws -> Int { try bytes(name).reduce(0) { $0 << 8 | Int($1) } }

    /// A hash function, such as `SHA-256`, `SHA256` or `SHA3_256`.
    func digest(_ name: String) throws -> Digest {
        let wanted = try text(name).filter { $0 != "-" }
        return try #require(
            Digest.allCases.first { "\($0)" == wanted.lowercased() })
    }

    /// A curve, such as `P-256`, `p256` or `brainpoolP256r1`.
    func curve(_ name: String) throws -> Curve {
        let wanted = try text(name)
        return try #require(
            Curve.allCases.first { "\($0)" == wanted || "\($0)" == wanted.lowercased().filter { $0 != "-" } })
    }

    /// Whether the record says that the check must pass.
    var passes: Bool { get throws { try text("Result").hasPrefix("P") } }
}
