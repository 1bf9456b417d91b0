import Foundation
import TestSupport
import Testing

/// What a host notices of the module besides its answers: nothing, whatever the host is and however it ends.
@Suite struct GuestTests {
    private let world: CardWorld

    init() throws { world = try CardWorld(SimulatedCard(keys: ["9a=rsa2048"])) }

    /// After C_Finalize no thread is left; from the loading on there is no signal handler, exit hook, change of the
    /// environment, or output. pcscd is asked on threads of the module, for a call to it may not come back.
    @Test func leavesNoTrace() throws {
        let result = try use("quiet")
        #expect(result.text == "used\n" && result.errorOutput.isEmpty, "\(result)")
    }

    /// Two copies, as when a program and one of its libraries bring their own, each with its sessions and login.
    @Test func twoCopiesDoNotKnowEachOther() throws {
        let copy = world.home.file("copy.so")
        try FileManager.default.copyItem(atPath: BuiltModule.path(), toPath: copy)
        try use("copies", copy)
    }

    @Test("It may be unloaded in the midst, and the host may end in the midst", arguments: ["unload", "leave"])
    func ends(_ how: String) throws { try use(how) }

    /// libcrypto's default for everything calls the module, which calls libcrypto.
    @Test(.unless(missing: OpenSSLEngine.missing))
    func aHostOfOpenSSLSharesNothingWithIt() throws {
        let host = try CDriver.build(
            Self.drivers + "openssl-host.c",
            flags: Self.flags + ["-Wno-deprecated-declarations"] + CDriver.flags(ofPackage: "libcrypto"))
        let result = try world.run([host, BuiltModule.path(), SimulatedCard.pin]).checked()
        #expect(result.text == "80\n")
    }

    @discardableResult
    private func use(_ how: String, _ arguments: String...) throws -> ToolResult {
        let guest = try CDriver.build(Self.drivers + "guest.c", flags: Self.flags + ["-rdynamic", "-D_GNU_SOURCE"])
        return try world.run([guest, how, BuiltModule.path(), SimulatedCard.pin] + arguments).checked()
    }

    private static let drivers = PackageRoot.path + "/Tests/ModuleTests/Drivers/"
    private static let flags = ["-I\(PackageRoot.path)/include", "-ldl", "-lpthread"]
}
