import HostCrypto
import ISO7816
import Testing

@testable import VirtualCard

@Suite("OpenPGP: keys made and used, judged by openssl")
struct OpenPGPKeyUseTests {
    /// Every algorithm in every place that it fits into. RSA beyond 2048 bits takes long to make.
    static let cases = OpenPGPAlgorithm.allCases.filter { $0 != .rsa3072 && $0 != .rsa4096 }.flatMap { algorithm in
        OpenPGPKeySlot.allCases.filter(algorithm.fits).map { (algorithm, $0) }
    }

    @Test(arguments: cases)
    func generatedKeysWork(_ algorithm: OpenPGPAlgorithm, _ slot: OpenPGPKeySlot) throws {
        let card = try VirtualCard.openPGP()
        #expect(try card.generate(slot).status == .securityStatusNotSatisfied)
        try card.verify(.administrator)
        let attributes = AlgorithmAttributes(algorithm, in: slot, exponentBits: 32).bytes
        #expect(try card.putData(slot.tag(first: 0xC1), attributes) == .success)
        #expect(try card.readPublicKey(slot).status == .referenceNotFound)
        let answer = try card.generate(slot)
        #expect(answer.status == .success)
        #expect(try card.readPublicKey(slot) == answer)
        let key = try OpenPGPJudge.publicKey(algorithm, in: answer.data)
        #expect(try card.keyInformation()[slot] == 0x01)
        switch slot {
        case .signature:
            try card.verify(.signature)
            try OpenPGPJudge.checkSignature(by: key) { try card.send(0x2A, 0x9E, 0x9A, $0) }
        case .authentication:
            try card.verify(.user)
            try OpenPGPJudge.checkSignature(by: key) { try card.send(0x88, 0, 0, $0) }
        case .decryption:
            try card.verify(.user)
            try OpenPGPJudge.checkDecryption(by: key) { try card.send(0x2A, 0x80, 0x86, $0) }
        }
        // The card keeps the key when its kind is written again, and drops it for another.
        try card.verify(.administrator)
        #expect(try card.putData(slot.tag(first: 0xC1), attributes) == .success)
        #expect(try card.readPublicKey(slot).status == .success)
        let other = AlgorithmAttributes(algorithm == .p384 ? .p256 : .p384, in: slot, exponentBits: 32).bytes
        #expect(try card.putData(slot.tag(first: 0xC1), other) == .success)
        #expect(try card.readPublicKey(slot).status == .referenceNotFound)
    }

    /// Made once, for it takes long.
    private static let greatKey = Result { try PrivateKey.generate(.rsa(bits: 4096)).pkcs8() }

    @Test("A key of the greatest size crosses whole", arguments: [CardProfile.openPGP34, .yubiKey57Both])
    func greatKeys(_ profile: CardProfile) throws {
        let pkcs8 = try Self.greatKey.get()
        let keys = ["sig", "dec"].map { CardBuilder.OpenPGPKeyPlan(slot: $0, imported: pkcs8) }
        let card = try VirtualCard.openPGP(profile, keys: keys)
        try card.verify(.signature, .user)
        let key = try OpenPGPJudge.publicKey(.rsa4096, in: card.readPublicKey(.signature).data)
        try OpenPGPJudge.checkSignature(by: key) { try card.send(0x2A, 0x9E, 0x9A, $0) }
        let other = try OpenPGPJudge.publicKey(.rsa4096, in: card.readPublicKey(.decryption).data)
        try OpenPGPJudge.checkDecryption(by: other) { try card.send(0x2A, 0x80, 0x86, $0) }
    }

