import Testing

@testable import VirtualCard

@Suite("Whatever bytes come, the card answers")
struct FuzzTests {
    /// A small generator whose seed a failure can be repeated with (Marsaglia's xorshift64).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    /// Commands that are right, for mutation. No RSA key generation: it takes long.
    static let seeds: [[UInt8]] = [
        [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08],
        [0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x05, 0x00],
        [0x00, 0xDB, 0x3F, 0xFF, 0x09, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x02, 0x3E, 0x00],
        [0x00, 0x20, 0x00, 0x80, 0x08, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0xFF, 0xFF],
        [0x00, 0x24, 0x00, 0x80, 0x10] + [UInt8](repeating: 0x31, count: 16),
        [0x00, 0x2C, 0x00, 0x80, 0x10] + [UInt8](repeating: 0x31, count: 16),
        [0x00, 0x87, 0x11, 0x9E, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20]
            + [UInt8](repeating: 1, count: 32) + [0x00],
        [0x00, 0x87, 0x11, 0x9D, 0x47, 0x7C, 0x45, 0x82, 0x00, 0x85, 0x41, 0x04]
            + [UInt8](repeating: 1, count: 64),
        [0x00, 0x87, 0x0A, 0x9B, 0x04, 0x7C, 0x02, 0x80, 0x00, 0x00],
        [0x00, 0x47, 0x00, 0x9A, 0x05, 0xAC, 0x03, 0x80, 0x01, 0x11],
        [0x00, 0xFE, 0x11, 0x9A, 0x22, 0x06, 0x20] + [UInt8](repeating: 1, count: 32),
        [
            0x00, 0xFE, 0x06, 0x9A, 0x0F, 0x01, 0x01, 0x03, 0x02, 0x01, 0x05, 0x03, 0x01, 0x01, 0x04,
            0x01, 0x01, 0x05,
            0x01, 0x01,
        ],
        [0x00, 0xFF, 0xFF, 0xFF, 0x13, 0x08, 0x9B, 0x10] + [UInt8](repeating: 1, count: 16),
        [0x00, 0xF7, 0x00, 0x9A, 0x00], [0x00, 0xF9, 0x9E, 0x00, 0x00], [0x00, 0xF6, 0x9A, 0x9E],
        [0x00, 0xFA, 0x05, 0x05], [0x00, 0xC0, 0x00, 0x00, 0x00], [0x10, 0x87, 0x11, 0x9E, 0x01, 0x7C],
        [0x00, 0xCB, 0x3F, 0xFF, 0x00, 0x00, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x05, 0x00, 0x00],
    ]

    /// Right commands to the OpenPGP application. The keys of the card are EC keys, so that none of RSA is made.
    static let openPGPSeeds: [[UInt8]] = [
        [0x00, 0xA4, 0x04, 0x00, 0x06, 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01], [0x00, 0xCA, 0x00, 0x6E, 0x00],
        [0x00, 0xCA, 0x7F, 0x21, 0x00], [0x00, 0xCC, 0x7F, 0x21, 0x00], [0x00, 0xCA, 0x00, 0xFA, 0x00, 0x00, 0x00],
        [0x00, 0xA5, 0x01, 0x04, 0x06, 0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21],
        [0x00, 0x20, 0x00, 0x81, 0x06, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36],
        [0x00, 0x20, 0x00, 0x82, 0x06, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36],
        [0x00, 0x20, 0x00, 0x83, 0x08, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38],
        [0x00, 0x24, 0x00, 0x81, 0x0C, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36],
        [0x00, 0x2C, 0x02, 0x81, 0x06, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36], [0x00, 0xDA, 0x00, 0xC4, 0x01, 0x01],
        [0x00, 0xDA, 0x00, 0xC2, 0x06, 0x12, 0x2B, 0x81, 0x04, 0x00, 0x22],
        [0x00, 0xDA, 0x00, 0xF9, 0x03, 0x81, 0x01, 0x00], [0x00, 0xDA, 0x00, 0xD3, 0x08, 1, 2, 3, 4, 5, 6, 7, 8],
        [0x00, 0xDA, 0x00, 0xD5, 0x10] + [UInt8](repeating: 1, count: 16),
        [
            0x00, 0xDB, 0x3F, 0xFF, 0x2E, 0x4D, 0x2C, 0xB6, 0x00, 0x7F, 0x48, 0x02, 0x92, 0x20, 0x5F, 0x48, 0x20,
        ] + [UInt8](repeating: 1, count: 32),
        [0x00, 0x47, 0x80, 0x00, 0x02, 0xB6, 0x00, 0x00], [0x00, 0x47, 0x81, 0x00, 0x02, 0xB8, 0x00, 0x00],
        [0x00, 0x2A, 0x9E, 0x9A, 0x20] + [UInt8](repeating: 1, count: 32) + [0x00],
        [0x00, 0x88, 0x00, 0x00, 0x20] + [UInt8](repeating: 1, count: 32) + [0x00],
        [0x00, 0x2A, 0x80, 0x86, 0x48, 0xA6, 0x46, 0x7F, 0x49, 0x43, 0x86, 0x41, 0x04]
            + [UInt8](repeating: 1, count: 64) + [0x00],
        [0x00, 0x2A, 0x80, 0x86, 0x11, 0x02] + [UInt8](repeating: 1, count: 16) + [0x00],
        [0x00, 0x2A, 0x86, 0x80, 0x10] + [UInt8](repeating: 1, count: 16) + [0x00],
        [0x00, 0x22, 0x41, 0xB8, 0x03, 0x83, 0x01, 0x03], [0x00, 0x84, 0x00, 0x00, 0x08], [0x00, 0xE6, 0x00, 0x00],
        [0x00, 0x44, 0x00, 0x00], [0x00, 0xF1, 0x00, 0x00, 0x00], [0x00, 0xF2, 0x00, 0x00, 0x03, 3, 3, 3],
        [0x10, 0xDA, 0x7F, 0x21, 0x02, 0x30, 0x00], [0x00, 0xC0, 0x00, 0x00, 0x00],
    ]

