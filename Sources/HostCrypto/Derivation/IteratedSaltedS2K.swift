import Keys

/// The iterated and salted string-to-key function (RFC 4880, section 3.7.1.3), as OpenPGP cards use it for PINs.
public enum IteratedSaltedS2K {
    /// The most octets that OpenPGP's coded count can ask for; more is refused, for it would only cost time.
    public static let maximumCount = 65_011_712

    /// The hash of as many octets of salt ‖ secret ‖ salt ‖ secret ‖ … as `count` says, and at least of one whole
    /// salt ‖ secret. `limitExceeded` beyond `maximumCount`.
    public static func derive(
        from secret: RawSpan, salt: [UInt8], count: Int, digest: Digest
    ) throws(HostCryptoError) -> SecretBuffer {
        let unit = salt.count + secret.byteCount
        guard count <= maximumCount, unit <= 1 << 12 else { throw .limitExceeded }
        var context = try DigestContext(digest)
        // Many repetitions in one piece, for a hash of 32 million octets asks for a million of them.
        let repetitions = max(1, 8192 / max(unit, 1))
        let block = try SecretBuffer(repeating: salt, secret, repetitions)
        var left = max(count, unit)
        while left > 0 {
            let taken = min(left, block.count)
            try block.withBytes { (bytes) throws(HostCryptoError) in
                try context.update(bytes.extracting(first: taken))
            }
            // An empty buffer, after a fork or of an empty string, would never end.
            guard taken > 0 else { throw .invalidLength }
            left -= taken
        }
        var hash = try context.finish()
        return try SecretBuffer(wiping: &hash)
    }
}

extension SecretBuffer {
    /// `salt` ‖ `secret`, repeated.
    fileprivate init(repeating salt: [UInt8], _ secret: RawSpan, _ repetitions: Int) throws(HostCryptoError) {
        var bytes = [UInt8]()
        // Allocated once, so that wiping it wipes the only copy.
        bytes.reserveCapacity((salt.count + secret.byteCount) * repetitions)
        for _ in 0..<repetitions {
            bytes.append(contentsOf: salt)
            secret.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        self = try SecretBuffer(wiping: &bytes)
    }
}
