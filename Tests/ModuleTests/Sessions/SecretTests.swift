import Foundation
import TestSupport
import Testing

/// What of a secret stays in the memory of the program that uses the module.
@Suite struct SecretTests {
    private static let world = Result { try CardWorld(SimulatedCard(keys: SimulatedCard.fourKeys)) }

    /// A plaintext is in the caller's buffer and nowhere else; one that waits for a larger buffer is where no core dump
    /// takes it.
    @Test(arguments: [false, true]) func aPlaintextLeavesNoCopies(_ waits: Bool) throws {
        let process = try CryptokiProcess(in: Self.world.get())
        try process("A1 initialize")
        let session = try process.first("A1 open 0 rw")
        try process("A1 login \(session) user 123456")
        let key = try process.first("A1 find \(session) class=private id=hex:03")
        let plaintext = (0..<64).map { _ in UInt8.random(in: 0...255) }
        let ciphertext = try encrypt(plaintext, for: process, session)
        // What stands at the start and the end of freed memory is overwritten, whoever does not wipe it.
        let complement = hex(plaintext[24..<40].map { ~$0 })
        try process("A1 decrypt-init \(session) CKM_RSA_PKCS \(key)")
        if waits {
            try process("A1 decrypt \(session) hex:\(ciphertext) 63", "CKR_BUFFER_TOO_SMALL")
            #expect(try process("A1 memory hex:\(complement)") == ["0"])
        }
        #expect(try process("A1 decrypt \(session) hex:\(ciphertext)") == ["64", hex(plaintext)])
        #expect(try process("A1 memory hex:\(complement)") == ["0"])
    }

    private func encrypt(_ plaintext: [UInt8], for process: CryptokiProcess, _ session: String) throws -> String {
        let folder = try TemporaryDirectory()
        let object = try process.first("A1 find \(session) class=certificate id=hex:03")
        try folder.write(bytes(try process.first("A1 get \(session) \(object) value")), to: "certificate")
        try folder.write(plaintext, to: "plain")
        let key = try Certificate(file: folder.file("certificate")).publicKey()
        return hex(
            try Tool.run(
                "openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", key, "-in", folder.file("plain")
            ).checked().output)
    }

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

    private func bytes(_ digits: String) -> [UInt8] {
        let digits = digits.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
