import TestSupport
import Testing

extension MainJob {
    /// OpenSSH: its key listing, its agent, its client, and a login to a real server.
    @Suite struct SSHTests {
        private let module: String
        private let world: CardWorld

        init() throws {
            module = try BuiltModule.path()
            world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
        }

        @Test func keygenShowsEachKey() throws {
            let shown = try world.run("ssh-keygen", "-D", module).checked().lines
            let tool = PKCS11Tool(world: world, module: module)
            let expected = try zip(["01", "02", "03", "04"], ["PIV AUTH", "SIGN", "KEY MAN", "CARD AUTH"]).map {
                try tool.certificate($0).sshPublicKey() + " \($1) pubkey"
            }
            #expect(shown == expected)
        }

        @Test func agentLogsIn() throws {
            let server = try SSHServer(world)
            let agent = try SSHAgent(world)
            try agent.add(module)
            let keys = try agent.publicKeys()
            try #require(keys.count == 4, "\(keys)")
            // 9C wants its PIN for each signature, which the agent cannot ask for; the other keys sign before and
            // after.
            for (index, signs) in [(0, true), (1, false), (0, true), (2, true), (1, false), (3, true)] {
                try server.authorize(keys[index])
                let file = try world.home.write(keys[index] + "\n", to: "key.pub")
                let answer = try server.logIn(
                    ["-o", "IdentitiesOnly=yes", "-i", file], environment: agent.environment)
                #expect(answer.succeeded == signs, "\(answer)")
                #expect(answer.text == (signs ? "logged in\n" : ""), "\(answer)")
            }
            try agent.remove(module)
            #expect(try agent.publicKeys() == [])
        }

        @Test("ssh itself logs in, asking for the PIN", arguments: ["01", "02", "03", "04"])
        func clientLogsIn(_ id: String) throws {
            let server = try SSHServer(world)
            try server.authorize(PKCS11Tool(world: world, module: module).certificate(id).sshPublicKey())
            let answer = try server.logIn(
                ["-o", "PKCS11Provider=\(module)", "-o", "IdentityFile=none"], environment: world.askpass())
            #expect(answer.text == "logged in\n", "\(answer)")
        }

        @Test func anotherKeyDoesNotLogInOverSSH() throws {
            let server = try SSHServer(world)
            try server.authorize(Tool.run("ssh-keygen", "-y", "-f", world.home.file("host_key")).checked().text)
            let answer = try server.logIn(
                ["-o", "PKCS11Provider=\(module)", "-o", "IdentityFile=none"], environment: world.askpass())
            #expect(!answer.succeeded && answer.errorText.contains("Permission denied"), "\(answer)")
        }
    }
}
