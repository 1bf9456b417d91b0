import HostCrypto
import ISO7816
import Testing

@testable import VirtualCard

@Suite("OpenPGP: imported keys")
struct OpenPGPImportTests {
    /// The extended header list of section 4.4.3.12.
    private static func template(
        _ slot: OpenPGPKeySlot, _ elements: [(tag: UInt8, value: [UInt8])], reference: [UInt8] = []
    ) -> [UInt8] {
        var headers: [UInt8] = []
        for element in elements { headers += [UInt8].header(tag: UInt32(element.tag), length: element.value.count) }
        return [UInt8](
            tag: 0x4D, children: [UInt8](tag: slot.controlReferenceTag, reference), [UInt8](tag: 0x7F48, headers),
            [UInt8](tag: 0x5F48, elements.flatMap(\.value)))
    }

    /// The private numbers of a key made by libcrypto, read from its PKCS#8 (RFC 5958; RFC 8017, appendix A.1.2).
    private static func elements(of key: PrivateKey) throws -> [(tag: UInt8, value: [UInt8])] {
        let info = try TLVReader(key.pkcs8()).first(0x30)
        let octets = try #require(info?.children.first(0x04)).value
        switch key.type {
        case .rsa:
            let numbers = try #require(TLVReader(octets).first(0x30)).children.all()
            let fields = numbers.map { Array($0.value.drop { $0 == 0 }) }
            return [(0x91, fields[2]), (0x92, fields[4]), (0x93, fields[5])]
        case .ec:
            return [(0x92, Array(try #require(TLVReader(octets).first(0x30)?.children.first(0x04)).value))]
        case .edwards: return [(0x92, Array(try #require(TLVReader(octets).first(0x04)).value))]
        case .montgomery: return [(0x92, Array(try #require(TLVReader(octets).first(0x04)).value.reversed()))]
        }
    }

    @Test(arguments: OpenPGPKeyUseTests.cases)
    func imported(_ algorithm: OpenPGPAlgorithm, _ slot: OpenPGPKeySlot) throws {
        let card = try VirtualCard.openPGP()
        let key = try PrivateKey.generate(algorithm.keyType)
        let data = Self.template(slot, try Self.elements(of: key))
        #expect(try card.send(0xDB, 0x3F, 0xFF, data, ne: 0).status == .securityStatusNotSatisfied)
        try card.verify(.administrator)
        if algorithm != .rsa2048 {
            #expect(try card.send(0xDB, 0x3F, 0xFF, data, ne: 0).status == .incorrectData, "for another algorithm")
        }
        let attributes = AlgorithmAttributes(algorithm, in: slot, exponentBits: 32).bytes
        #expect(try card.putData(slot.tag(first: 0xC1), attributes) == .success)
        #expect(try card.send(0xDB, 0x3F, 0xFF, data, ne: 0).status == .success)
        let read = try OpenPGPJudge.publicKey(algorithm, in: card.readPublicKey(slot).data)
        #expect(read == key.publicKey)
        #expect(try card.keyInformation()[slot] == 0x02)
    }

    @Test("With the public key, the key reference, and other numbers beside")
    func otherForms() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.administrator)
        #expect(try card.putData(0xC1, [0x13, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0xFF]) == .success)
        let scalar = [UInt8](repeating: 0x11, count: 32)
        let point = try PrivateKey.ec(.p256, scalar: scalar).publicKey.octets
        let (right, wrong) =
            ([(0x92, scalar), (0x99, point)], [(0x92, scalar), (0x99, point.reversed())])
            as ([(tag: UInt8, value: [UInt8])], [(tag: UInt8, value: [UInt8])])
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.template(.signature, wrong), ne: 0).status == .incorrectData)
        let data = Self.template(.signature, right, reference: [0x84, 0x01, 0x01])
        #expect(try card.send(0xDB, 0x3F, 0xFF, data, ne: 0).status == .success)
        // CRT numbers follow from the primes, so what a host sends of them is passed over.
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let numbers = try Self.elements(of: key) + [(0x94, [1]), (0x95, [2]), (0x96, [3]), (0x97, [4])]
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.template(.decryption, numbers), ne: 0).status == .success)
    }

    @Test func leadingZerosMayBeLeftOut() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.administrator)
        for attributes: [UInt8] in [
            [0x13, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
            [0x16, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01],
        ] {
            #expect(try card.putData(0xC3, attributes) == .success)
            let short = Self.template(.authentication, [(0x92, [0x01, 0x02])])
            #expect(try card.send(0xDB, 0x3F, 0xFF, short, ne: 0).status == .success)
        }
    }

    @Test func templatesThatAreNone() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.administrator)
        let whole = Self.template(.signature, [(0x91, [1, 0, 1]), (0x92, [3]), (0x93, [5])])
        var cases: [[UInt8]] = (0..<whole.count).map { Array(whole.prefix($0)) } + [whole, whole + [0]]
        cases += [
            Self.template(.signature, []), Self.template(.signature, [(0x91, [1]), (0x91, [1])]),
            Self.template(.signature, [(0x92, [3])], reference: [0x84, 0x01, 0x02]),
            [UInt8](tag: 0x4D, [0xB6, 0x00, 0x7F, 0x48, 0x02, 0x92, 0x02, 0x5F, 0x48, 0x01, 0x00]),
            [UInt8](tag: 0x4D, [0xB6, 0x00, 0x7F, 0x48, 0x02, 0x92, 0x01, 0x5F, 0x48, 0x02, 0x00, 0x00]),
            [UInt8](tag: 0x4D, [0xB6, 0x00, 0x7F, 0x48, 0x03, 0x92, 0x83, 0x01, 0x5F, 0x48, 0x02, 0x00, 0x00]),
        ]
        for data in cases {
            #expect(try card.send(0xDB, 0x3F, 0xFF, data, ne: 0).status == .incorrectData, "\(hexadecimal(data))")
        }
        #expect(try card.send(0xDB, 0x3F, 0xFE, whole, ne: 0).status == .wrongParameters)
    }
}
