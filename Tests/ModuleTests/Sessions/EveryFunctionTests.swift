import TestSupport
import Testing

/// Every function of the three lists, called with nothing: before the library is there, with a session that is not, and
/// with NULL and zero for all else.
@Suite struct EveryFunctionTests {
    /// Functions that need no library, or would wait for somebody.
    private static let others: Set<String> = [
        "C_Initialize", "C_Finalize", "C_GetFunctionList", "C_GetInterfaceList", "C_GetInterface", "C_GetInfo",
        "C_WaitForSlotEvent",
    ]

    @Test func everyFunctionAnswers() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let driver = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/every-function.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        let names = try ModuleFileTests.declaredFunctions().subtracting(Self.others).sorted()
        let answers = try world.run([driver, try BuiltModule.path()] + names).checked().lines
        print(answers.joined(separator: "\n"))
    }
}
