import Keys

/// The encodings that stand between a message and the RSA primitive (RFC 8017): what the host computes, while the card
/// computes the primitive.
///
/// Decoders see what a private key made of bytes that anybody may have sent. They take the same time and touch the same
/// memory whatever is wrong, and have one error for all of it; whether a padding was right is told at the very end.
/// What they make on the way is wiped, so that whoever wipes the message wipes its only copy.
public enum RSAPadding {
    /// EMSA-PKCS1-v1_5 (section 9.2) of `data`, which is a DigestInfo, or whatever PKCS#11's CKM_RSA_PKCS is given:
    /// 00 01 FF…FF 00 ‖ data, `count` bytes. `invalidLength` where fewer than eight FF would be left.
    public static func pkcs1Signature(of data: [UInt8], count: Int) throws(HostCryptoError) -> [UInt8] {
        guard let block = CardInput.pkcs1(data, modulusSize: count) else { throw .invalidLength }
        return block
    }

    /// EMSA-PKCS1-v1_5 of the DigestInfo of a hash.
    public static func pkcs1Signature(
        ofHash hash: [UInt8], digest: Digest, count: Int
    ) throws(HostCryptoError) -> [UInt8] {
        try pkcs1Signature(of: try digest.digestInfo(hash), count: count)
    }

    /// The data in an EMSA-PKCS1-v1_5 encoding, whatever it is. `invalidPadding` where the padding is wrong. A
    /// signature's encoding is no secret: anybody can compute it.
    public static func pkcs1SignedData(in encoded: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        let padding = encoded.dropFirst(2).prefix { $0 == 0xFF }
        let data = encoded.dropFirst(2 + padding.count)
        guard encoded.starts(with: [0, 1]), padding.count >= 8, data.first == 0 else { throw .invalidPadding }
        return Array(data.dropFirst())
    }

    /// EME-PKCS1-v1_5 (section 7.2.1, step 2): 00 02 ‖ at least eight random bytes, none zero ‖ 00 ‖ message. The
    /// caller wipes it.
    public static func pkcs1Encryption(of message: [UInt8], count: Int) throws(HostCryptoError) -> [UInt8] {
        guard (11...2048).contains(count), message.count <= count - 11 else { throw .invalidLength }
        var encoded: [UInt8] = [0, 2]
        encoded.reserveCapacity(count)
        let separator = count - 1 - message.count
        while encoded.count < separator {
            encoded += try Random.bytes(separator - encoded.count).filter { $0 != 0 }
        }
        encoded.append(0)
        encoded += message
        return encoded
    }

    /// The message in an EME-PKCS1-v1_5 encoding (section 7.2.2, step 3). `invalidPadding` where the padding is wrong.
    public static func pkcs1Message(in encoded: [UInt8]) throws(HostCryptoError) -> [UInt8] {
        guard (11...2048).contains(encoded.count) else { throw .invalidLength }
        var good = ConstantTime.isZero(UInt(encoded[0])) & ConstantTime.equal(UInt(encoded[1]), 2)
        let separator = firstIndex(of: 0, in: encoded, from: 2)
        good &= separator.found
        good &= ~ConstantTime.less(separator.index, 10)
        let start = ConstantTime.select(good, separator.index + 1, UInt(encoded.count))
        return try message(at: start, in: encoded, isGood: good)
    }

    /// What stands in a block from `start` on, in an array of its own, or `invalidPadding`.
    ///
    /// - Parameter good: a mask: whether the padding was right.
    static func message(at start: UInt, in block: [UInt8], isGood good: UInt) throws(HostCryptoError) -> [UInt8] {
        var message = ConstantTime.shifted(block, by: start)
        guard good != 0 else {
            message.cleanse()
            throw .invalidPadding
        }
        // In place: a shorter array would be another copy.
        message.removeLast(Int(start))
        return message
    }

    /// Where `value` stands first in `bytes` from `start` on, found in constant time; `found` is a mask.
    static func firstIndex(of value: UInt8, in bytes: [UInt8], from start: Int) -> (index: UInt, found: UInt) {
        var (index, found): (UInt, UInt) = (0, 0)
        for position in start..<max(start, bytes.count) {
            let hit = ConstantTime.equal(UInt(bytes[position]), UInt(value))
            index = ConstantTime.select(hit & ~found, UInt(position), index)
            found |= hit
        }
        return (index, found)
    }

    /// MGF1 (appendix B.2.1): a mask of `count` bytes, at most 2048.
    static func mgf1(_ seed: [UInt8], count: Int, digest: Digest) throws(HostCryptoError) -> [UInt8] {
        guard (0...2048).contains(count) else { throw .invalidLength }
        // Mask and seed are as secret as what the mask hides: allocated once, so that there is one copy to wipe.
        var mask: [UInt8] = []
        mask.reserveCapacity(count + digest.size)
        var input = [UInt8](repeating: 0, count: seed.count + 4)
        defer { input.cleanse() }
        for index in seed.indices { input[index] = seed[index] }
        var counter: UInt32 = 0
        while mask.count < count {
            for index in 0..<4 {
                input[seed.count + index] = UInt8(truncatingIfNeeded: counter >> UInt32(24 - 8 * index))
            }
            var part = try digest.hash(input)
            mask += part
            part.cleanse()
            counter += 1
        }
        mask.removeLast(mask.count - count)
        return mask
    }

    /// The bytes of two strings of the same length, combined by exclusive or.
    static func xor(_ one: some Sequence<UInt8>, _ other: [UInt8]) -> [UInt8] { zip(one, other).map { $0 ^ $1 } }
}
