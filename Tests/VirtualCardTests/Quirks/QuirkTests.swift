import Foundation
import HostCrypto
import Testing

@testable import VirtualCard

/// Each quirk, by the answer that it bends. What the answers must be is the quirk's source's word, and stands here again.
@Suite struct QuirkTests {
    /// A dialogue with a card that has one quirk more than its profile.
    struct Case: Sendable, CustomTestStringConvertible {
        let quirk: Quirk
        var profile = CardProfile.yubiKey57
        var steps: [(command: String, answer: String)]
        var testDescription: String { quirk.name }
    }

    private static let openPGP = "00A4040006D27600012401"

    /// Answers that end in ".." are beginnings.
    private static let piv = [
        Case(quirk: .selectBareRID, steps: [(Say.select, "610F4F060010000100007905A0000003089000")]),
        Case(
            quirk: .selectFullIdentifier,
            steps: [(Say.select, "61164F0BA00000030800001000010079074F05A0000003089000")]),
        Case(quirk: .selectOtherVersion, steps: [(Say.select, "610F4F040010000179074F05A0000003089000")]),
        Case(quirk: .selectEmpty, steps: [(Say.select, "9000")]),
        Case(
            quirk: .nitrokeySelect,
            steps: [(Say.select, "61664F06000010000100500C4E6974726F6B657920504956..")]),
        Case(
            quirk: .selectLosesLogin,
            steps: [(Say.select, ".."), (Say.verify, "9000"), (Say.select, ".."), (Say.status, "63C3")]),
        Case(quirk: .emptyObject, steps: [(Say.select, ".."), (read("5FC105"), "53009000")]),
        Case(
            quirk: .emptyZeros,
            steps: [(Say.select, ".."), (read("5FC105"), String(repeating: "00", count: 16) + "9000")]),
        Case(
            quirk: .emptyCertificate,
            steps: [(Say.select, ".."), (read("5FC105"), "53077000710100FE009000"), (read("5FC103"), "6A82")]),
        Case(
            quirk: .absentPrivateObject,
            steps: [
                (Say.select, ".."), (read("5FC109"), "6982"), (Say.verify, "9000"), (read("5FC109"), "9000"),
                (read("5FC105"), "6A82"),
            ]),
        Case(
            quirk: .bytesAfterObject,
            steps: [(Say.select, ".."), (read("7E"), "7E124F0BA0000003080000100001005F2F02400000FF9000")]),
        Case(quirk: .noDiscovery, steps: [(Say.select, ".."), (read("7E"), "6A82")]),
        Case(quirk: .verify630X, steps: [(Say.select, ".."), (Say.verifyWrong, "6302"), (Say.status, "6302")]),
        Case(quirk: .statusNeverVerified, steps: [(Say.select, ".."), (Say.verify, "9000"), (Say.status, "63C3")]),
        Case(
            quirk: .statusVerifiedAfterSelect,
            steps: [
                (Say.select, ".."), (Say.verify, "9000"), (Say.select, ".."), (Say.status, "9000"),
                (sign("9A"), "6982"), (Say.verifyWrong, "63C2"), (Say.status, "63C2"),
            ]),
        Case(
            quirk: .globalPINAlone, profile: .plainGlobal,
            steps: [
                (Say.select, ".."), (Say.verify, "6A86"), (Say.status, "6A86"), ("0020000008363534333231FFFF", "9000"),
            ]),
        Case(
            quirk: .changePIN6300,
            steps: [(Say.select, ".."), ("0024008010393939393939FFFF313131313131FFFF", "6300"), (Say.status, "63C2")]),
        Case(
            quirk: .pinTooSimple,
            steps: [
                (Say.select, ".."), ("0024008010313233343536FFFF313131313131FFFF", "6985"), (Say.status, "63C3"),
                ("0024008010313233343536FFFF393134373236FFFF", "9000"),
            ]),
        Case(
            quirk: .noShortPIN,
            steps: [
                (Say.select, ".."), ("0024008010313233343536FFFF393134373236FFFF", "6985"),
                ("0024008010313233343536FFFF3931343732363833", "9000"),
            ]),
        Case(quirk: .noChallenge, steps: [(Say.select, ".."), ("00870A9B047C028100", "6A80")]),
        Case(quirk: .noManagementKey, steps: [(Say.select, ".."), ("00870A9B047C028000", "6A86")]),
        Case(quirk: .noP384, steps: [(Say.select, ".."), ("0047009A05AC03800114", "6A80")]),
        Case(quirk: .newKeysRefused, steps: [(Say.select, ".."), ("0047009A05AC03800111", "6D00")]),
        Case(
            quirk: .policiesOfFIPS,
            steps: [
                (Say.select, ".."), ("0047009A08AC06800111AA0101", "6985"), ("0047009A05AC03800106", "6A80"),
                ("0047009A05AC03800111", "6982"),
            ]),
        Case(
            quirk: .managementOnlyAgrees,
            steps: [
                (Say.select, ".."), (Say.verify, "9000"), (sign("9D"), "6A80"), (sign("9A"), "7C.."),
            ]),
        Case(
            quirk: .emptyPlace6985,
            steps: [(Say.select, ".."), (sign("9E"), "6985"), ("00F99E0000", "6985"), (sign("9A"), "6982")]),
        Case(
            quirk: .twoRetiredKeys,
            steps: [(Say.select, ".."), (sign("84"), "6A86"), (sign("83"), "6A80"), ("00F7008400", "6A86")]),
        Case(
            quirk: .noObjectsForHistory,
            steps: [(Say.select, ".."), ("00DB3FFF075C035FC10C5300", "6A82"), ("00DB3FFF075C035FC1055300", "6982")]),
        Case(
            quirk: .resetRefused, steps: [(Say.select, "..")] + blocked(2) + [("00FB0000", "6985")]),
        Case(
            quirk: .resetByPINAlone,
            steps: [(Say.select, ".."), ("00FB0000", "6985")] + blocked(1)
                + [("00FB0000", "9000"), (Say.status, "63C3")]),
        Case(
            quirk: .wrongManagementKey6A80,
            steps: [
                (Say.select, ".."), ("00870A9B047C028000", "7C128010.."),
                ("00870A9B267C24801000000000000000000000000000000000811000000000000000000000000000000000", "6A80"),
            ]),
        Case(quirk: .bytesAfterAttestation, steps: [(Say.select, ".."), ("00F99A00000000", "3082..009000")]),
        Case(quirk: .noAttestation, steps: [(Say.select, ".."), ("00F99A0000", "6A81")]),
        Case(
            quirk: .metadataEmpty,
            steps: [(Say.select, ".."), ("00F7009A00", "9000"), ("00F7009E00", "020201009000")]),
        Case(
            quirk: .metadata6F00Imported,
            steps: [(Say.select, ".."), ("00F7009C00", "6F00"), ("00F7009A00", "0101..")]),
        Case(
            quirk: .metadataOfEmptyPlaces,
            steps: [(Say.select, ".."), ("00F7009E00", "020202010301009000"), ("00F7009A00", "0101..")]),
        Case(
            quirk: .metadataConstant,
            steps: [(Say.select, ".."), ("00F7009E00", "010114020200010301149000")]),
        Case(
            quirk: .metadataWithoutKey, steps: [(Say.select, ".."), ("00F7009A00", "010111020202019000")]),
        Case(
            quirk: .metadataOriginReversed, steps: [(Say.select, ".."), ("00F7009A00", "01011102020201030100..")]),
        Case(
            quirk: .elevenRetiredKeys,
            steps: [(Say.select, ".."), (sign("8D"), "6A86"), (sign("8C"), "6A80"), ("00F7009500", "6A86")]),
        Case(
            quirk: .unreadable,
            steps: [(Say.select, ".."), (readAll("5FC105"), "5321701A7F21175F2901805F20100102..9000")]),
        Case(quirk: .pivAppletSelect, steps: [(Say.select, "61794F0BA000000308000010000100..9000")]),
        Case(quirk: .metadata6D00, steps: [(Say.select, ".."), ("00F7009A00", "6D00")]),
        Case(
            quirk: .biometricPolicies,
            steps: [(Say.select, ".."), ("00F7009A00", "01011102020401.."), ("00F7009600", "0701010601030801009000")]),
        Case(quirk: .extendedNothing, steps: [(Say.select, ".."), ("00CB3FFF00000 35C017E0000", "")]),
        Case(
            quirk: .longestCommand1390,
            steps: [(Say.select, ".."), ("00CB3FFF000578" + String(repeating: "00", count: 1400) + "0000", "6700")]),
        Case(
            quirk: .longestCommand2038,
            steps: [(Say.select, ".."), ("00CB3FFF000805" + String(repeating: "00", count: 2053) + "0000", "6700")]),
        Case(quirk: .longestAnswer255, steps: [(Say.select, ".."), ("00CB3FFF0000055C035FC1050000", "5382..61..")]),
        Case(quirk: .noCHUID, steps: [(Say.select, ".."), (read("5FC102"), "6A82")]),
        Case(
            quirk: .fascnOfZeros,
            steps: [(Say.select, ".."), (read("5FC102"), "533B3019" + String(repeating: "00", count: 25) + "3410..")]),
        Case(quirk: .fascnOfAgencyZero, steps: [(Say.select, ".."), (read("5FC102"), "533B3019D04210D821086C10..")]),
        Case(
            quirk: .guidOfZeros,
            steps: [(Say.select, ".."), (read("5FC102"), ".." + String(repeating: "00", count: 16) + "3508..")]),
        Case(quirk: .serialConstant, steps: [(Say.select, ".."), ("00F8000000", "0052F7439000")]),
        Case(quirk: .bytesAfterCertificate, steps: [(Say.select, ".."), (readAll("5FC105"), "..FFFF710100FE009000")]),
        Case(quirk: .zerosAfterCertificate, steps: [(Say.select, ".."), (readAll("5FC105"), "..00710100FE009000")]),
        Case(quirk: .netID, steps: [(Say.select, ".."), (readAll("5FC105"), "..0100..7801..710101FE009000")]),
        Case(quirk: .gzipOtherBit, steps: [(Say.select, ".."), (readAll("5FC105"), "..1F8B08..710180FE009000")]),
        Case(quirk: .gzipUnmarked, steps: [(Say.select, ".."), (readAll("5FC105"), "..1F8B08..710100FE009000")]),
        Case(quirk: .zlib, steps: [(Say.select, ".."), (readAll("5FC105"), "..7801..710101FE009000")]),
        // 1.2.840.10045.1.1, prime-field, stands where the curve's own name was.
        Case(quirk: .explicitCurve, steps: [(Say.select, ".."), (readAll("5FC105"), "..06072A8648CE3D0101..9000")]),
        Case(
            quirk: .pssKeyInformation,
            steps: [(Say.select, ".."), (readAll("5FC10B"), "..06092A864886F70D01010A03..9000")]),
    ]

