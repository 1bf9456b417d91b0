import ISO7816
import Testing

@testable import VirtualCard

@Suite("OpenPGP: data objects")
struct OpenPGPDataTests {
    /// Who may read and write: sections 4.4.1 and 4.4.2. Nil: nobody.
    enum Right: CaseIterable {
        case always, user, administrator

        var reference: PasswordReference? {
            switch self {
            case .always: nil
            case .user: .user
            case .administrator: .administrator
            }
        }
    }

    static let rights: [(tag: UInt16, read: Right?, write: Right?, value: [UInt8])] = [
        (0x0101, .always, .user, [1, 2]), (0x0102, .always, .administrator, [3]), (0x0103, .user, .user, [4]),
        (0x0104, .administrator, .administrator, [5]), (0x4F, .always, nil, [1]),
        (0x5E, .always, .administrator, Array("login".utf8)), (0x5F50, .always, .administrator, Array("url".utf8)),
        (0x5B, nil, .administrator, Array("Doe<<Jane".utf8)), (0x5F2D, nil, .administrator, Array("deen".utf8)),
        (0x5F35, nil, .administrator, [0x32]), (0x65, .always, nil, []), (0x6E, .always, nil, []),
        (0x73, nil, nil, []), (0x7A, .always, nil, []), (0x93, nil, nil, [0, 0, 0]), (0x5F52, .always, nil, [0]),
        (0x7F66, .always, nil, []), (0x7F74, .always, nil, []), (0xC0, nil, nil, []),
        (0xC1, nil, .administrator, [0x01, 0x0C, 0x00, 0x00, 0x20, 0x00]),
        (0xC2, nil, .administrator, [0x12, 0x2B, 0x81, 0x04, 0x00, 0x22]),
        (0xC3, nil, .administrator, [0x16, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]),
        (0xC4, .always, .administrator, [0x01]), (0xC5, nil, nil, []), (0xC6, nil, nil, []), (0xCD, nil, nil, []),
        (0xC7, nil, .administrator, [UInt8](repeating: 7, count: 20)),
        (0xC8, nil, .administrator, [UInt8](repeating: 8, count: 20)),
        (0xC9, nil, .administrator, [UInt8](repeating: 9, count: 20)),
        (0xCA, nil, .administrator, [UInt8](repeating: 1, count: 20)),
        (0xCC, nil, .administrator, [UInt8](repeating: 3, count: 20)), (0xCE, nil, .administrator, [1, 2, 3, 4]),
        (0xD0, nil, .administrator, [4, 3, 2, 1]), (0xD1, nil, nil, []), (0xD2, nil, nil, []),
        (0xD3, nil, .administrator, Array("12345678".utf8)),
        (0xD5, nil, .administrator, [UInt8](repeating: 5, count: 16)), (0xD6, .always, .administrator, [0x01, 0x20]),
        (0xD7, .always, .administrator, [0x02, 0x20]), (0xD8, .always, .administrator, [0x00, 0x20]),
        (0xDE, .always, nil, []), (0xF4, nil, nil, []), (0xF9, .always, .administrator, [0x81, 0x01, 0x00]),
        (0xFA, .always, nil, []), (0xFB, nil, nil, []), (0x7F21, .always, .administrator, [0x30, 0x00]),
        (0x1234, nil, nil, [1]),
    ]

