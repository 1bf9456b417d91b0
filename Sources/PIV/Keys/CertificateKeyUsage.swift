import ISO7816
import Token

/// What a certificate says that its key is for (RFC 5280, section 4.2.1.3).
enum CertificateKeyUsage {
    /// Reads the key usage extension.
    ///
    /// - Parameter der: a certificate that was parsed before.
    /// - Returns: what of signing and agreeing it allows; nothing where it does not say, or allows neither.
    static func read(_ der: [UInt8]) -> KeyUsage {
        guard let body = TLVReader(der).first(0x30)?.children.first(0x30)?.children,
            let extensions = body.first(0xA3)?.children.first(0x30)?.children,
            let all = try? extensions.all()
        else { return [] }
        for item in all where item.children.first(0x06).map({ Array($0.value) }) == identifier {
            // A BIT STRING in the OCTET STRING: the first byte counts the bits that are not used.
            guard let bits = item.children.first(0x04)?.children.first(0x03)?.value, bits.count > 1 else { return [] }
            let first = bits[bits.startIndex + 1]
            var usage: KeyUsage = []
            // digitalSignature, nonRepudiation, keyCertSign and cRLSign are all signatures.
            if first & 0b1100_0110 != 0 { usage.insert(.sign) }
            if first & 0b0000_1000 != 0 { usage.insert(.derive) }
            return usage
        }
        return []
    }

    /// 2.5.29.15.
    private static let identifier: [UInt8] = [0x55, 0x1D, 0x0F]
}