    @Test(arguments: CardProfile.all.filter(\.hasOpenPGP), [1, 2, 3] as [UInt64])
    func openPGPNeverTraps(_ profile: CardProfile, _ seed: UInt64) throws {
        var builder = try CardBuilder(profile: profile, serialNumber: 1)
        // Cards without elliptic curves stay without keys.
        let hasCurves = profile.openPGP?.algorithms.contains(.p256) == true
        if hasCurves {
            for slot in ["sig", "dec", "aut"] {
                try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: "p256", hasCertificate: false))
            }
        }
        var random = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        var card = VirtualCard(state: builder.state)
        for round in 0..<3000 {
            if round % 40 == 0 {
                card = VirtualCard(state: builder.state)
                try card.selectOpenPGP()
                try card.verify(.signature, .user, .administrator)
            }
            let command = Self.mutated(&random, Self.openPGPSeeds)
            // What ACTIVATE FILE leaves, and attributes of RSA, would have GENERATE make RSA keys.
            guard command.count < 3 || command[1] != 0x47 || command[2] != 0x80 || hasCurves else {
                continue
            }
            guard command.count < 2 || command[1] != 0x44, !command.starts(with: [0x00, 0xDA, 0x00, 0xC1, 0x06, 0x01])
            else { continue }
            let answer = card.process(command)
            if answer.isEmpty, profile.quirks.contains(.extendedNothing) { continue }
            #expect(
                answer.count >= 2 && answer.count <= 65538, "seed \(seed), round \(round): \(hexadecimal(command))")
        }
    }

    @Test(arguments: CardProfile.all.filter(\.hasPIV), [1, 2, 3] as [UInt64])
    func neverTraps(_ profile: CardProfile, _ seed: UInt64) throws {
        var builder = try CardBuilder(profile: profile, serialNumber: 1)
        for reference in [0x9D, 0x9E] as [UInt8] {
            try builder.add(.init(reference: reference, algorithm: "p256"))
        }
        let card = VirtualCard(state: builder.state)
        var random = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        for round in 0..<2000 {
            if round % 50 == 0 {
                card.reset()
                try card.selectPIV()
                // A mutated command may have changed the management key, which only Yubico's cards have a command for.
                if round == 0 || !profile.takesPolicies && profile.alike == nil { try card.authenticateAdministrator() }
            }
            let command = Self.mutated(&random, Self.seeds)
            // P1 05, 06, 07 and 16 in the template of GENERATE would make RSA keys.
            guard
                command.count < 2 || command[1] != 0x47
                    || !command.contains(where: { [5, 6, 7, 0x16].contains($0) })
            else {
                continue
            }
            let answer = card.process(command)
            if answer.isEmpty, profile.quirks.contains(.extendedNothing) { continue }
            #expect(
                answer.count >= 2 && answer.count <= 65538,
                "seed \(seed), round \(round): \(hexadecimal(command))")
        }
    }

    private static func mutated(_ random: inout Generator, _ seeds: [[UInt8]]) -> [UInt8] {
        if Int.random(in: 0..<10, using: &random) == 0 {
            return (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
        }
        var command = seeds.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 0...4, using: &random) where !command.isEmpty {
            let position = command.indices.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: command[position] = UInt8.random(in: 0...255, using: &random)
            case 1: command[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: command.remove(at: position)
            default: command.insert(UInt8.random(in: 0...255, using: &random), at: position)
            }
        }
        return Bool.random(using: &random) ? fitted(command, &random) : command
    }

    /// The same with data that may end earlier, no Le, and Lc as it then has to be: else few get beyond their lengths.
    private static func fitted(_ command: [UInt8], _ random: inout Generator) -> [UInt8] {
        guard (6...260).contains(command.count) else { return command }
        let whole = Bool.random(using: &random)
        let count = whole ? command.count - 5 : Int.random(in: 0..<command.count - 5, using: &random)
        return command.prefix(4) + (count == 0 ? [] : [UInt8(count)]) + command[5..<5 + count]
    }
}
