import COpenSSL
import CPKCS11

/// The same work done by libcrypto itself, with all that can be prepared done before.
final class Libcrypto {
    private let hash: OpaquePointer
    private let context: OpaquePointer
    private let keys: [Algorithm: OpaquePointer]
    private let signatures: [Algorithm: [UInt8]]

    /// With the public keys and signatures of a token.
    init(like other: Contender) throws {
        guard let hash = EVP_MD_fetch(nil, "SHA256", nil), let context = EVP_MD_CTX_new() else { throw Failed.step }
        self.hash = hash
        self.context = context
        keys = [
            .rsa: try Self.rsaKey(
                other.attribute(CKA_MODULUS, of: .rsa), other.attribute(CKA_PUBLIC_EXPONENT, of: .rsa)),
            // CKA_EC_POINT is a DER OCTET STRING.
            .ec: try Self.ecKey(Array(other.attribute(CKA_EC_POINT, of: .ec).dropFirst(2))),
        ]
        signatures = [.rsa: other.signature(.rsa), .ec: try Self.der(other.signature(.ec))]
    }

    deinit {
        for key in keys.values { EVP_PKEY_free(key) }
        EVP_MD_CTX_free(context)
        EVP_MD_free(hash)
    }

    func digest(_ data: UnsafeMutableBufferPointer<UInt8>) throws(Failed) {
        try beginDigest()
        try require(EVP_DigestUpdate(context, data.baseAddress, data.count))
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        try require(EVP_DigestFinal_ex(context, &result, nil))
    }

    func beginDigest() throws(Failed) { try require(EVP_DigestInit_ex2(context, hash, nil)) }

    func updateDigest(_ data: UnsafeMutableBufferPointer<UInt8>) throws(Failed) {
        for start in stride(from: 0, to: data.count, by: Work.partSize) {
            try require(EVP_DigestUpdate(context, data.baseAddress?.advanced(by: start), Work.partSize))
        }
    }

    func verify(_ algorithm: Algorithm) throws(Failed) {
        guard let key = keys[algorithm], let signature = signatures[algorithm] else { throw .step }
        switch algorithm {
        case .rsa:
            let context = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(context) }
            try require(EVP_DigestVerifyInit_ex(context, nil, "SHA256", nil, nil, key, nil))
            try require(EVP_DigestVerify(context, signature, signature.count, Work.message, Work.message.count))
        case .ec:
            let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
            defer { EVP_PKEY_CTX_free(context) }
            try require(EVP_PKEY_verify_init(context))
            try require(EVP_PKEY_verify(context, signature, signature.count, Work.message, Work.message.count))
        }
    }

    private static func rsaKey(_ modulus: [UInt8], _ exponent: [UInt8]) throws -> OpaquePointer {
        let builder = OSSL_PARAM_BLD_new()
        defer { OSSL_PARAM_BLD_free(builder) }
        let n = BN_bin2bn(modulus, Int32(modulus.count), nil), e = BN_bin2bn(exponent, Int32(exponent.count), nil)
        defer {
            BN_free(n)
            BN_free(e)
        }
        try require(OSSL_PARAM_BLD_push_BN(builder, "n", n))
        try require(OSSL_PARAM_BLD_push_BN(builder, "e", e))
        return try key("RSA", builder)
    }

    private static func ecKey(_ point: [UInt8]) throws -> OpaquePointer {
        let builder = OSSL_PARAM_BLD_new()
        defer { OSSL_PARAM_BLD_free(builder) }
        try require(OSSL_PARAM_BLD_push_utf8_string(builder, "group", "prime256v1", 0))
        try require(OSSL_PARAM_BLD_push_octet_string(builder, "pub", point, point.count))
        return try key("EC", builder)
    }

    private static func key(_ type: String, _ builder: OpaquePointer?) throws -> OpaquePointer {
        let parameters = OSSL_PARAM_BLD_to_param(builder)
        defer { OSSL_PARAM_free(parameters) }
        let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
        defer { EVP_PKEY_CTX_free(context) }
        try require(EVP_PKEY_fromdata_init(context))
        var key: OpaquePointer?
        try require(EVP_PKEY_fromdata(context, &key, OSSL_KEYMGMT_SELECT_ALL, parameters))
        guard let key else { throw Failed.step }
        return key
    }

    /// r ‖ s as the DER that libcrypto takes.
    private static func der(_ pair: [UInt8]) throws -> [UInt8] {
        let signature = ECDSA_SIG_new()
        defer { ECDSA_SIG_free(signature) }
        let half = pair.count / 2
        let r = BN_bin2bn(pair, Int32(half), nil), s = BN_bin2bn(Array(pair.dropFirst(half)), Int32(half), nil)
        try require(ECDSA_SIG_set0(signature, r, s))
        var der = [UInt8](repeating: 0, count: 80)
        let count = der.withUnsafeMutableBufferPointer { buffer in
            var end = buffer.baseAddress
            return i2d_ECDSA_SIG(signature, &end)
        }
        return Array(der.prefix(Int(count)))
    }
}

/// libcrypto has refused something.
enum Failed: Error { case step }

private func require(_ result: Int32) throws(Failed) {
    guard result == 1 else { throw .step }
}
