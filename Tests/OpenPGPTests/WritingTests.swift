import OpenPGP
import Testing
import Token

/// Certificates and the data objects for private use (sections 4.4.2 and 7.2.8): who may read and write them.
@Suite struct WritingTests {
    private let card = ScriptedCard()
    private let data = (0x0101...0x0104).map { ObjectReference(.data, UInt32($0)) }
    private let certificates = (1...3).map { ObjectReference(.certificate, $0) }

    /// A token with either or both logins.
    private func token(user: Bool = false, administrator: Bool = false) throws -> OpenPGPToken {
        let token = try card.token()
        if user {
            card.expect(.select, .verify("82"))
            try token.login("123456")
        }
        if administrator {
            card.expect(.select, .verify("83", "12345678"))
            try token.loginAdministrator("12345678")
        }
        return token
    }

    @Test(arguments: [(0, true), (1, false), (2, true), (3, false)])
    func eachDataObjectHasItsOwnWriter(_ index: Int, _ isUsers: Bool) throws {
        let token = try token(user: isUsers, administrator: !isUsers)
        let tag = "010\(index + 1)"
        card.expect(.related(), Step("00DA\(tag) 02 CAFE", "9000"))
        try token.write([0xCA, 0xFE], to: data[index])
        #expect(try token.value(of: data[index]) == [0xCA, 0xFE])
        // Another value makes no other object; deleting it does. It is looked at anew before.
        card.expect(.related(), .get(tag, "CAFE9000"), Step("00DA\(tag) 01 FF", "9000"))
        try token.write([0xFF], to: data[index], ifStill: 0)
        #expect(token.revision(of: data[index]) == 0)
        card.expect(.related(), .get(tag, "FF9000"), Step("00DA\(tag)", "9000"))
        try token.delete(data[index], ifStill: 0)
        #expect(try token.present(among: [data[index]], areNamed: true) == [])
        #expect(token.revision(of: data[index]) == 1)
        #expect(card.left.isEmpty)
    }

    @Test func withoutTheRightLoginNothingIsWritten() throws {
        let token = try token(user: true)
        let certificate = try TestCertificate.der()
        #expect(throws: TokenError.administratorNeeded) { try token.write([1], to: data[1]) }
        #expect(throws: TokenError.administratorNeeded) { try token.write([1], to: data[3]) }
        #expect(throws: TokenError.administratorNeeded) { try token.write(certificate, to: certificates[0]) }
        token.expectLogout(card)
        #expect(throws: TokenError.notLoggedIn) { try token.write([1], to: data[0]) }
        #expect(throws: TokenError.readOnly) { try token.write([1], to: .signatureKey) }
        #expect(card.left.isEmpty)
    }

    /// 0103 needs the user to be read, 0104 the administrator; nobody's absence hides the others.
    @Test func privateObjectsAreThereForWhoMayReadThem() throws {
        let token = try token()
        card.expect(.related(), .get("0101", "AA9000"), .get("0102", "9000"))
        #expect(try token.present(among: data, areNamed: false) == [data[0]])
        #expect(throws: TokenError.notLoggedIn) { _ = try token.value(of: data[2]) }
        card.expect(.select, .verify("82"))
        try token.login("123456")
        card.expect(.related(), .get("0103", "BB9000"))
        #expect(try token.present(among: data, areNamed: false) == [data[0], data[2]])
        card.expect(.select, .verify("83", "12345678"))
        try token.loginAdministrator("12345678")
        // The application was selected for PW3, which takes PW1's state.
        card.expect(.related(), .isVerified("82"), .verify("82"), .get("0104", "CC9000"))
        #expect(try token.present(among: data, areNamed: false) == [data[0], data[2], data[3]])
        #expect(try token.value(of: data[3]) == [0xCC])
        card.expect(Step("0020FF82", "9000"), Step("0020FF83", "9000"))
        token.logout()
        #expect(throws: TokenError.notLoggedIn) { _ = try token.value(of: data[2]) }
        #expect(throws: TokenError.notLoggedIn) { _ = try token.value(of: data[3]) }
        #expect(card.left.isEmpty)
    }

