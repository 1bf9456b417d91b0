import TestSupport
import Testing

/// Arguments that cannot be used in the middle of messages and verifications, and handles after C_Finalize and in a child.
@Suite struct BadArgumentTests {
    /// Each case of the driver with the codes, or the truths, that it prints.
    private static let expected: [(name: String, answer: String)] = [
        // No place for the length, no parameter, a parameter of another size: the message ends, and another one begins. A
        // buffer that is too small leaves it.
        ("encryption-0", "7 0"), ("encryption-1", "7 0"), ("encryption-2", "71 0"), ("encryption-3", "150 90"),
        ("decryption-0", "7 0"), ("decryption-1", "7 0"), ("decryption-2", "71 0"), ("decryption-3", "150 90"),
        // NULL for the data, a parameter where there is none. A verification has no buffer.
        ("signature-1", "7 0"), ("verification-1", "7 0"), ("signature-2", "71 0"), ("verification-2", "71 0"),
        ("signature-3", "150 90"), ("verification-3", "0 90"),
        // pTag is NULL until the last part.
        ("late-tag-out", "0 0 0 0"), ("late-tag-in", "0 0 0 1"), ("no-tag", "71"),
        ("handles-anew", "1 1"), ("handles-of-the-child", "1 1"),
        // CKR_SIGNATURE_LEN_RANGE, and no byte behind the sixteen that there are is read.
        ("signature-of-1000", "0 c1"), ("signature-of-20000000", "0 c1"), ("signature-of-400000000000", "0 c1"),
    ]

    @Test func badArgumentsAreAnswered() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=p256"]))
        let driver = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/bad-arguments.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl"])
        let lines = try world.run([driver, BuiltModule.path()]).checked().lines
        #expect(lines == Self.expected.map { "\($0.name) \($0.answer)" })
    }
}
