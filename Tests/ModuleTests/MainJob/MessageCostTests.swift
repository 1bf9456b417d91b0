import TestSupport
import Testing

extension MainJob {
    /// What the main job costs pcscd, and with it the host: each message wakes another process, and is answered by it.
    @Suite struct MessageCostTests {
        /// What programs do, and how many messages it may take.
        enum Flow: String, CaseIterable, CustomTestStringConvertible {
            case listObjects = "pkcs11-tool -O"
            case listAll = "p11tool --list-all"
            case listForSSH = "ssh-keygen -D"
            case listForJava = "keytool -list"

            var testDescription: String { rawValue }

            var limit: Int {
                switch self {
                case .listObjects: 57
                case .listAll: 103
                case .listForSSH: 43
                case .listForJava: 62
                }
            }

            func run(_ world: CardWorld) throws {
                switch self {
                case .listObjects: try world.run("pkcs11-tool", "--module", BuiltModule.path(), "-O").checked()
                case .listAll:
                    // It ends with 1, for it is not logged in.
                    let listed = try world.run("p11tool", "--provider", BuiltModule.path(), "--list-all", "pkcs11:")
                    #expect(listed.text.contains("CARD%20AUTH%20key"), "\(listed)")
                case .listForSSH: try world.run("ssh-keygen", "-D", BuiltModule.path()).checked()
                case .listForJava:
                    let configuration = try world.home.write(
                        "name = Martlet\nlibrary = \(BuiltModule.path())\nslot = 0\n", to: "java.cfg")
                    try world.run(
                        ["keytool", "-list", "-keystore", "NONE", "-storetype", "PKCS11"]
                            + ["-storepass", SimulatedCard.pin]
                            + ["-providerClass", "sun.security.pkcs11.SunPKCS11", "-providerArg", configuration]
                    ).checked()
                }
            }
        }

        @Test("Four certificates", .unless(missing: JavaTools.missing), arguments: Flow.allCases)
        func fourKeys(_ flow: Flow) throws {
            try judge(SimulatedCard(keys: SimulatedCard.fourKeys), flow, atMost: flow.limit)
        }

        @Test func allPlaces() throws {
            let retired = (0x82...0x95).map { String($0, radix: 16) + "=p256" }
            try judge(
                SimulatedCard(keys: SimulatedCard.fourKeys + retired, arguments: ["--key-history"]), .listAll,
                atMost: 400)
        }

        /// A look at the readers counts for 50 ms, so a machine that is busy with other things takes some more of them.
        private func judge(_ card: SimulatedCard, _ flow: Flow, atMost limit: Int) throws {
            let world = try CardWorld(card, countsMessages: true)
            let start = ContinuousClock.now
            // The question before each transaction whether the card is free keeps other programs' waits short.
            let messages = try world.messages { try flow.run(world) }.filter { $0 != "GET_ATTRIB" }
            let looks = max(0, Int((ContinuousClock.now - start) / .milliseconds(50)) - 10)
            #expect((10...limit + 3 * looks).contains(messages.count), "\(messages.count): \(messages)")
            print("\(flow.rawValue): \(messages.count) messages, \(looks) looks more for a slow machine")
        }

        /// The transaction's beginning and end, the command, and the question whether the card is free.
        @Test func oneMoreSignature() throws {
            let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]), countsMessages: true)
            let process = try CryptokiProcess(in: world)
            try process("A1 initialize")
            let session = try process.first("A1 open 0 ro")
            try process("A1 login \(session) user \(SimulatedCard.pin)")
            let key = try process.first("A1 find \(session) class=private id=hex:01")
            func sign() throws {
                try process("A1 sign-init \(session) CKM_ECDSA \(key)")
                try process("A1 sign \(session) zeros:32")
            }
            try sign()
            // A look at the readers counts for a while; one of them may fall into the time of the signatures.
            let messages = try world.messages { for _ in 0..<10 { try sign() } }
            #expect((30...40 + 9).contains(messages.count), "\(messages)")
        }
    }
}
