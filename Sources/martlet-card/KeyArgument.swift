import ArgumentParser
import FoundationEssentials
import VirtualCard

/// SLOT=ALGORITHM or SLOT=file:PATH, and what follows after commas.
struct KeyArgument: ExpressibleByArgument {
    /// What the argument asks for.
    enum Plan {
        case piv(CardBuilder.KeyPlan)
        case openPGP(CardBuilder.OpenPGPKeyPlan)
    }

    private let slot: String
    private let source: String
    private let details: [String]

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, UInt8(halves[0], radix: 16) != nil || Self.openPGPSlots.contains(String(halves[0]))
        else { return nil }
        let parts = halves[1].split(separator: ",").map(String.init)
        guard let source = parts.first else { return nil }
        slot = String(halves[0])
        self.source = source
        details = Array(parts.dropFirst())
    }

    private static let openPGPSlots = ["sig", "dec", "aut"]

    /// What the argument asks for; `noCertificate` names slots that get none.
    func plan(noCertificate: [String]) throws -> Plan {
        let isBare = noCertificate.contains { $0.lowercased() == slot.lowercased() }
        guard let reference = UInt8(slot, radix: 16) else { return .openPGP(try openPGPPlan(isBare: isBare)) }
        return .piv(try pivPlan(reference, isBare: isBare))
    }

    private func pivPlan(_ reference: UInt8, isBare: Bool) throws -> CardBuilder.KeyPlan {
        var plan = CardBuilder.KeyPlan(reference: reference)
        (plan.algorithm, plan.imported) = try key()
        for detail in details {
            switch detail {
            case "nocert": plan.certificate = .none
            case "gzip": plan.certificate = .compressed
            case "pin=never": plan.pinPolicy = .never
            case "pin=once": plan.pinPolicy = .once
            case "pin=always": plan.pinPolicy = .always
            default: plan.touchPolicy = try Self.touchPolicy(detail)
            }
        }
        if isBare { plan.certificate = .none }
        return plan
    }

    private func openPGPPlan(isBare: Bool) throws -> CardBuilder.OpenPGPKeyPlan {
        var plan = CardBuilder.OpenPGPKeyPlan(slot: slot)
        (plan.algorithm, plan.imported) = try key()
        for detail in details {
            switch detail {
            case "nocert": plan.hasCertificate = false
            default: plan.touchPolicy = try Self.touchPolicy(detail)
            }
        }
        if isBare { plan.hasCertificate = false }
        return plan
    }

    /// An algorithm to make a key of, or the key that a file holds.
    private func key() throws -> (algorithm: String?, imported: [UInt8]?) {
        guard source.hasPrefix("file:") else { return (source, nil) }
        return (nil, try Self.privateKey(at: String(source.dropFirst(5))))
    }

    private static func touchPolicy(_ detail: String) throws -> TouchPolicy {
        switch detail {
        case "touch=never": .never
        case "touch=always": .always
        case "touch=cached": .cached
        default: throw ValidationError("--key: \(detail) is not understood")
        }
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
