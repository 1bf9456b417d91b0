import Foundation
import FuzzTargets
import ISO7816
import VirtualCard
import VirtualChannel

/// The corpus's beginnings: what simulated cards answer on the walks of the targets, and each piece of it for the parsers.
enum Recording {
    /// Writes the recording of one walk, and where it was a token's the pieces of its answers.
    static func make(_ target: FuzzTarget, _ profile: CardProfile, in folder: String) throws {
        let source = VirtualCardChannel(card: try card(profile))
        let channel = AnswersChannel(recording: source)
        target.visit(channel)
        try write(channel.record, target, "card-\(profile.name)", in: folder)
        guard target != .module else { return }
        let data: FuzzTarget = target == .pivToken ? .pivData : .openPGPData
        var seen: Set<[UInt8]> = []
        for answer in source.log.map({ Array($0.answer.dropLast(2)) }) where seen.insert(answer).inserted {
            let name = "card-\(profile.name)-\(seen.count)"
            try write(answer, .tlv, name, in: folder)
            var reader = TLVReader(answer)
            guard let value = try? reader.next()?.value else { continue }
            try write(Array(value), data, name, in: folder)
            if let certificate = TLVReader(value).first(0x70)?.value {
                try write(Array(certificate), .certificate, name, in: folder)
            }
        }
    }

    private static func write(_ bytes: [UInt8], _ target: FuzzTarget, _ name: String, in folder: String) throws {
        let folder = URL(filePath: folder).appending(path: target.rawValue)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: folder.appending(path: name))
    }

    private static func card(_ profile: CardProfile) throws -> VirtualCard {
        var builder = try CardBuilder(profile: profile, serialNumber: 1)
        if profile.hasPIV {
            for (reference, algorithm) in [(0x9A, "rsa2048"), (0x9C, "p256"), (0x9D, "rsa2048")] as [(UInt8, String)] {
                let certificate: CardBuilder.CertificatePlan = reference == 0x9A ? .compressed : .plain
                try builder.add(.init(reference: reference, algorithm: algorithm, certificate: certificate))
            }
            builder.addKeyHistory()
        }
        if profile.hasOpenPGP {
            for (slot, algorithm) in [("sig", "ed25519"), ("dec", "rsa2048"), ("aut", "p256")] {
                try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: algorithm))
            }
        }
        return VirtualCard(state: builder.state)
    }
}
