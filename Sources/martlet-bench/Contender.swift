import CPKCS11
import PKCS11Provider

/// A module with a token that has an RSA-2048 and a P-256 key, ready to compute.
final class Contender {
    let name: String
    private let session: ProviderSession
    private let functions: CK_FUNCTION_LIST
    private let publicKeys: [Algorithm: CK_OBJECT_HANDLE]
    private let signingKey: CK_OBJECT_HANDLE
    /// Of `Work.message`, by this token's own keys.
    private let signatures: [Algorithm: [UInt8]]

    /// Loads a module, and logs in to the first token with this label.
    init(_ name: String, module: String, token label: String, pin: String) throws {
        self.name = name
        let provider = try Provider(path: module)
        let slot = try provider.slots(withToken: true).first { try provider.token($0).label == label }
        guard let slot else { throw ProviderError.notLoadable(path: module, reason: "\(name) has no token \(label)") }
        let session = try provider.openSession(slot)
        let pin = Array(pin.utf8)
        try session.login(CKU_USER, pin.span.bytes)
        self.session = session
        functions = provider.functions
        func key(_ algorithm: Algorithm, _ type: CK_OBJECT_CLASS) throws -> CK_OBJECT_HANDLE {
            guard let key = try session.objects(type, id: [algorithm.id]).first else {
                throw ProviderError.notLoadable(path: module, reason: "\(name) has no key \(algorithm)")
            }
            return key
        }
        signingKey = try key(.rsa, CKO_PRIVATE_KEY)
        publicKeys = try Dictionary(uniqueKeysWithValues: Algorithm.allCases.map { ($0, try key($0, CKO_PUBLIC_KEY)) })
        signatures = try Dictionary(
            uniqueKeysWithValues: Algorithm.allCases.map {
                ($0, try session.sign(Work.message, $0.mechanism, key: key($0, CKO_PRIVATE_KEY)))
            })
    }

    /// The public key's attributes, for libcrypto to have the same.
    func attribute(_ type: CK_ATTRIBUTE_TYPE, of algorithm: Algorithm) throws -> [UInt8] {
        try publicKeys[algorithm].flatMap { try session.attribute(type, of: $0) } ?? []
    }

    func signature(_ algorithm: Algorithm) -> [UInt8] { signatures[algorithm] ?? [] }

    /// C_DigestInit and C_Digest.
    func digest(_ data: UnsafeMutableBufferPointer<UInt8>) throws(ProviderError) {
        var mechanism = CK_MECHANISM(mechanism: CKM_SHA256, pParameter: nil, ulParameterLen: 0)
        try Provider.check("C_DigestInit", functions.C_DigestInit) { $0(session.handle, &mechanism) }
        var hash = [UInt8](repeating: 0, count: 32)
        var count = CK_ULONG(hash.count)
        try Provider.check("C_Digest", functions.C_Digest) {
            $0(session.handle, data.baseAddress, CK_ULONG(data.count), &hash, &count)
        }
    }

    /// C_VerifyInit and C_Verify.
    func verify(_ algorithm: Algorithm) throws(ProviderError) {
        var mechanism = CK_MECHANISM(mechanism: algorithm.mechanism, pParameter: nil, ulParameterLen: 0)
        try Provider.check("C_VerifyInit", functions.C_VerifyInit) {
            $0(session.handle, &mechanism, publicKeys[algorithm] ?? 0)
        }
        var (message, signature) = (Work.message, signature(algorithm))
        try Provider.check("C_Verify", functions.C_Verify) {
            $0(session.handle, &message, CK_ULONG(message.count), &signature, CK_ULONG(signature.count))
        }
    }

    /// C_SignInit, before what is measured.
    func beginSignature() throws(ProviderError) {
        var mechanism = CK_MECHANISM(mechanism: Algorithm.rsa.mechanism, pParameter: nil, ulParameterLen: 0)
        try Provider.check("C_SignInit", functions.C_SignInit) { $0(session.handle, &mechanism, signingKey) }
    }

    /// C_SignUpdate, in parts.
    func updateSignature(_ data: UnsafeMutableBufferPointer<UInt8>) throws(ProviderError) {
        for start in stride(from: 0, to: data.count, by: Work.partSize) {
            try Provider.check("C_SignUpdate", functions.C_SignUpdate) {
                $0(session.handle, data.baseAddress?.advanced(by: start), CK_ULONG(Work.partSize))
            }
        }
    }

    /// C_SignFinal, after what is measured.
    func endSignature() throws(ProviderError) {
        var signature = [UInt8](repeating: 0, count: 512)
        var count = CK_ULONG(signature.count)
        try Provider.check("C_SignFinal", functions.C_SignFinal) { $0(session.handle, &signature, &count) }
    }
}
