import Foundation
import ISO7816
import Testing

@testable import VirtualCard

@Suite("The state file and the builder")
struct StateFileTests {
    private func withFile(_ body: (StateFile) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        try body(StateFile(path: url.path))
    }

    @Test func writtenAndRead() throws {
        try withFile { file in
            var builder = try CardBuilder(profile: .yubiKey57, serialNumber: 0xFEDC_BA98)
            for (reference, algorithm) in zip(
                [0x9A, 0x9C, 0x82, 0x83] as [UInt8], ["rsa1024", "p384", "ed25519", "x25519"])
            {
                try builder.add(.init(reference: reference, algorithm: algorithm, touchPolicy: .cached))
            }
            builder.addKeyHistory()
            var state = builder.state
            state.applicationPIN.triesLeft = 1
            state.setManagementKey(.aes256)
            try file.save(state)
            let mode =
                try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let read = try file.load()
            #expect(read.profile == state.profile && read.serialNumber == state.serialNumber)
            #expect(
                read.applicationPIN == state.applicationPIN && read.unblockingKey == state.unblockingKey)
            #expect(read.managementKey == state.managementKey && read.objects == state.objects)
            #expect(read.keys.keys == state.keys.keys)
            for (reference, key) in state.keys {
                let other = try #require(read.keys[reference])
                #expect(other.algorithm == key.algorithm && other.key.publicKey == key.key.publicKey)
                #expect(other.origin == key.origin && other.pinPolicy == key.pinPolicy)
                #expect(other.touchPolicy == key.touchPolicy)
            }
        }
    }

    @Test func triesAreKeptWithoutPower() throws {
        try withFile { file in
            try file.save(CardState(profile: .yubiKey57, serialNumber: 1))
            for left in [2, 1, 0] as [UInt8] {
                let card = VirtualCard(state: try file.load()) { try file.save($0) }
                try card.selectPIV()
                let wrong: [UInt8] = [0x00, 0x20, 0x00, 0x80, 0x08] + ReferenceData.padded("000000")
                #expect(card.process(wrong) == [0x63, 0xC0 | left])
            }
            let card = VirtualCard(state: try file.load())
            try card.selectPIV()
            #expect(card.process([0x00, 0x20, 0x00, 0x80]) == [0x69, 0x83])
        }
    }

    @Test("OpenPGP keys, passwords and data", arguments: [CardProfile.openPGP34, .yubiKey57Both])
    func openPGPWrittenAndRead(_ profile: CardProfile) throws {
        try withFile { file in
            var builder = try CardBuilder(profile: profile, serialNumber: 12_345_678)
            for (slot, algorithm) in [("sig", "p521"), ("dec", "x25519"), ("aut", "ed25519")] {
                try builder.add(CardBuilder.OpenPGPKeyPlan(slot: slot, algorithm: algorithm, touchPolicy: .cached))
            }
            let card = VirtualCard(state: builder.state) { try file.save($0) }
            try card.selectOpenPGP()
            try card.verify(.signature, .administrator)
            #expect(try card.putData(0x5B, Array("Doe<<Jane".utf8)) == .success)
            #expect(try card.putData(0xD3, Array("resetting".utf8)) == .success)
            #expect(try card.send(0x2A, 0x9E, 0x9A, [1]).status == .success)
            #expect(card.process([0x00, 0x20, 0x00, 0x83, 0x01, 0x00]) == [0x69, 0x82])
            let again = VirtualCard(state: try file.load())
            try again.selectOpenPGP()
            for tag in [0x65, 0x6E, 0x7A, 0x7F21, 0xF9] as [UInt16] {
                #expect(try again.getData(tag) == card.getData(tag))
            }
            for slot in OpenPGPKeySlot.allCases {
                #expect(try again.readPublicKey(slot) == card.readPublicKey(slot))
            }
            #expect(try again.triesLeft() == [3, 3, 2])
            #expect(try again.send(0xE6, 0, 0).status == .securityStatusNotSatisfied)
        }
    }

    @Test func terminationIsKept() throws {
        try withFile { file in
            let card = VirtualCard(state: CardState(profile: .openPGP34, serialNumber: 1)) { try file.save($0) }
            try card.selectOpenPGP()
            try card.verify(.administrator)
            #expect(card.process([0x00, 0xE6, 0x00, 0x00]) == [0x90, 0x00])
            #expect(try file.load().openPGP?.isTerminated == true)
        }
    }

    @Test("A file that was written before there was OpenPGP, and another profile for a card that exists")
    func olderFiles() throws {
        try withFile { file in
            var state = CardState(profile: .yubiKey57, serialNumber: 1)
            try file.save(state)
            state = try file.load()
            #expect(state.openPGP == nil)
            state.profile = .yubiKey57Both
            #expect(state.openPGP?.keepsPassword == true)
            state.openPGP?.signatureCount = 7
            state.profile = .openPGP34
            #expect(state.openPGP?.signatureCount == 7)
            state.wipe()
            #expect(state.openPGP?.signatureCount == 7)
        }
    }

    @Test(arguments: [
        "", "{}", "[1]", #"{"version":2}"#, "\u{0}",
    ])
    func otherFilesAreRefused(_ content: String) throws {
        try withFile { file in
            try Data(content.utf8).write(to: URL(filePath: file.path))
            #expect(throws: StateFileError.self) { try file.load() }
        }
    }

    @Test func absentFilesAreTold() {
        #expect(throws: StateFileError.absent) { try StateFile(path: "/nonexistent/state").load() }
    }

    @Test func compressedCertificatesInflate() throws {
        var builder = try CardBuilder(profile: .yubiKey57, serialNumber: 1)
        try builder.add(.init(reference: 0x9A, algorithm: "p256", certificate: .compressed))
        let container = try #require(builder.state.objects[0x5FC105])
        #expect(TLVReader(container).first(0x71).map { Array($0.value) } == [0x01])
        let packed = Array(try #require(TLVReader(container).first(0x70)).value)
        let unpacked = try Outside.run(["gzip", "-dc", "packed"], files: ["packed": packed])
        #expect(unpacked.status == 0)
        try Outside.openssl(
            "x509", "-inform", "DER", "-in", "cert", "-noout", files: ["cert": unpacked.output])
    }

    @Test func openPGPPlansThatCannotBeCarriedOut() throws {
        let cases: [(CardProfile, CardBuilder.OpenPGPKeyPlan, CardBuilder.PlanError)] = [
            (.yubiKey57, .init(slot: "sig", algorithm: "p256"), .noSuchSlot("sig")),
            (.openPGP34, .init(slot: "att", algorithm: "p256"), .noSuchSlot("att")),
            (.openPGP34, .init(slot: "sig", algorithm: "x25519"), .noSuchAlgorithm("x25519")),
            (.openPGP34, .init(slot: "dec", algorithm: "x25519"), .noIssuer),
            (.openPGP20, .init(slot: "sig", algorithm: "p256"), .noSuchAlgorithm("p256")),
            (.openPGP34, .init(slot: "sig", imported: [0x30, 0x00]), .crypto(.malformed)),
        ]
        for (profile, plan, error) in cases {
            var builder = try CardBuilder(profile: profile, serialNumber: 1)
            #expect(throws: error) { try builder.add(plan) }
        }
        var builder = try CardBuilder(profile: .openPGP34, serialNumber: 1)
        #expect(throws: CardBuilder.PlanError.noSuchReference(0x9A)) {
            try builder.add(CardBuilder.KeyPlan(reference: 0x9A, algorithm: "p256"))
        }
    }

    @Test func plansThatCannotBeCarriedOut() throws {
        var plain = try CardBuilder(profile: .plain, serialNumber: 1)
        #expect(throws: CardBuilder.PlanError.noSuchAlgorithm("ed25519")) {
            try plain.add(.init(reference: 0x9A, algorithm: "ed25519"))
        }
        #expect(throws: CardBuilder.PlanError.noSuchReference(0x99)) {
            try plain.add(.init(reference: 0x99, algorithm: "p256"))
        }
        #expect(throws: CardBuilder.PlanError.crypto(.malformed)) {
            try plain.add(.init(reference: 0x9A, imported: [0x30, 0x00]))
        }
    }
}
