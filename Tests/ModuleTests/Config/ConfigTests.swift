import TestSupport
import Testing

/// The lines of `martlet config PROGRAM`, pasted into a shell, with the program that they are for.
@Suite struct ConfigTests {
    @Test("The lines work when pasted", arguments: ConfigCase.all)
    func lines(_ tried: ConfigCase) throws {
        if let missing = tried.missing { try Test.cancel(Comment(rawValue: missing)) }
        let installed = try InstalledWorld(tried.card)
        let answer = try installed.run(
            "run", tried.program, options: tried.options, variables: tried.variables, prompts: tried.prompts)
        #expect(answer.ending == .exited(0), "\(answer)\n\(installed.world.logs.suffix(2000))")
    }

    @Test("ssh-agent signs again after the card was out, by the two commands that its lines tell of")
    func agentAfterReplug() throws {
        let installed = try InstalledWorld(ConfigCase.piv), world = installed.world
        try installed.run("run", "ssh-agent", prompts: ["Enter passphrase for PKCS#11"]).checked()
        try world.pullCard()
        try world.putCardBack()
        // What is told in words, with "the same path".
        let again = "ssh-add -e \"$MODULE\"; ssh-add -s \"$MODULE\""
        let sign = "ssh-keygen -q -Y sign -f signer.pub -n test message"
        let answer = try world.run(
            [
                "env", "MODULE=\(InstalledWorld.module)", "sh", "-ec",
                "cd \(world.home.file("jane")); . ./agent; \(again); \(sign)",
            ], typing: [("Enter passphrase for PKCS#11", SimulatedCard.pin)])
        #expect(answer.ending == .exited(0), "\(answer)")
    }
}
