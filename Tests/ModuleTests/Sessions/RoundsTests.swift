import TestSupport
import Testing

/// What a process holds that has used the module again and again, from C_Initialize to C_Finalize.
@Suite struct RoundsTests {
    /// Many rounds that do little, and fewer that do much.
    @Test(arguments: [(1000, []), (120, [SimulatedCard.pin])])
    func nothingGrows(_ count: Int, _ pin: [String]) throws {
        let program = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/rounds.c", flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        let world = try CardWorld(SimulatedCard(keys: ["9a=rsa2048"]))
        let answer = try world.run([program, BuiltModule.path(), String(count)] + pin).checked()
        let rounds = answer.lines.map { $0.split(separator: " ").compactMap { Int($0) } }
        try #require(rounds.count == count && rounds.allSatisfy { $0.count == 3 })
        // The first rounds fill what libraries keep for good.
        let (early, late) = (rounds[19], rounds[count - 1])
        #expect(late[0] - early[0] < count * 64, "bytes from malloc")
        #expect(late[1] == early[1], "descriptors")
        #expect(late[2] == early[2], "threads")
    }
}