    @Test("Who may read and who may write", arguments: rights)
    func accessConditions(_ tag: UInt16, _ read: Right?, _ write: Right?, _ value: [UInt8]) throws {
        for proven in Right.allCases {
            let card = try VirtualCard.openPGP()
            if let reference = proven.reference { try card.verify(reference) }
            let readable = read == .always || read == proven
            let expected =
                readable ? StatusWord.success : read == nil ? .referenceNotFound : .securityStatusNotSatisfied
            #expect(try card.getData(tag).status == expected, "reading after \(proven)")
            let written = write == nil ? StatusWord.referenceNotFound : .securityStatusNotSatisfied
            #expect(try card.putData(tag, value) == (write == proven ? .success : written), "writing after \(proven)")
            guard write == proven, tag <= 0x0104 && tag > 0xFF || [0x5E, 0x5F50, 0x7F21].contains(tag) else { continue }
            if read == .always { #expect(try card.getData(tag).data == value) }
        }
    }

    @Test func whatIsWrittenStandsInTheTemplates() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.administrator)
        for entry in Self.rights where entry.write == .administrator && entry.tag != 0xF9 {
            #expect(try card.putData(entry.tag, entry.value) == .success)
        }
        #expect(
            hexadecimal(try card.getData(0x65).data)
                == "5b09" + hexadecimal(Array("Doe<<Jane".utf8)) + "5f2d046465656e" + "5f350132")
        let content = TLVReader(try card.getData(0x6E).data)
        let inner = try #require(content.first(0x73)).children
        func field(_ tag: UInt32) throws -> String { hexadecimal(try #require(inner.first(tag)).value) }
        #expect(try field(0xC0) == "7f0000ff080004000001")
        #expect(try field(0xC1) == "010c00002000")
        #expect(try field(0xC2) == "122b81040022")
        #expect(try field(0xC3) == "162b06010401da470f01")
        #expect(try field(0xC4) == "017f7f7f030303")
        #expect(try field(0xC5) == [7, 8, 9].map { String(repeating: "0\($0)", count: 20) }.joined())
        #expect(try field(0xC6) == [1, 0, 3].map { String(repeating: "0\($0)", count: 20) }.joined())
        #expect(try field(0xCD) == "010203040000000004030201")
        #expect(try field(0xDE) == "010002000300")
        #expect(try [0xD6, 0xD7, 0xD8].map(field) == ["0120", "0220", "0020"])
        #expect(hexadecimal(try card.getData(0x7A).data) == "9303000000")
    }

    @Test("Values that are none", arguments: [CardProfile.openPGP34, .yubiKey57Both])
    func otherValues(_ profile: CardProfile) throws {
        let card = try VirtualCard.openPGP(profile)
        try card.verify(.administrator)
        let cases: [(UInt16, [UInt8], StatusWord)] = [
            (0x5B, [UInt8](repeating: 1, count: 40), .wrongLength),
            (0x5F2D, [UInt8](repeating: 1, count: 9), .wrongLength),
            (0x5F35, [0x33], .incorrectData), (0x5F35, [0x30, 0x30], .wrongLength),
            (0x5E, [UInt8](repeating: 1, count: 1025), .wrongLength), (0xC4, [0x02], .incorrectData),
            (0xC4, [], .wrongLength), (0xC7, [1], .wrongLength), (0xCE, [1, 2, 3], .wrongLength),
            (0xC1, [0x01, 0x04, 0x00, 0x00, 0x20, 0x00], .incorrectData), (0xC1, [], .incorrectData),
            (0xC1, [0x01, 0x08, 0x00, 0x00, 0x20, 0x04], .incorrectData),
            (0xC1, [0x12, 0x2B, 0x81, 0x04, 0x00, 0x22], .incorrectData),
            (0xC2, [0x16, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01], .incorrectData),
            (0xC2, [0x12, 0x2B, 0x81, 0x04, 0x00, 0x22, 0xFF], .success), (0xD6, [0x05, 0x20], .incorrectData),
            (0xD6, [0x01, 0x21], .incorrectData), (0xD6, [0x01], .wrongLength),
            (0x7F21, [UInt8](repeating: 1, count: 2049), .wrongLength),
        ]
        for (tag, value, status) in cases {
            #expect(try card.putData(tag, value) == status, "\(hexadecimal([UInt8(tag >> 8), UInt8(tag & 0xFF)]))")
        }
        // "Until termination" is not taken back.
        #expect(try card.putData(0xD7, [0x02, 0x20]) == .success)
        #expect(try card.putData(0xD7, [0x00, 0x20]) == .conditionsOfUseNotSatisfied)
        if profile == .openPGP34 {
            #expect(try card.putData(0xD5, [UInt8](repeating: 1, count: 17)) == .wrongLength)
        }
    }

    @Test func threeCertificates() throws {
        let card = try VirtualCard.openPGP()
        try card.verify(.administrator)
        func select(_ occurrence: UInt8) throws -> StatusWord {
            try card.send(0xA5, occurrence, 0x04, [0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21], ne: 0).status
        }
        let certificates = (1...3).map { [UInt8](repeating: $0, count: 1500) }
        for (index, certificate) in certificates.enumerated() {
            #expect(try select(UInt8(index)) == .success)
            #expect(try card.putData(0x7F21, certificate) == .success)
        }
        #expect(try select(3) == .referenceNotFound)
        #expect(try card.getData(0x7F21).data == certificates[2])
        try card.selectOpenPGP()
        #expect(try card.getData(0x7F21).data == certificates[0])
        #expect(try card.send(0xCC, 0x7F, 0x21).data == certificates[1])
        #expect(try card.send(0xCC, 0x7F, 0x21).data == certificates[2])
        #expect(try card.send(0xCC, 0x7F, 0x21).status == .referenceNotFound)
        #expect(try card.send(0xA5, 0, 0x04, [0x5C, 0x02, 0x7F, 0x21], ne: 0).status == .incorrectData)
        #expect(try card.send(0xA5, 0, 0x04, [0x60, 0x03, 0x5C, 0x01, 0x5B], ne: 0).status == .referenceNotFound)
        #expect(try card.send(0xA5, 0, 0x00, [0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21], ne: 0).status == .wrongParameters)
    }

    @Test("FA lists what each key may be", arguments: [CardProfile.openPGP34, .yubiKey57Both])
    func algorithmInformation(_ profile: CardProfile) throws {
        let card = try VirtualCard.openPGP(profile)
        let answer = TLVReader(try card.getData(0xFA).data)
        let list = try (profile == .yubiKey57Both ? #require(answer.first(0xFA)).children : answer).all()
        try card.verify(.administrator)
        for entry in list { #expect(try card.putData(UInt16(entry.tag), Array(entry.value)) == .success) }
        let features = try #require(profile.openPGP)
        #expect(
            list.count
                == OpenPGPKeySlot.allCases.map { slot in features.algorithms.count { $0.fits(slot) } }.reduce(0, +))
    }
}
