/// How a hash becomes what a card's private key is applied to. The module and the command line ask here, so that a key
/// signs the same block for both.
public enum CardInput {
    /// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) of a DigestInfo, or of whatever CKM_RSA_PKCS is given in its place:
    /// 00 01 FF…FF 00 ‖ data, as long as the modulus. Nil where fewer than eight FF would be left.
    ///
    /// Cards that pad themselves are given the data alone.
    ///
    /// - Parameter modulusSize: the modulus's length in bytes.
    public static func pkcs1(_ data: [UInt8], modulusSize: Int) -> [UInt8]? {
        guard (11...2048).contains(modulusSize), data.count <= modulusSize - 11 else { return nil }
        return [0, 1] + [UInt8](repeating: 0xFF, count: modulusSize - 3 - data.count) + [0] + data
    }

    /// The block of ECDSA: the hash's leftmost bytes, at most as many as the order of the group has (FIPS 186-5, section
    /// 6.4.1). A shorter hash is the same number with zeros before it.
    ///
    /// A PIV card wants a block as long as the order (SP 800-73-5 part 2, section 3.2.4), so a shorter hash is filled up;
    /// but not beyond the longest hash that there is. P-521, which no PIV card has, is longer than any hash: an OpenPGP
    /// card is given those 64 bytes of SHA-512 as they are. So does GnuPG, whose scdaemon passes on the hash that it is
    /// given (do_auth in scd/app-openpgp.c), and that is what cards are tried with.
    public static func ecdsa(_ hash: [UInt8], on curve: Curve) -> [UInt8] {
        let leftmost = hash.prefix(curve.fieldSize)
        let size = min(curve.fieldSize, Digest.longestSize)
        return [UInt8](repeating: 0, count: max(0, size - leftmost.count)) + leftmost
    }
}