    private static let refusals: [Case] =
        zip(Quirk.discoveryRefusals, ["6A80", "6A86", "6985", "6982", "6D00", "6F00"]).map { quirk, status in
            Case(quirk: quirk, steps: [(Say.select, ".."), (read("7E"), status), (read("5FC102"), "53..")])
        }
        + zip(
            Quirk.missingObjectAnswers,
            ["6A80", "6A81", "6A86", "6A87", "6A88", "6982", "6985", "6400", "6700", "6B00", "6D00", "6F00"]
        ).map { quirk, status in
            Case(quirk: quirk, steps: [(Say.select, ".."), (read("5FC103"), status), (read("5FC102"), "53..")])
        }
        + zip(Quirk.noPINHere, ["6982", "6A81", "6985", "6984"]).map { quirk, status in
            Case(quirk: quirk, steps: [(Say.select, ".."), (Say.verifyWrong, status), (Say.status, "63C3")])
        }
        + zip(Quirk.extendedAnswers, ["6700", "6F00", "6E00", "6D00"]).map { quirk, status in
            Case(quirk: quirk, steps: [(Say.select, ".."), ("00CB3FFF0000035C017E0000", status), (read("7E"), "7E..")])
        }

    private static let openPGPCases = [
        Case(
            quirk: .notActivated, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00200083083132333435363738", "9000"), ("00E60000", "9000"), (openPGP, "6985"),
                ("00440000", "9000"), (openPGP, "9000"),
            ]),
        Case(
            quirk: .agreementAsEdwards, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00CA00FA000000", "..C20B162B060104019755010501..")]),
        Case(
            quirk: .byteAfterCurve, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00CA006E000000", "..C10B162B06010401DA470F0100..C306010800002000..")]),
        Case(
            quirk: .selectDataOnce, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00A5020406600 45C027F21", "9000"), ("00CA7F21000000", "30..53494730..9000"),
                ("00CA7F21000000", "..41555430..9000"),
            ]),
        Case(
            quirk: .selectDataWithLength, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00A5020406600 45C027F21", "6A80"), ("00A502040706600 45C027F21", "9000"),
            ]),
        Case(
            quirk: .certificatePadded, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00CA7F21000000", "30.." + String(repeating: "00", count: 32) + "9000")]),
        Case(
            quirk: .certificateChain, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00CA7F21000000", "30..41555430..3082..41555430..9000")]),
        Case(
            quirk: .noCertificate6A88, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00A5010406600 45C027F21", "9000"), ("00CA7F21000000", "6A88")]),
        Case(
            quirk: .noLifeCycle, profile: .openPGP34,
            steps: [(openPGP, "9000"), ("00CA006E000000", "..0031C573C001E0009000..")]),
        Case(
            quirk: .statusOfEitherMode, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00200082", "63C3"), ("0020008106313233343536", "9000"), ("00200082", "9000"),
            ]),
        Case(
            quirk: .blocked6982, profile: .openPGP34,
            steps: [(openPGP, "9000")] + Array(repeating: ("0020008106393939393939", "6982"), count: 4)),
        Case(
            quirk: .noSHA1, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("0020008206313233343536", "9000"),
                ("0088000023" + "3021300906052B0E03021A05000414" + String(repeating: "AB", count: 20) + "00", "6985"),
            ]),
        Case(
            quirk: .missingKey6985, profile: .openPGP34, steps: [(openPGP, "9000"), ("0047810002B80000", "6985")]),
        Case(
            quirk: .importRefused, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00200083083132333435363738", "9000"),
                ("00DB3FFF2C4D2AB6007F4802 9220 5F4820" + String(repeating: "11", count: 32), "6A80"),
            ]),
        Case(
            quirk: .importFormat3, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00200083083132333435363738", "9000"), ("00DA00C306010800002000", "6A80"),
                ("00DA00C306010800002003", "9000"), ("00CA006E000000", "..C306010800002003.."),
            ]),
        Case(
            quirk: .wantsPublicPoint, profile: .openPGP34,
            steps: [
                (openPGP, "9000"), ("00200083083132333435363738", "9000"),
                (
                    "00DB3FFF2C4D2AB6007F48029220 5F4820" + String(repeating: "11", count: 32), "6A80"
                ),
            ]),
        Case(
            quirk: .signatureWithDERZeros, profile: .smartPGP,
            steps: [(openPGP, "9000"), ("0020008106313233343536", "9000")]),
        Case(quirk: .informationTooLong, profile: .yubiKey57Both, steps: [(openPGP, "9000")]),
    ]

    @Test("Each bends its answer as its source says", arguments: piv + refusals + openPGPCases)
    func bends(_ example: Case) throws {
        let card = try Self.card(example)
        for (number, step) in example.steps.enumerated() {
            let command = try #require(bytes(hexadecimal: step.command.filter { $0 != " " }), "step \(number)")
            let answer = hexadecimal(card.process(command)).uppercased()
            #expect(Self.matches(answer, step.answer.filter { $0 != " " }), "step \(number): \(answer)")
        }
    }

    @Test("Without the quirk some answer is another", arguments: piv + refusals + openPGPCases)
    func isTheQuirk(_ example: Case) throws {
        guard
            example.steps.count > 1 || example.quirk.name.hasPrefix("select") || example.quirk == .nitrokeySelect
                || example.quirk == .pivAppletSelect
        else {
            return
        }
        // These are shown by tests of their own, for their answers are random or long.
        let others: [Quirk] = [.signatureWithDERZeros, .informationTooLong, .longestAnswer255]
        guard !others.contains(example.quirk) else { return }
        let card = try Self.card(example, isPlain: true)
        let differs = try example.steps.contains { step in
            let command = try #require(bytes(hexadecimal: step.command.filter { $0 != " " }))
            return !Self.matches(hexadecimal(card.process(command)).uppercased(), step.answer.filter { $0 != " " })
        }
        #expect(differs)
    }

    @Test("Every quirk has a case here, a name of its own, and a source")
    func all() {
        let tried = Set((Self.piv + Self.refusals + Self.openPGPCases).map(\.quirk))
        #expect(Quirk.all.filter { !tried.contains($0) }.isEmpty)
        #expect(Set(Quirk.all.map(\.name)).count == Quirk.all.count)
        #expect(Quirk.all.allSatisfy { !$0.source.isEmpty && !$0.summary.isEmpty })
        for profile in CardProfile.all {
            #expect(profile.quirks.allSatisfy { Quirk(named: $0.name) != nil }, "\(profile.name)")
        }
    }

    @Test("Halves of a signature get the zero that DER would give the longer one")
    func signatureWithZeros() throws {
        var seen: Set<Int> = []
        var builder = try CardBuilder(profile: .smartPGP, serialNumber: 1)
        try builder.add(CardBuilder.OpenPGPKeyPlan(slot: "sig", algorithm: "p256"))
        let card = VirtualCard(state: builder.state)
        for _ in 0..<40 {
            _ = card.process(try #require(bytes(hexadecimal: Self.openPGP)))
            _ = card.process(try #require(bytes(hexadecimal: "0020008106313233343536")))
            let answer = card.process(
                try #require(bytes(hexadecimal: "002A9E9A20" + String(repeating: "5A", count: 32) + "00")))
            let data = answer.dropLast(2)
            seen.insert(data.count)
            let (r, s) = (data.prefix(data.count / 2), data.suffix(data.count / 2))
            if data.count == 66 {
                #expect(r.first == 0 && s.first == 0 && (r[1] >= 0x80 || s[s.startIndex + 1] >= 0x80))
            }
        }
        #expect(seen == [64, 66])
    }

    @Test("An answer of 255 bytes, whatever Le asks for", arguments: [true, false])
    func longestAnswer(_ isBent: Bool) throws {
        let card = try Self.card(Case(quirk: .longestAnswer255, steps: []), isPlain: !isBent)
        _ = card.process(try #require(bytes(hexadecimal: Say.select)))
        let answer = card.process(try #require(bytes(hexadecimal: Self.readAll("5FC105"))))
        #expect((answer.count == 257 && answer[255] == 0x61) == isBent)
    }

    @Test("DO FA declares two bytes more than there are")
    func information() throws {
        let card = VirtualCard(
            state: try CardBuilder(
                profile: .yubiKey57Both, serialNumber: 1, quirks: [.informationTooLong]
            ).state)
        _ = card.process(try #require(bytes(hexadecimal: Self.openPGP)))
        let answer = Array(card.process(try #require(bytes(hexadecimal: "00CA00FA000000"))).dropLast(2))
        #expect(answer[0] == 0xFA && answer[1] == 0x82)
        #expect(Int(answer[2]) << 8 | Int(answer[3]) == answer.count - 4 + 2)
    }

    /// A card with keys in 9A (made there), 9C (imported) and 9D, or sig and aut; `isPlain` leaves the quirk out.
    private static func card(_ example: Case, isPlain: Bool = false) throws -> VirtualCard {
        var builder = try CardBuilder(
            profile: example.profile, serialNumber: 0x1234_5678, quirks: isPlain ? [] : [example.quirk])
        if example.profile.hasOpenPGP && !example.profile.hasPIV {
            let edwards = example.profile == .openPGP34
            try builder.add(CardBuilder.OpenPGPKeyPlan(slot: "sig", algorithm: edwards ? "ed25519" : "p256"))
            try builder.add(CardBuilder.OpenPGPKeyPlan(slot: "aut", algorithm: "rsa2048"))
        } else if !empties.contains(example.quirk) {
            try builder.add(CardBuilder.KeyPlan(reference: 0x9A, algorithm: "p256"))
            let imported = try PrivateKey.generate(.ec(.p256)).pkcs8()
            try builder.add(CardBuilder.KeyPlan(reference: 0x9C, imported: imported))
            try builder.add(
                CardBuilder.KeyPlan(
                    reference: 0x9D, algorithm: example.quirk == .managementOnlyAgrees ? "p256" : "rsa2048"))
        }
        return VirtualCard(state: builder.state)
    }

    /// Quirks that show on a card without keys.
    private static let empties: Set<Quirk> = [.emptyObject, .emptyZeros, .emptyCertificate, .absentPrivateObject]

    private static func read(_ tag: String) -> String { "00CB3FFF" + list(tag) + "00" }

    /// The same with an answer of any length.
    private static func readAll(_ tag: String) -> String { "00CB3FFF0000" + list(tag) + "0000" }

    private static func list(_ tag: String) -> String {
        hexadecimal([UInt8(tag.count / 2 + 2), 0x5C, UInt8(tag.count / 2)]) + tag
    }

    /// GENERAL AUTHENTICATE: an ECDSA signature of a P-256 key.
    private static func sign(_ reference: String) -> String {
        "008711\(reference)267C2482008120" + String(repeating: "5A", count: 32) + "00"
    }

    /// The PIN blocked, or the PUK too.
    private static func blocked(_ count: Int) -> [(String, String)] {
        let pin = ["63C2", "63C1", "63C0"].map { (Say.verifyWrong, $0) }
        let puk = ["63C2", "63C1", "63C0"].map { ("002C0080103939393939393939313131313131FFFF", $0) }
        return count == 1 ? pin : pin + puk
    }

    /// Whether a text is the pattern, in which ".." stands for anything.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        var rest = text[...]
        let parts = pattern.components(separatedBy: "..")
        for (number, part) in parts.enumerated() {
            if number == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if number == parts.count - 1 {
                return rest.hasSuffix(part)
            } else {
                guard let found = rest.firstRange(of: part) else { return false }
                rest = rest[found.upperBound...]
            }
        }
        return rest.isEmpty
    }
}