    @Test("An old card does the same in chains", arguments: OpenPGPKeySlot.allCases)
    func oldCard(_ slot: OpenPGPKeySlot) throws {
        let card = try VirtualCard.openPGP(.openPGP20, keys: [.init(slot: slot.name, algorithm: "rsa2048")])
        try card.verify(.signature, .user)
        let key = try OpenPGPJudge.publicKey(.rsa2048, in: card.readPublicKey(slot).data)
        switch slot {
        case .signature: try OpenPGPJudge.checkSignature(by: key) { try card.send(0x2A, 0x9E, 0x9A, $0) }
        case .authentication: try OpenPGPJudge.checkSignature(by: key) { try card.send(0x88, 0, 0, $0) }
        case .decryption: try OpenPGPJudge.checkDecryption(by: key) { try card.send(0x2A, 0x80, 0x86, $0) }
        }
    }

    @Test func onePasswordOneSignature() throws {
        let card = try VirtualCard.openPGP(keys: [.init(slot: "sig", algorithm: "p256")])
        let hash = [UInt8](repeating: 1, count: 32)
        func sign() throws -> StatusWord { try card.send(0x2A, 0x9E, 0x9A, hash).status }
        #expect(try sign() == .securityStatusNotSatisfied)
        try card.verify(.user)
        #expect(try sign() == .securityStatusNotSatisfied)
        try card.verify(.signature)
        #expect(try sign() == .success)
        #expect(try sign() == .securityStatusNotSatisfied)
        try card.verify(.administrator, .signature)
        #expect(try card.putData(0xC4, [0x01]) == .success)
        for _ in 0..<3 { #expect(try sign() == .success) }
        #expect(try card.getData(0x7A).data == [0x93, 0x03, 0x00, 0x00, 0x04])
        // A new key counts anew.
        #expect(try card.generate(.signature).status == .success)
        #expect(try card.getData(0x7A).data == [0x93, 0x03, 0x00, 0x00, 0x00])
    }

    @Test func inputsOfAWrongLengthOrKind() throws {
        let card = try VirtualCard.openPGP(keys: [
            .init(slot: "sig", algorithm: "rsa2048"), .init(slot: "dec", algorithm: "p256"),
            .init(slot: "aut", algorithm: "ed25519"),
        ])
        try card.verify(.administrator)
        #expect(try card.putData(0xC4, [0x01]) == .success)
        try card.verify(.signature, .user)
        let offCurve = [UInt8](
            tag: 0xA6, [UInt8](tag: 0x7F49, [UInt8](tag: 0x86, [4] + [UInt8](repeating: 1, count: 64))))
        let cases: [(String, UInt16, [UInt8], StatusWord)] = [
            ("40 % of the modulus", 0x9E9A, [UInt8](repeating: 1, count: 102), .success),
            ("more than 40 %", 0x9E9A, [UInt8](repeating: 1, count: 103), .wrongLength),
            ("nothing to sign", 0x9E9A, [], .wrongLength), ("no padding indicator", 0x8086, [0x01], .incorrectData),
            ("nothing to decipher", 0x8086, [], .incorrectData),
            ("RSA for an EC key", 0x8086, [0x00] + [UInt8](repeating: 1, count: 256), .incorrectData),
            ("a point off the curve", 0x8086, offCurve, .incorrectData),
            ("no point", 0x8086, [0xA6, 0x00], .incorrectData),
            ("AES without a key", 0x8086, [0x02] + [UInt8](repeating: 1, count: 16), .referenceNotFound),
            ("another operation", 0x8081, [0x00], .wrongParameters),
        ]
        for (name, parameters, data, status) in cases {
            let answer = try card.send(0x2A, UInt8(parameters >> 8), UInt8(parameters & 0xFF), data)
            #expect(answer.status == status, "\(name)")
        }
        #expect(try card.send(0x88, 0, 0, []).status == .incorrectData)
        #expect(try card.send(0x88, 0, 1, [1]).status == .wrongParameters)
        let empty = try VirtualCard.openPGP()
        try empty.verify(.signature, .user)
        #expect(try empty.send(0x2A, 0x9E, 0x9A, [1]).status == .referenceNotFound)
        #expect(try empty.send(0x88, 0, 0, [1]).status == .referenceNotFound)
    }

    @Test("AES, both ways", arguments: [BlockCipher.aes128, .aes256])
    func symmetric(_ cipher: BlockCipher) throws {
        let card = try VirtualCard.openPGP()
        let key = try Random.bytes(cipher.keySize)
        try card.verify(.administrator)
        #expect(try card.putData(0xD5, key) == .success)
        let plain = try Random.bytes(64)
        #expect(try card.send(0x2A, 0x86, 0x80, plain).status == .securityStatusNotSatisfied)
        try card.verify(.user)
        let answer = try card.send(0x2A, 0x86, 0x80, plain)
        let zeros = [UInt8](repeating: 0, count: 16)
        #expect(try answer.data == [0x02] + cipher.encrypt(plain, key: key, mode: .cbc(iv: zeros)))
        #expect(try card.send(0x2A, 0x80, 0x86, answer.data).data == plain)
        #expect(try card.send(0x2A, 0x86, 0x80, Array(plain.dropLast())).status == .wrongLength)
    }

    @Test func theOtherKeyIsChosen() throws {
        let card = try VirtualCard.openPGP(keys: [
            .init(slot: "dec", algorithm: "p256"), .init(slot: "aut", algorithm: "p384"),
        ])
        try card.verify(.user)
        let hash = [UInt8](repeating: 1, count: 32)
        #expect(try card.send(0x88, 0, 0, hash).data.count == 96)
        #expect(try card.send(0x22, 0x41, 0xA4, [0x83, 0x01, 0x02], ne: 0).status == .success)
        #expect(try card.send(0x88, 0, 0, hash).data.count == 64)
        let key = try OpenPGPJudge.publicKey(.p384, in: card.readPublicKey(.authentication).data)
        #expect(try card.send(0x22, 0x41, 0xB8, [0x83, 0x01, 0x03], ne: 0).status == .success)
        try OpenPGPJudge.checkDecryption(by: key) { try card.send(0x2A, 0x80, 0x86, $0) }
        #expect(try card.send(0x22, 0x41, 0xB8, [0x83, 0x01, 0x01], ne: 0).status == .incorrectData)
        #expect(try card.send(0x22, 0x41, 0xB6, [0x83, 0x01, 0x02], ne: 0).status == .wrongParameters)
        try card.selectOpenPGP()
        #expect(try card.send(0x88, 0, 0, hash).data.count == 96)
    }

    @Test func theFinger() throws {
        for (policy, touch, statuses) in [
            (TouchPolicy.always, Touch.immediate, [0x9000, 0x9000]),
            (.always, .denied(status: 0x6982), [0x6982, 0x6982]),
            (.never, .denied(status: 0x6982), [0x9000, 0x9000]), (.cached, .denied(status: 0x6985), [0x6985, 0x6985]),
        ] as [(TouchPolicy, Touch, [UInt16])] {
            var builder = try CardBuilder(profile: .yubiKey57Both, serialNumber: 1)
            try builder.add(CardBuilder.OpenPGPKeyPlan(slot: "aut", algorithm: "ed25519", touchPolicy: policy))
            let card = VirtualCard(state: builder.state, touch: touch)
            try card.selectOpenPGP()
            try card.verify(.user)
            #expect(try (0..<2).map { _ in try card.send(0x88, 0, 0, [1]).status.rawValue } == statuses)
        }
    }

    @Test func challenges() throws {
        let card = try VirtualCard.openPGP()
        let one = try card.send(0x84, 0, 0, ne: 32)
        #expect(one.status == .success && one.data.count == 32)
        #expect(try card.send(0x84, 0, 0, ne: 32).data != one.data)
        #expect(try card.send(0x84, 0, 0, ne: 65536).data.count == 255)
        #expect(card.process([0x00, 0x84, 0x00, 0x00]) == [0x67, 0x00])
    }
}
