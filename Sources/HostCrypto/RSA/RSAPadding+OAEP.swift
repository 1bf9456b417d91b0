import Keys

/// The parameters of RSAES-OAEP (RFC 8017, appendix A.2.1).
public struct OAEPParameters: Hashable, Sendable {
    /// The hash function of the label.
    public let digest: Digest
    /// The hash function of MGF1.
    public let maskDigest: Digest
    /// The label L, mostly empty.
    public let label: [UInt8]

    /// Parameters; those not given are the usual ones, MGF1 with the same function and an empty label.
    public init(digest: Digest, maskDigest: Digest? = nil, label: [UInt8] = []) {
        self.digest = digest
        self.maskDigest = maskDigest ?? digest
        self.label = label
    }
}

extension RSAPadding {
    /// EME-OAEP encoding (section 7.1.1, step 2) with a random seed, `count` bytes. `invalidLength` where the message
    /// is longer than `count` less two hashes and 2. The caller wipes it: the masks come off without a key.
    public static func oaepEncryption(
        of message: [UInt8], parameters: OAEPParameters, count: Int
    ) throws(HostCryptoError) -> [UInt8] {
        let size = parameters.digest.size
        guard (0...2048).contains(count), message.count <= count - 2 * size - 2 else { throw .invalidLength }
        var block: [UInt8] = []
        block.reserveCapacity(count - size - 1)
        defer { block.cleanse() }
        block += try parameters.digest.hash(parameters.label)
        block += repeatElement(0, count: count - message.count - 2 * size - 2)
        block.append(1)
        block += message
        var seed = try Random.bytes(size)
        defer { seed.cleanse() }
        var mask = try mgf1(seed, count: block.count, digest: parameters.maskDigest)
        defer { mask.cleanse() }
        var maskedBlock = xor(block, mask)
        defer { maskedBlock.cleanse() }
        var maskedSeed = xor(seed, try mgf1(maskedBlock, count: size, digest: parameters.maskDigest))
        defer { maskedSeed.cleanse() }
        // Allocated once at its size: a shorter array would leave a copy behind.
        var encoded: [UInt8] = []
        encoded.reserveCapacity(count)
        encoded.append(0)
        encoded += maskedSeed
        encoded += maskedBlock
        return encoded
    }

    /// The message in an EME-OAEP encoding (section 7.1.2, step 3). `invalidPadding` where the padding is wrong.
    public static func oaepMessage(
        in encoded: [UInt8], parameters: OAEPParameters
    ) throws(HostCryptoError) -> [UInt8] {
        let size = parameters.digest.size
        guard encoded.count <= 2048, encoded.count >= 2 * size + 2 else { throw .invalidLength }
        let maskedBlock = Array(encoded.dropFirst(1 + size))
        let seedMask = try mgf1(maskedBlock, count: size, digest: parameters.maskDigest)
        var seed = xor(encoded[1...size], seedMask)
        defer { seed.cleanse() }
        var mask = try mgf1(seed, count: maskedBlock.count, digest: parameters.maskDigest)
        defer { mask.cleanse() }
        var block = xor(maskedBlock, mask)
        defer { block.cleanse() }

        var good = ConstantTime.isZero(UInt(encoded[0]))
        let labelHash = try parameters.digest.hash(parameters.label)
        var difference: UInt = 0
        for index in 0..<size { difference |= UInt(block[index] ^ labelHash[index]) }
        good &= ConstantTime.isZero(difference)
        // What stands between the label's hash and the first 01 must be zeros: nothing but 00 may come before it.
        var (separator, found): (UInt, UInt) = (0, 0)
        for index in size..<block.count {
            let isZero = ConstantTime.isZero(UInt(block[index]))
            let isOne = ConstantTime.equal(UInt(block[index]), 1)
            separator = ConstantTime.select(isOne & ~found, UInt(index), separator)
            found |= isOne
            good &= found | isZero
        }
        good &= found
        let start = ConstantTime.select(good, separator + 1, UInt(block.count))
        return try message(at: start, in: block, isGood: good)
    }
}
