import ArgumentParser
import Foundation
import VirtualCard

/// SLOT=ALGORITHM or SLOT=file:PATH, and what follows after commas.
struct KeyArgument: ExpressibleByArgument {
    private let reference: UInt8
    private let source: String
    private let details: [String]

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, let reference = UInt8(halves[0], radix: 16) else { return nil }
        let parts = halves[1].split(separator: ",").map(String.init)
        guard let source = parts.first else { return nil }
        self.reference = reference
        self.source = source
        details = Array(parts.dropFirst())
    }

    /// What the argument asks for.
    func plan() throws -> CardBuilder.KeyPlan {
        var plan = CardBuilder.KeyPlan(reference: reference)
        if source.hasPrefix("file:") {
            plan.imported = try Self.privateKey(at: String(source.dropFirst(5)))
        } else {
            plan.algorithm = source
        }
        for detail in details {
            switch detail {
            case "nocert": plan.certificate = .none
            case "gzip": plan.certificate = .compressed
            case "pin=never": plan.pinPolicy = .never
            case "pin=once": plan.pinPolicy = .once
            case "pin=always": plan.pinPolicy = .always
            case "touch=never": plan.touchPolicy = .never
            case "touch=always": plan.touchPolicy = .always
            case "touch=cached": plan.touchPolicy = .cached
            default: throw ValidationError("--key: \(detail) is not understood")
            }
        }
        return plan
    }

    /// PKCS#8 in DER from a file of DER or PEM.
    private static func privateKey(at path: String) throws -> [UInt8] {
        let data = try Data(contentsOf: URL(filePath: path))
        guard let text = String(data: data, encoding: .ascii), text.contains("-----BEGIN PRIVATE KEY-----") else {
            return [UInt8](data)
        }
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        guard let der = Data(base64Encoded: lines.joined()) else {
            throw ValidationError("\(path) is not PEM")
        }
        return [UInt8](der)
    }
}

/// TAG=HEX.
struct ObjectArgument: ExpressibleByArgument {
    let tag: UInt32
    let content: [UInt8]

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, let tag = UInt32(halves[0], radix: 16), halves[1].count % 2 == 0 else { return nil }
        let digits = Array(halves[1])
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        guard !bytes.contains(nil) else { return nil }
        self.tag = tag
        content = bytes.compactMap { $0 }
    }
}
