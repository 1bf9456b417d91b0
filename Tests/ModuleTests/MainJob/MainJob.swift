import TestSupport
import Testing

/// The programs that people use, each with Martlet's module and a simulated card in a real pcscd.
@Suite struct MainJob {
    /// A key of each kind that the module signs with, and one without a certificate.
    static let manyKeys = Result {
        try CardWorld(
            SimulatedCard(
                keys: [
                    "9a=rsa2048", "9c=p384", "9d=rsa3072", "9e=p256", "82=rsa1024", "83=rsa4096", "84=p384",
                    "85=ed25519", "86=p256,nocert",
                ],
                arguments: ["--key-history"]))
    }
}
