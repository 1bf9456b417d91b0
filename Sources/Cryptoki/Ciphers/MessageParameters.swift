import CPKCS11
import HostCrypto
import SoftToken

/// CK_GCM_MESSAGE_PARAMS: what goes with each message.
public struct MessageParameters: Sendable {
    /// pIv: the whole vector, or its fixed bits and room for the others.
    public let iv: [UInt8]
    /// ulIvFixedBits: how many bits from the first on stay.
    public let fixedBits: Int
    /// ivGenerator: CKG_…
    public let generator: UInt
    /// pTag, where a message is decrypted.
    public let tag: [UInt8]
    /// ulTagBits.
    public let tagBits: Int

    /// The parameters.
    public init(
        iv: [UInt8], fixedBits: Int = 0, generator: UInt = CKG_NO_GENERATE, tag: [UInt8] = [], tagBits: Int = 128
    ) {
        self.iv = iv
        self.fixedBits = fixedBits
        self.generator = generator
        self.tag = tag
        self.tagBits = tagBits
    }

    /// The fewest bits that may be random: with fewer, two vectors would soon be the same.
    static let leastRandomBits = 64

    /// The vector for the next message under a key (PKCS#11 3.2, section 6.13.2). A vector must not come twice under one
    /// key, see `MessageCounters`.
    func vector(for key: StoredSecret, _ counters: MessageCounters) throws(ReturnCode) -> [UInt8] {
        guard generator != CKG_NO_GENERATE else { return iv }
        let freeBits = iv.count * 8 - fixedBits
        guard fixedBits >= 0, freeBits > 0 else { throw .mechanismParameterInvalid }
        switch generator {
        case CKG_GENERATE, CKG_GENERATE_RANDOM:
            guard freeBits >= Self.leastRandomBits else { throw .mechanismParameterInvalid }
            do throws(HostCryptoError) {
                return combined(with: try Random.bytes(iv.count)) { _, new in new }
            } catch {
                throw ReturnCode(error)
            }
        case CKG_GENERATE_COUNTER, CKG_GENERATE_COUNTER_XOR:
            let number = try ReturnCode.translating { () throws(SoftTokenError) in try counters.next(for: key) }
            guard freeBits >= 64 || number.used >> UInt64(freeBits) == 0 else { throw .mechanismParameterInvalid }
            let counter = (0..<iv.count).map { index in
                let shift = 8 * (iv.count - 1 - index)
                return shift < 64 ? UInt8(truncatingIfNeeded: number.counter >> UInt64(shift)) : 0
            }
            return combined(with: counter) { old, new in
                generator == CKG_GENERATE_COUNTER_XOR ? old ^ new : new
            }
        default: throw .mechanismParameterInvalid
        }
    }

    /// The vector with its free bits replaced.
    private func combined(with bytes: [UInt8], _ combine: (UInt8, UInt8) -> UInt8) -> [UInt8] {
        zip(iv, bytes).enumerated().map { index, pair in
            let fixed = min(8, max(0, fixedBits - 8 * index))
            let mask = fixed == 8 ? 0 : UInt8(0xFF) >> UInt8(fixed)
            return pair.0 & ~mask | combine(pair.0, pair.1) & mask
        }
    }
}
