import Testing
import TestSupport

@Suite struct CardWorldTests {
    static let fake = CardProgram { ["python3", "/tmp/e/fakecard.py", String($0), $1] }
    @Test func cycle() throws {
        let c = ContinuousClock(); var t = c.now
        func lap(_ s: String) { print(s, c.now - t); t = c.now }
        let world = try CardWorld(readers: [
            CardReader(card: Self.fake), CardReader("Other"), CardReader("Third", card: Self.fake),
        ])
        lap("start")
        print(try world.run("opensc-tool", "-l").text); lap("tool")
        try world.pullCard(); lap("pull")
        print(try world.run("opensc-tool", "-l").text); lap("tool")
        try world.putCardBack(); lap("put")
        try world.restartService(); lap("restart")
        print(try world.run("opensc-tool", "-l").text); lap("tool")
        print(world.logs)
    }
}
