import TestSupport
import Testing

/// A login by SSSD. The card's own certificates are signed by themselves; only those that the tests' authority issues
/// are good.
@Suite(.unless(missing: P11Child.missing))
struct SSSDTests {
    private func with(
        _ card: TestedCard, certified: [TestedCard.Key], days: Int = 30,
        extensions: (TestedCard.Key) -> [String] = { _ in [] }
    ) throws -> (tool: PKCS11Tool, sssd: P11Child) {
        let bench = try Workbench(card), world = bench.world
        try world.registerModule()
        let authority = try CertificateAuthority(folder: world.home)
        for key in certified {
            let issued = try authority.certify(
                bench.certificate(key).publicKey(), subject: card.token, days: days, extensions: extensions(key))
            try bench.tool.run(card.asOfficer + ["--write-object", issued, "--type", "cert", "--id", key.id]).checked()
        }
        return (bench.tool, P11Child(world: world, authorities: authority.certificate))
    }

    /// Among them PIV's 9C, which wants its PIN for each use, and 9E, which wants none.
    @Test("Each key that signs logs a person in", arguments: TestedCard.usual)
    func eachKey(_ card: TestedCard) throws {
        let keys = card.keys.filter(\.signs)
        let (_, sssd) = try with(card, certified: keys)
        let found = try sssd.find()
        #expect(Set(found.map(\.id)) == Set(keys.map(\.id)))
        for key in found { #expect(try sssd.authenticate(key) == key) }
    }

    @Test("Only the certificate of the authority is found", arguments: TestedCard.usual)
    func oneAmongSeveral(_ card: TestedCard) throws {
        let key = try #require(card.keys.last { $0.signs })
        let (_, sssd) = try with(card, certified: [key])
        #expect(try sssd.find().map(\.label) == [key.certificate])
    }

    /// The others are for keys that encrypt, for mail, and for anything; each lacks one part of the rule.
    @Test(
        "A matching rule finds the right one among the card's certificates", .unless(missing: SSSDRule.missing),
        arguments: TestedCard.usual)
    func matchingRule(_ card: TestedCard) throws {
        let login = try #require(card.keys.last { $0.signs })
        let (tool, sssd) = try with(card, certified: card.keys) { key in
            switch key.id {
            case login.id: ["keyUsage=digitalSignature", "extendedKeyUsage=clientAuth,msSmartcardLogin"]
            case "01": ["keyUsage=keyEncipherment", "extendedKeyUsage=clientAuth,msSmartcardLogin"]
            case "02": ["keyUsage=digitalSignature", "extendedKeyUsage=emailProtection"]
            default: []
            }
        }
        let found = try sssd.find()
        #expect(found.count == card.keys.count)
        let rule = try SSSDRule(tool.world, "<ISSUER>^CN=Authority$<KU>digitalSignature<EKU>clientAuth,msScLogin")
        let matching = try found.filter(rule.matches)
        #expect(matching.map(\.label) == [login.certificate])
        for key in matching { #expect(try sssd.authenticate(key) == key) }
    }

    @Test("A certificate that has expired is not found", arguments: TestedCard.usual)
    func expired(_ card: TestedCard) throws {
        let (_, sssd) = try with(card, certified: [card.keys[0]], days: -1)
        #expect(try sssd.find() == [])
    }

    @Test("A wrong PIN costs one try, and a blocked one logs nobody in", arguments: TestedCard.usual)
    func wrongPIN(_ card: TestedCard) throws {
        let (tool, sssd) = try with(card, certified: [card.keys[0]])
        let key = try #require(try sssd.find().first)
        for state in ["user PIN count low", "final user PIN try", "user PIN locked"] {
            #expect(try sssd.authenticate(key, pin: "999999") == nil)
            #expect(try tool.run(["--list-token-slots"]).checked().text.contains(state), "\(state)")
        }
        #expect(try sssd.authenticate(key) == nil)
    }

    @Test("Without a card nothing is found, and one that comes ends the wait", arguments: TestedCard.usual)
    func cardComes(_ card: TestedCard) throws {
        let (tool, sssd) = try with(card, certified: [card.keys[0]])
        try tool.world.pullCard()
        #expect(try sssd.find() == [])
        let answer = try sssd.waitForCard()
        // It waits: a search without the wait, begun later, has ended.
        #expect(try sssd.find() == [] && answer() == nil)
        try tool.world.putCardBack()
        var found: [P11Child.Found]?
        try Deadline.wait(for: "p11_child to see the card") {
            found = try answer()
            return found != nil
        }
        #expect(found?.map(\.id) == [card.keys[0].id])
    }

    @Test("Of two cards, a URI chooses one")
    func twoCards() throws {
        let cards = try ["p256", "rsa2048"].map { try SimulatedCard(keys: ["9a=\($0)"]).program() }
        let world = try CardWorld(readers: [CardReader("First", card: cards[0]), CardReader("Second", card: cards[1])])
        try world.registerModule()
        let authority = try CertificateAuthority(folder: world.home), module = try BuiltModule.path()
        let people = ["jane", "joe"]
        for (slot, person) in zip(["0", "2"], people) {
            let tool = PKCS11Tool(world: world, module: module)
            let certificate = Certificate(file: world.home.newFile("certificate.der"))
            let object = ["--slot", slot, "--type", "cert", "--id", "01"]
            try tool.run(object + ["--read-object", "--output-file", certificate.file]).checked()
            let issued = try authority.certify(certificate.publicKey(), subject: person)
            try tool.run(TestedCard.usual[0].asOfficer + object + ["--write-object", issued]).checked()
        }
        for person in people {
            let sssd = P11Child(
                world: world, authorities: authority.certificate, uri: "pkcs11:token=\(person)")
            let found = try sssd.find()
            #expect(found.map(\.token) == [person])
            for key in found { #expect(try sssd.authenticate(key) == key) }
        }
    }
}

extension TestedCard {
    /// How `pkcs11-tool` logs in to a new card as the SO.
    fileprivate var asOfficer: [String] {
        let secret = application == "PIV" ? SimulatedCard.managementKey : "12345678"
        return ["--login", "--login-type", "so", "--so-pin", secret]
    }
}
