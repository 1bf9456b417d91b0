import Foundation
import TestSupport
import Testing

extension MainJob {
    /// pkcs11-tool puts certificates onto the card and takes them off: as the SO with the management key, or as the user
    /// where the card keeps that key behind the PIN.
    @Suite struct WritingTests {
        private static let officer = ["--login-type", "so", "--so-pin", SimulatedCard.managementKey]
        private static let user = ["--pin", SimulatedCard.pin]

        @Test(arguments: [officer, user])
        func aCertificateIsWrittenAndDeleted(_ login: [String]) throws {
            let world = try CardWorld(SimulatedCard.withProtectedManagementKey)
            let tool = PKCS11Tool(world: world, module: try BuiltModule.path())
            let authority = try CertificateAuthority(folder: world.home)
            let publicKey = try tool.certificate("03").publicKey()
            let new = world.home.newFile("new.der")
            try Tool.run(
                "openssl", "x509", "-in", authority.certify(publicKey, subject: "New"), "-outform", "DER", "-out", new
            ).checked()
            let about = ["--type", "cert", "--id", "03"]
            try tool.run(["--login"] + login + ["--write-object", new] + about).checked()
            let read = try tool.certificate("03").file
            #expect(try Tool.run("cmp", read, new).succeeded)
            try tool.run(["--login"] + login + ["--delete-object"] + about).checked()
            #expect(try !tool.run(["--read-object", "--output-file", new] + about).succeeded)
        }

        /// Without the right to write the card is left as it is.
        @Test func whoMayNotWriteIsTold() throws {
            let world = try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys))
            let tool = PKCS11Tool(world: world, module: try BuiltModule.path())
            let certificate = try tool.certificate("01").file
            let about = ["--type", "cert", "--id", "03"]
            let answer = try tool.runLoggedIn(["--write-object", certificate] + about)
            #expect(!answer.succeeded && answer.allText.contains("CKR_USER_NOT_LOGGED_IN"), "\(answer)")
        }
    }
}
