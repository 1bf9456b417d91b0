import HostCrypto
import ISO7816
import Testing

@testable import VirtualCard

@Suite("What the management key allows")
struct AdministrationTests {
    @Test(arguments: ManagementAlgorithm.allCases)
    func mutualAndSingleAuthentication(_ algorithm: ManagementAlgorithm) throws {
        var state = CardState(profile: .yubiKey57, serialNumber: 1)
        state.setManagementKey(algorithm)
        let card = VirtualCard(state: state)
        try card.selectPIV()
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.put).status == .securityStatusNotSatisfied)
        try card.authenticateAdministrator(state.managementKey)
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.put).status == .success)

        card.reset()
        try card.selectPIV()
        let question = try card.send(0x87, algorithm.rawValue, 0x9B, [0x7C, 0x02, 0x81, 0x00])
        let challenge = Array(
            try #require(TLVReader(question.data).first(0x7C)?.children.first(0x81)).value)
        let right = try algorithm.cipher.encrypt(challenge, key: state.managementKey.value, mode: .ecb)
        let wrong = AuthenticationTemplate.answer(0x82, challenge)
        #expect(
            try card.send(0x87, algorithm.rawValue, 0x9B, wrong).status == .securityStatusNotSatisfied)
        // A challenge counts once.
        let late = AuthenticationTemplate.answer(0x82, right)
        #expect(try card.send(0x87, algorithm.rawValue, 0x9B, late).status == .incorrectData)
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.put).status == .securityStatusNotSatisfied)

        let again = try card.send(0x87, algorithm.rawValue, 0x9B, [0x7C, 0x02, 0x81, 0x00])
        let second = Array(try #require(TLVReader(again.data).first(0x7C)?.children.first(0x81)).value)
        let answer = try algorithm.cipher.encrypt(second, key: state.managementKey.value, mode: .ecb)
        let proof = AuthenticationTemplate.answer(0x82, answer)
        #expect(try card.send(0x87, algorithm.rawValue, 0x9B, proof) == ResponseAPDU(status: .success))
        #expect(try card.send(0xDB, 0x3F, 0xFF, Self.put).status == .success)
    }

    @Test func algorithmsOfTheManagementKey() throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        for (algorithm, status) in [(0x03, 0x6A86), (0x08, 0x6A86), (0x00, 0x6A86), (0x0A, 0x9000)]
            as [(UInt8, UInt16)]
        {
            let answer = try card.send(0x87, algorithm, 0x9B, [0x7C, 0x02, 0x80, 0x00])
            #expect(answer.status.rawValue == status)
        }
    }

    @Test func managementKeyChanged() throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        let key = ManagementKey(
            algorithm: .aes256, value: [UInt8](repeating: 7, count: 32), touchPolicy: .always)
        let data: [UInt8] = [0x0C, 0x9B, 0x20] + key.value
        #expect(try card.send(0xFF, 0xFF, 0xFE, data).status == .securityStatusNotSatisfied)
        try card.authenticateAdministrator()
        #expect(try card.send(0xFF, 0xFF, 0xFE, Array(data.dropLast())).status == .incorrectData)
        #expect(try card.send(0xFF, 0xFF, 0xFE, data).status == .success)
        #expect(try card.send(0xF7, 0, 0x9B).data == [1, 1, 0x0C, 2, 2, 0, 2, 5, 1, 0])
        card.reset()
        try card.selectPIV()
        try card.authenticateAdministrator(key)
    }

    @Test func keysImportedMovedDeletedAttested() throws {
        let card = VirtualCard(state: try CardBuilder(profile: .yubiKey57, serialNumber: 77).state)
        try card.selectPIV()
        try card.authenticateAdministrator()
        let scalar = [UInt8](tag: 0x06, [UInt8](repeating: 0x11, count: 32))
        let policies: [UInt8] = [0xAA, 0x01, 0x03, 0xAB, 0x01, 0x02]
        #expect(try card.send(0xFE, 0x11, 0x9A, scalar + policies).status == .success)
        #expect(
            try card.send(0xF7, 0, 0x9A).data.starts(with: [
                1, 1, 0x11, 2, 2, 3, 2, 3, 1, 2, 4, 0x43, 0x86, 0x41,
            ]))
        #expect(try card.send(0xF9, 0x9A, 0).status == .incorrectData)
        #expect(try card.send(0xF6, 0x82, 0x9A).status == .success)
        #expect(try card.send(0xF7, 0, 0x9A).status == .referenceNotFound)
        #expect(try card.send(0xF7, 0, 0x82).status == .success)
        #expect(try card.send(0xF6, 0xFF, 0x82).status == .success)
        #expect(try card.send(0xF6, 0xFF, 0x82).status == .referenceNotFound)
        #expect(try card.send(0x47, 0, 0x9C, [0xAC, 0x03, 0x80, 0x01, 0xE1]).status == .success)
        #expect(try card.send(0xF6, 0x9B, 0x9C).status == .incorrectParameters)

        let attested = try card.send(0xF9, 0x9C, 0)
        #expect(attested.status == .success)
        let container = try card.send(0xCB, 0x3F, 0xFF, [0x5C, 0x03, 0x5F, 0xFF, 0x01])
        let authority = try #require(TLVReader(container.data).first(0x53)?.children.first(0x70))
        let pem = try Outside.run(
            ["openssl", "x509", "-inform", "DER", "-in", "ca"], files: ["ca": Array(authority.value)])
        let statement = try Outside.run(
            ["openssl", "x509", "-inform", "DER", "-in", "statement"], files: ["statement": attested.data]
        )
        try Outside.openssl(
            "verify", "-CAfile", "ca.pem", "statement.pem",
            files: ["ca.pem": pem.output, "statement.pem": statement.output])
    }

    @Test func importedKeysThatAreNone() throws {
        let card = VirtualCard(state: CardState(profile: .yubiKey57, serialNumber: 1))
        try card.selectPIV()
        try card.authenticateAdministrator()
        let ones = [UInt8](repeating: 0xFF, count: 128)
        let cases: [(UInt8, UInt8, [UInt8])] = [
            (0x11, 0x9A, []), (0x11, 0x9A, [UInt8](tag: 0x06, [UInt8](repeating: 0, count: 32))),
            (0x11, 0x9A, [UInt8](tag: 0x06, [UInt8](repeating: 0xFF, count: 32))),
            (0x11, 0x9A, [0x06, 0x01, 0x01]),
            (0x07, 0x9A, (1...5).flatMap { [UInt8](tag: $0, ones) }),
            (0x07, 0x9A, [0x01, 0x00, 0x02, 0x00]),
            (0xE0, 0x9A, [0x07, 0x01, 0x00]),
            (0x11, 0x9A, [UInt8](tag: 0x06, [UInt8](repeating: 1, count: 32)) + [0xAA, 0x01, 0x09]),
        ]
        for (algorithm, reference, data) in cases {
            #expect(try card.send(0xFE, algorithm, reference, data).status == .incorrectData)
        }
        #expect(try card.send(0xFE, 0x99, 0x9A, [0x06, 0x00]).status == .incorrectParameters)
        #expect(
            try card.send(0x47, 0, 0x9B, [0xAC, 0x03, 0x80, 0x01, 0x11]).status == .incorrectParameters)
    }

    private static let put: [UInt8] = [0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x53, 0x01, 0x00]
}
