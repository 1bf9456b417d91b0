import HostCrypto

/// Of counter mode.
public struct CounterParameters: Hashable, Sendable {
    /// How many bits of the block count: ulCounterBits of CK_AES_CTR_PARAMS.
    public let bits: Int
    /// The first block: cb.
    public let block: [UInt8]

    /// The parameters.
    public init(bits: Int, block: [UInt8]) {
        self.bits = bits
        self.block = block
    }
}

/// Of Galois/counter mode.
public struct GCMParameters: Hashable, Sendable {
    /// The vector: pIv of CK_GCM_PARAMS.
    public let iv: [UInt8]
    /// What is authenticated beside: pAAD.
    public let data: [UInt8]
    /// The length of the tag in bits: ulTagBits.
    public let tagBits: Int

    /// The parameters.
    public init(iv: [UInt8], authenticating data: [UInt8] = [], tagBits: Int = 128) {
        self.iv = iv
        self.data = data
        self.tagBits = tagBits
    }
}

/// Of counter mode with CBC-MAC.
public struct CCMParameters: Hashable, Sendable {
    /// The length of the plaintext in bytes: ulDataLen of CK_CCM_PARAMS.
    public let dataCount: Int
    /// The nonce: pNonce.
    public let nonce: [UInt8]
    /// What is authenticated beside: pAAD.
    public let data: [UInt8]
    /// The length of the tag in bytes: ulMACLen.
    public let tagSize: Int

    /// The parameters.
    public init(dataCount: Int, nonce: [UInt8], authenticating data: [UInt8] = [], tagSize: Int) {
        self.dataCount = dataCount
        self.nonce = nonce
        self.data = data
        self.tagSize = tagSize
    }
}

extension CounterParameters {
    /// How many bytes there are counters for; nil for more than anybody has (PKCS#11 3.2, section 6.11.3).
    var mostData: UInt64? {
        // The counter's highest bits beyond 60 being other than all ones, 2^60 blocks are far away.
        var rest: UInt64 = 0
        for position in 0..<min(bits, 128) {
            let byte = block.count - 1 - position / 8
            guard block.indices.contains(byte) else { return nil }
            let bit = block[byte] >> UInt8(position % 8) & 1
            // Counters left after this one, less one: the complement.
            guard bit == 0 else { continue }
            guard position < 58 else { return nil }
            rest |= 1 << UInt64(position)
        }
        return (rest + 1) * UInt64(AESStream.blockSize)
    }
}

extension GCMParameters {
    /// Throws `parameterInvalid` where the mode does not take such parameters.
    public func check() throws(SoftTokenError) {
        guard AESGCM.vectorSizes.contains(iv.count), tagBits % 8 == 0, AESGCM.tagSizes.contains(tagBits / 8) else {
            throw .parameterInvalid
        }
    }
}

extension CCMParameters {
    /// Throws `parameterInvalid` where the mode does not take such parameters.
    public func check() throws(SoftTokenError) {
        guard AESCCM.nonceSizes.contains(nonce.count), AESCCM.tagSizes.contains(tagSize),
            dataCount <= min(AESCCM.mostData(nonceSize: nonce.count), SymmetricCipher.mostBuffered)
        else { throw .parameterInvalid }
    }
}
