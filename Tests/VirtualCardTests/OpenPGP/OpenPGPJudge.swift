import HostCrypto
import ISO7816
import Keys
import Testing

@testable import VirtualCard

extension VirtualCard {
    func generate(_ slot: OpenPGPKeySlot) throws -> ResponseAPDU {
        try send(0x47, 0x80, 0x00, [UInt8(slot.controlReferenceTag), 0x00])
    }

    func readPublicKey(_ slot: OpenPGPKeySlot) throws -> ResponseAPDU {
        try send(0x47, 0x81, 0x00, [UInt8(slot.controlReferenceTag), 0x00])
    }

    /// DO DE, by slot.
    func keyInformation() throws -> [OpenPGPKeySlot: UInt8] {
        let bytes = try getData(0xDE).data
        return Dictionary(
            uniqueKeysWithValues: OpenPGPKeySlot.allCases.map { ($0, bytes[Int($0.rawValue) * 2 - 1]) })
    }
}

/// What the host's side of the keys is, checked with the openssl program.
enum OpenPGPJudge {
    /// The public key in 7F49.
    static func publicKey(_ algorithm: OpenPGPAlgorithm, in answer: [UInt8]) throws -> PublicKey {
        let template = try #require(TLVReader(answer).first(0x7F49)).children
        func value(_ tag: UInt32) throws -> [UInt8] { Array(try #require(template.first(tag)).value) }
        switch algorithm.keyType {
        case .rsa: return .rsa(modulus: try value(0x81), publicExponent: try value(0x82))
        case .ec(let curve): return .ec(curve, point: try value(0x86))
        case .edwards(let curve): return .edwards(curve, try value(0x86))
        case .montgomery(let curve): return .montgomery(curve, try value(0x86))
        }
    }

    /// Has the card sign a message, as the key's kind wants it, and openssl verify that.
    static func checkSignature(by key: PublicKey, _ sign: ([UInt8]) throws -> ResponseAPDU) throws {
        let message = Array("to be signed".utf8)
        var files = ["key": key.subjectPublicKeyInfo, "message": message]
        let command = ["dgst", "-sha256", "-verify", "key", "-keyform", "DER", "-signature", "signature", "message"]
        switch key.type {
        case .rsa:
            files["signature"] = try answer(sign(Digest.sha256.digestInfo(Digest.sha256.hash(message))))
            try openssl(command, files)
        case .ec(let curve):
            let raw = try answer(sign(Digest.sha256.hash(message)))
            files["signature"] = try ECDSASignature(fixedWidth: raw, fieldSize: curve.fieldSize).der
            try openssl(command, files)
        default:
            files["signature"] = try answer(sign(message))
            try openssl(
                [
                    "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-keyform", "DER", "-rawin", "-in", "message",
                    "-sigfile", "signature",
                ], files)
        }
    }

    /// Encrypts to a key, or makes the other half of an agreement, and compares what the card makes of it.
    static func checkDecryption(by key: PublicKey, _ decipher: ([UInt8]) throws -> ResponseAPDU) throws {
        if case .rsa = key.type {
            let message = Array("a session key".utf8)
            #expect(try answer(decipher([0x00] + key.encryptPKCS1(message))) == message)
            let zeros = [UInt8](repeating: 0, count: try key.encryptPKCS1([]).count)
            #expect(try decipher([0x00] + zeros).status == .incorrectData)
            return
        }
        let own = try PrivateKey.generate(key.type)
        let point = [UInt8](tag: 0xA6, [UInt8](tag: 0x7F49, [UInt8](tag: 0x86, own.publicKey.octets)))
        let secret = try answer(decipher(point))
        let derived = try Outside.run(
            [
                "openssl", "pkeyutl", "-derive", "-keyform", "DER", "-inkey", "own", "-peerform", "DER", "-peerkey",
                "key",
            ], files: ["own": own.pkcs8(), "key": key.subjectPublicKeyInfo])
        #expect(derived.output == secret)
    }

    private static func answer(_ response: ResponseAPDU) throws -> [UInt8] {
        try #require(response.status == .success)
        return response.data
    }

    private static func openssl(_ arguments: [String], _ files: [String: [UInt8]]) throws {
        let result = try Outside.run(["openssl"] + arguments, files: files)
        #expect(result.status == 0, "\(arguments): \(String(decoding: result.output, as: UTF8.self))")
    }
}
