import TestSupport
import Testing

/// The lines of `martlet config PROGRAM`, pasted into a shell, with the program that they are for.
@Suite struct ConfigTests {
    @Test("The lines work when pasted", arguments: ConfigCase.all)
    func lines(_ tried: ConfigCase) throws {
        if let missing = tried.missing { try Test.cancel(Comment(rawValue: missing)) }
        let installed = try InstalledWorld(tried.card)
        let answer = try installed.run(
            "run", tried.program, options: tried.options, variables: ["KEY": tried.key, "SERVER": tried.server],
            prompts: tried.prompts)
        #expect(answer.ending == .exited(0), "\(answer)\n\(installed.world.logs.suffix(2000))")
    }
}
