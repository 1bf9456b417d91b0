import Keys

/// The parameters of RSASSA-PSS (RFC 8017, appendix A.2.3).
public struct PSSParameters: Hashable, Sendable {
    /// The hash function of the message.
    public let digest: Digest
    /// The hash function of MGF1.
    public let maskDigest: Digest
    /// The salt's length in bytes.
    public let saltSize: Int

    /// Parameters; those not given are the usual ones, MGF1 with the same function and a salt of the hash's length.
    public init(digest: Digest, maskDigest: Digest? = nil, saltSize: Int? = nil) {
        self.digest = digest
        self.maskDigest = maskDigest ?? digest
        self.saltSize = saltSize ?? digest.size
    }
}

extension RSAPadding {
    /// EMSA-PSS-ENCODE (section 9.1.1) of a hash for a modulus of `modulusBits`, with a random salt: as many bytes as
    /// the modulus has. `invalidLength` where hash or salt do not fit.
    public static func pssSignature(
        ofHash hash: [UInt8], parameters: PSSParameters, modulusBits: Int
    ) throws(HostCryptoError) -> [UInt8] {
        guard (0...2048).contains(parameters.saltSize) else { throw .invalidLength }
        let salt = try Random.bytes(parameters.saltSize)
        return try pssSignature(ofHash: hash, salt: salt, parameters: parameters, modulusBits: modulusBits)
    }

    /// EMSA-PSS-ENCODE with a salt that is given, for known answers.
    static func pssSignature(
        ofHash hash: [UInt8], salt: [UInt8], parameters: PSSParameters, modulusBits: Int
    ) throws(HostCryptoError) -> [UInt8] {
        let size = try PSSSize(parameters, hash, modulusBits)
        guard salt.count == parameters.saltSize else { throw .invalidLength }
        let seal = try parameters.digest.hash([UInt8](repeating: 0, count: 8) + hash + salt)
        let block = [UInt8](repeating: 0, count: size.paddingCount) + [1] + salt
        let mask = try mgf1(seal, count: block.count, digest: parameters.maskDigest)
        var masked = xor(block, mask)
        masked[0] &= size.firstByteMask
        return [UInt8](repeating: 0, count: size.leadingZeros) + masked + seal + [0xBC]
    }

    /// EMSA-PSS-VERIFY (section 9.1.2): whether `encoded`, as long as the modulus, is an encoding of `hash`.
    public static func pssVerify(
        _ encoded: [UInt8], hash: [UInt8], parameters: PSSParameters, modulusBits: Int
    ) throws(HostCryptoError) -> Bool {
        let size = try PSSSize(parameters, hash, modulusBits)
        guard encoded.count == size.leadingZeros + size.encodedCount else { return false }
        let message = Array(encoded.dropFirst(size.leadingZeros))
        guard encoded.prefix(size.leadingZeros).allSatisfy({ $0 == 0 }), message.last == 0xBC,
            message[0] & ~size.firstByteMask == 0
        else { return false }
        let blockCount = message.count - hash.count - 1
        let seal = Array(message[blockCount..<blockCount + hash.count])
        let mask = try mgf1(seal, count: blockCount, digest: parameters.maskDigest)
        var block = xor(message.prefix(blockCount), mask)
        block[0] &= size.firstByteMask
        guard block.prefix(size.paddingCount).allSatisfy({ $0 == 0 }), block[size.paddingCount] == 1 else {
            return false
        }
        let salt = block.suffix(parameters.saltSize)
        let expected = try parameters.digest.hash([UInt8](repeating: 0, count: 8) + hash + salt)
        return expected == seal
    }
}

/// The lengths of an EMSA-PSS encoding in bytes.
private struct PSSSize {
    /// emLen, which is one less than the modulus's length where the modulus has 8n + 1 bits.
    let encodedCount: Int
    /// The zeros that bring the encoding to the modulus's length: none or one.
    let leadingZeros: Int
    /// The zeros before the 01 in DB.
    let paddingCount: Int
    /// The bits of the first byte that may be set.
    let firstByteMask: UInt8

    init(_ parameters: PSSParameters, _ hash: [UInt8], _ modulusBits: Int) throws(HostCryptoError) {
        guard (512...16384).contains(modulusBits), hash.count == parameters.digest.size,
            (0...2048).contains(parameters.saltSize)
        else { throw .invalidLength }
        let bits = modulusBits - 1
        encodedCount = (bits + 7) / 8
        leadingZeros = (modulusBits + 7) / 8 - encodedCount
        paddingCount = encodedCount - hash.count - parameters.saltSize - 2
        firstByteMask = 0xFF >> UInt8(8 * encodedCount - bits)
        guard paddingCount >= 0 else { throw .invalidLength }
    }
}
