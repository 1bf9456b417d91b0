import Foundation
import PKCS11Provider
import TestSupport

/// `martlet-bench`: what the module computes on the host, side by side with libcrypto in the same process, and with the
/// peers' modules `softhsm2` and `opensc-pkcs11`.
///
/// An argument lets only that be measured which has it in its name, such as `C_Verify`. The card is a simulated one behind a pcscd of its own; nothing of what is measured asks it anything. SoftHSM gets a
/// store of its own.
@main
enum MartletBench {
    static func main() throws {
        let world = try CardWorld(SimulatedCard(keys: ["9a=rsa2048", "9e=p256"]))
        // The modules in this process reach the world's pcscd by it.
        setenv("PCSCLITE_CSOCK_NAME", world.serviceSocket, 1)
        let martlet = try Contender(
            "martlet", module: PackageRoot.products + "/libmartlet-pkcs11.so", token: "Martlet 9a",
            pin: SimulatedCard.pin)
        let peers = [try softHSM(world.home), try openSC()].compactMap { $0 }
        try Comparison(
            contenders: [martlet] + peers, libcrypto: Libcrypto(like: martlet),
            filter: CommandLine.arguments.dropFirst().first ?? ""
        ).run()
    }

    private static func openSC() throws -> Contender? {
        let module = SystemLibraries.folder + "/opensc-pkcs11.so"
        guard let module = installed(module, package: "opensc") else { return nil }
        return try Contender("opensc-pkcs11", module: module, token: "Martlet 9a", pin: SimulatedCard.pin)
    }

    private static func softHSM(_ home: TemporaryDirectory) throws -> Contender? {
        guard let module = installed("/usr/lib/softhsm/libsofthsm2.so", package: "softhsm2") else { return nil }
        let store = home.file("softhsm")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        setenv("SOFTHSM2_CONF", try home.write("directories.tokendir = \(store)\n", to: "softhsm.conf"), 1)
        let tool = ["pkcs11-tool", "--module", module], pin = ["--pin", SimulatedCard.pin]
        for arguments in [
            ["--init-token", "--slot-index", "0", "--label", "bench", "--so-pin", SimulatedCard.pin],
            ["--token-label", "bench", "--init-pin", "--login", "--login-type", "so"] + pin
                + ["--so-pin", SimulatedCard.pin],
            ["--token-label", "bench", "--login", "--keypairgen", "--key-type", "rsa:2048", "--id", "01"] + pin,
            ["--token-label", "bench", "--login", "--keypairgen", "--key-type", "EC:prime256v1", "--id", "04"] + pin,
        ] {
            try Tool.run(tool + arguments, environment: Tool.inheritedEnvironment).checked()
        }
        return try Contender("softhsm2", module: module, token: "bench", pin: SimulatedCard.pin)
    }

    private static func installed(_ module: String, package: String) -> String? {
        guard let missing = Tool.missing(file: module, package: package) else { return module }
        print(missing)
        return nil
    }
}
