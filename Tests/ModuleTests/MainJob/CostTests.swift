import TestSupport
import Testing

extension MainJob {
    /// What the main job costs at the card: each command takes a real card some ten milliseconds or more.
    ///
    /// The cards have four certificates and no Key History, unless a test says otherwise.
    @Suite struct CostTests {
        @Test func listingKeysForSSH() throws {
            let world = try fourKeys()
            let log = try world.apduLog { try world.run("ssh-keygen", "-D", BuiltModule.path()).checked() }
            try judge(log, atMost: 10)
        }

        @Test func handingKeysToTheAgent() throws {
            let world = try fourKeys()
            let agent = try SSHAgent(world)
            let log = try world.apduLog { try agent.add(BuiltModule.path()) }
            try judge(log, atMost: 11)
        }

        @Test("pkcs11-tool signs with one key", arguments: [("01", "SHA256-RSA-PKCS"), ("04", "ECDSA-SHA256")])
        func signing(_ id: String, _ mechanism: String) throws {
            let world = try fourKeys()
            let tool = try PKCS11Tool(world: world, module: BuiltModule.path())
            let message = try world.home.write("a message", to: "message")
            let log = try world.apduLog {
                try tool.runLoggedIn(
                    [
                        "--sign", "--id", id, "--mechanism", mechanism, "--input-file", message, "--output-file",
                        "signature",
                    ]
                ).checked()
            }
            try judge(log, atMost: 10)
        }

        /// A loaded module that nobody asks about tokens leaves the card alone.
        @Test func initialisingCostsNothing() throws {
            let world = try fourKeys()
            let driver = try CDriver.build(
                PackageRoot.path + "/Tests/ModuleTests/Drivers/list-slots.c",
                flags: ["-I\(PackageRoot.path)/include", "-ldl"])
            let log = try world.apduLog { try world.run(driver, BuiltModule.path()).checked() }
            #expect(log == [])
        }

        @Test(
            "Once logged in, a signature is one APDU; without extended length each part of command and answer is one",
            arguments: [
                ("yubikey57", 0, ["sign with 9a"]),
                ("yubikey57", 3, ["sign with 9e"]),
                // The signature's 256 bytes and their headers fit in no short answer either.
                (
                    "yubikey-short", 0,
                    ["send the first part of a signature's input", "sign with 9a", "fetch the rest of the answer"]
                ), ("yubikey-short", 3, ["sign with 9e"]),
            ])
        func signingAgain(_ profile: String, _ key: Int, _ expected: [String]) throws {
            let world = try CardWorld(SimulatedCard(profile: profile, keys: SimulatedCard.fourKeys))
            let agent = try SSHAgent(world)
            try agent.add(BuiltModule.path())
            let keys = try agent.publicKeys()
            try #require(keys.count == 4)
            try agent.sign(keys[key])
            for _ in 0..<3 {
                let purposes = try world.apduLog { try agent.sign(keys[key]) }.map(\.purpose)
                #expect(purposes == expected)
            }
        }

        /// Another program selects its own application, or leaves the PIN unverified: the module notices by the
        /// answer, and repeats once.
        @Test func signingAfterAnotherProgramTookTheCard() throws {
            let world = try fourKeys()
            let agent = try SSHAgent(world)
            try agent.add(BuiltModule.path())
            let key = try #require(try agent.publicKeys().first)
            try agent.sign(key)
            try world.run("opensc-tool", "--send-apdu", "00A4040008A000000527471117").checked()
            let purposes = try world.apduLog { try agent.sign(key) }.compactMap(\.purpose)
            #expect(purposes.count { $0 == "verify the PIN" } <= 1)
            #expect(purposes.count { $0 == "sign with 9a" } == 2, "\(purposes)")
            #expect(purposes.count <= 6, "\(purposes)")
        }

        @Test func onlyFilledRetiredContainersAreRead() throws {
            let card = SimulatedCard(
                keys: SimulatedCard.fourKeys + ["82=rsa2048", "83=p256"], arguments: ["--key-history"])
            let world = try CardWorld(card)
            let log = try world.apduLog { try world.run("ssh-keygen", "-D", BuiltModule.path()).checked() }
            let retired = log.compactMap(\.purpose).filter { $0.hasPrefix("read retired") }
            #expect(retired.sorted() == ["read retired certificate 1", "read retired certificate 2"])
            try judge(log, atMost: 12, retired: true)
        }

        private func fourKeys() throws -> CardWorld {
            try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        }

        /// Each command has a purpose, none is over the limit, and no container is read twice or its length probed.
        private func judge(_ log: [LoggedAPDU], atMost limit: Int, retired: Bool = false) throws {
            let story = Comment(rawValue: log.map { $0.purpose ?? "\($0)" }.joined(separator: "\n"))
            #expect(log.count <= limit, story)
            #expect(log.allSatisfy { $0.purpose != nil }, story)
            let reads = log.filter(\.readsContainer).compactMap(\.purpose)
            #expect(Set(reads).count == reads.count, story)
            if !retired { #expect(reads.allSatisfy { !$0.hasPrefix("read retired") }, story) }
        }
    }
}