    @Test(arguments: [(0, "02"), (1, "01"), (2, "00")])
    func aCertificateGoesToItsPlace(_ index: Int, _ occurrence: String) throws {
        let token = try token(administrator: true)
        let certificate = try TestCertificate.der()
        let length = hex([UInt8(certificate.count >> 8), UInt8(certificate.count & 0xFF)])
        let header = certificate.count > 255 ? "00" + length : String(length.suffix(2))
        let after: [Step] = occurrence == "00" ? [] : [.selectCertificate("00")]
        // It must not be of another key than the one that is there.
        let template = ["B6", "B8", "A4"][index]
        card.expect(.related(), .selectCertificate(occurrence), .readKey(template, "6A88"))
        card.expect(.selectCertificate(occurrence), .get("7F21", "9000"))
        // That the card chooses is seen once, in what lies in the other places before and after the first certificate.
        let others = occurrence == "00" ? [] : ["02", "01", "00"].filter { $0 != occurrence }
        func look(_ own: String) {
            guard !others.isEmpty else { return }
            card.expect(.selectCertificate(occurrence), .get("7F21", own + "9000"))
            for other in others { card.expect(.selectCertificate(other), .get("7F21", "9000")) }
        }
        look("")
        card.expect(.selectCertificate(occurrence), Step("00DA7F21" + header + hex(certificate), "9000"))
        look(hex(certificate))
        try token.write(certificate, to: certificates[index])
        #expect(try token.value(of: certificates[index]) == certificate)
        #expect(token.revision(of: certificates[index]) == 1)
        card.expect(.related(), .selectCertificate(occurrence), .get("7F21", hex(certificate) + "9000"))
        card.expect(.selectCertificate(occurrence), Step("00DA7F21", "9000"))
        card.expect(after)
        try token.delete(certificates[index], ifStill: 1)
        #expect(try token.present(among: [certificates[index]], areNamed: true) == [])
        #expect(card.left.isEmpty)
    }

    /// What another process has deleted, or put another one in place of, is left alone.
    @Test func aChangedObjectIsNotOverwritten() throws {
        let token = try token(user: true, administrator: true)
        card.expect(.related(), .isVerified("82"), .verify("82"), .get("0101", "9000"))
        #expect(throws: TokenError.objectNotFound) { try token.write([1], to: data[0], ifStill: 0) }
        let (mine, other) = (try TestCertificate.der(), try TestCertificate.make())
        card.expect(.selectCertificate("00"), .get("7F21", hex(mine) + "9000"))
        #expect(try token.value(of: certificates[2]) == mine)
        card.expect(.related(), .selectCertificate("00"), .get("7F21", hex(other) + "9000"))
        #expect(throws: TokenError.objectNotFound) { try token.delete(certificates[2], ifStill: 0) }
        #expect(token.revision(of: certificates[2]) == 1)
        #expect(card.left.isEmpty)
    }

    /// Nobody knows what is there after a command whose answer did not come.
    @Test func afterALostAnswerTheObjectIsReadAgain() throws {
        let token = try token(user: true)
        card.expect(.related(), .get("0101", "AA9000"), .related(), Step("00DA0101 01 BB", "6581"))
        #expect(try token.value(of: data[0]) == [0xAA])
        #expect(throws: TokenError.memoryFull) { try token.write([0xBB], to: data[0]) }
        card.expect(.related(), .get("0101", "BB9000"))
        #expect(try token.value(of: data[0]) == [0xBB])
        #expect(card.left.isEmpty)
    }

    /// A card that does not choose must not get a certificate into the wrong place.
    @Test func withoutSelectDataOnlyTheFirstIsWritten() throws {
        let token = try token(administrator: true)
        let certificate = try TestCertificate.der()
        card.expect(.related(), .selectCertificate("02", "6D00"))
        #expect(throws: TokenError.readOnly) { try token.write(certificate, to: certificates[0]) }
        #expect(card.left.isEmpty)
    }

    @Test func dataThatDoNotFitAreNotSent() throws {
        let token = try token(user: true, administrator: true)
        #expect(throws: TokenError.memoryFull) { try token.write([UInt8](repeating: 1, count: 256), to: data[0]) }
        #expect(throws: TokenError.dataInvalid) { try token.write([1, 2, 3], to: certificates[0]) }
        #expect(throws: TokenError.dataInvalid) { try token.write([], to: data[0]) }
        #expect(card.left.isEmpty)
    }

    /// PW3's tries are counted by themselves, and a kept PW3 that is refused is forgotten too.
    @Test func theAdministratorsLoginIsRestoredLikeTheUsers() throws {
        let token = try token(administrator: true)
        card.continuity = .reset
        card.expect(.select, .related(), .isVerified("83"), .verify("83", "12345678"))
        card.expect(Step("00DA0102 01 01", "9000"))
        try token.write([1], to: data[1])
        card.continuity = .reset
        card.expect(.select, .related(RelatedData(passwords: "017F7F7F030001")), .isVerified("83"))
        #expect(throws: TokenError.keptPINRefused(retriesLeft: 1)) { try token.write([1], to: data[1]) }
        #expect(throws: TokenError.administratorNeeded) { try token.write([1], to: data[1]) }
        card.expect(.select, .verify("83", "87654321", "6982"), .passwords("017F7F7F030002"))
        #expect(throws: TokenError.pinIncorrect(retriesLeft: 2)) { try token.loginAdministrator("87654321") }
        #expect(card.left.isEmpty)
    }
}

extension OpenPGPToken {
    fileprivate func write(_ value: [UInt8], to object: ObjectReference) throws(TokenError) {
        try write(value, to: object, ifStill: nil)
    }

    fileprivate func expectLogout(_ card: ScriptedCard) {
        card.expect(Step("0020FF82", "9000"))
        logout()
    }
}
