import TestSupport
import Testing

extension SimulatorJudged {
    /// The peers' modules find the card's keys and sign with them; OpenSSL verifies.
    @Suite struct PeerModuleTests {
        static let modules = ["opensc-pkcs11.so", "libykcs11.so"]
        static let world = Result {
            try CardWorld(
                SimulatedCard(keys: SimulatedCard.fourKeys + ["82=rsa2048"], arguments: ["--key-history"]))
        }

        @Test("The module shows five certificates, public and private keys", arguments: modules)
        func lists(_ module: String) throws {
            let tool = try PKCS11Tool(world: Self.world.get(), module: module)
            #expect(try tool.run(["--list-token-slots"]).checked().text.contains("PIN initialized"))
            let objects = try tool.runLoggedIn(["--list-objects"]).checked().text
            for id in ["01", "02", "03", "04", "05"] {
                for kind in ["Certificate Object", "Public Key Object", "Private Key Object"] {
                    let found = try objects.firstMatch(of: Regex(kind + #"[^\n]*\n(  [^\n]*\n)*?  ID: +"# + id))
                    #expect(found != nil, "\(kind) \(id)")
                }
            }
        }

        @Test("The module's signatures verify", arguments: modules, ["01", "02", "04"])
        func signs(_ module: String, id: String) throws {
            let tool = try PKCS11Tool(world: Self.world.get(), module: module)
            let mechanism = SigningMechanism(id == "01" ? "SHA256-RSA-PKCS" : "ECDSA-SHA256")
            let verified = try tool.signAndVerify(Array("judged".utf8), id: id, with: mechanism)
            #expect(verified.succeeded, "\(verified)")
        }

        @Test("The module learns of a wrong PIN", arguments: modules)
        func wrongPIN(_ module: String) throws {
            let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
            let tool = PKCS11Tool(world: world, module: module)
            let answer = try tool.run(["--login", "--pin", "111111", "--list-objects"])
            #expect(!answer.succeeded && answer.allText.contains("CKR_PIN_INCORRECT"), "\(answer)")
        }
    }
}
