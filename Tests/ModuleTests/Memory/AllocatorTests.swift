import TestSupport
import Testing

/// A program's own allocator serves the module too, and may be unlike glibc's: Chromium's tells sizes that are no multiple
/// of eight, and has the rest of each block for itself.
@Suite struct AllocatorTests {
    /// What the module makes texts of: a wrong PIN for the log, all objects of a card, and where nothing goes wrong.
    @Test(
        "No block is written to behind its end",
        arguments: [
            (arguments: ["--login", "--pin", "654321", "--list-objects"], shown: "CKR_PIN_INCORRECT"),
            (arguments: ["--login", "--pin", SimulatedCard.pin, "--list-objects"], shown: "Private Key Object"),
            (arguments: ["--list-slots", "--list-mechanisms"], shown: "RSA-PKCS-PSS"),
        ], ["yubikey57", "openpgp34"])
    func blocksAreKept(_ tried: (arguments: [String], shown: String), _ profile: String) throws {
        let keys = profile == "openpgp34" ? ["sig=rsa2048", "aut=rsa2048"] : SimulatedCard.fourKeys
        let world = try CardWorld(SimulatedCard(profile: profile, keys: keys))
        let allocator = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/exact-malloc.c", flags: ["-shared", "-fPIC"])
        let result = try world.run(
            ["pkcs11-tool", "--module", BuiltModule.path()] + tried.arguments,
            environment: ["LD_PRELOAD": allocator, "MARTLET_LOG": world.home.file("log")])
        #expect((result.text + result.errorText).contains(tried.shown), "\(result)")
        #expect(!result.errorText.contains("exact-malloc"), "\(result)")
    }
}
