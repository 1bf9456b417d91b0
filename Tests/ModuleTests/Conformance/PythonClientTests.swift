import Foundation
import TestSupport
import Testing

/// The rules of sessions, login, handles and objects, as `python-pkcs11` sees them: each function of
/// `Drivers/play-rules.py` that takes a token is one.
@Suite(.serialized, .unless(missing: PythonClient.missing))
struct PythonClientTests {
    private static let world = Result { try CardWorld(SimulatedCard.withProtectedManagementKey) }
    private static let script = PackageRoot.path + "/Tests/ModuleTests/Drivers/play-rules.py"

    static let rules = try? String(contentsOfFile: script, encoding: .utf8)
        .matches(of: /(?m)^def (\w+)\(token\):$/).map { String($0.output.1) }

    @Test(arguments: rules ?? ["none"])
    func holds(rule: String) throws {
        let result = try Self.world.get().run(
            [#require(PythonClient.python), "-B", Self.script, BuiltModule.path(), rule],
            environment: ["P11_PIN": SimulatedCard.pin, "P11_SO_PIN": SimulatedCard.managementKey])
        #expect(result.succeeded, "\(result)")
    }
}
