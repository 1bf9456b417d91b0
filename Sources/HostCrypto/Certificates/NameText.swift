import COpenSSL

/// Names of certificates, for people.
public enum NameText {
    /// XN_FLAG_RFC2253 of x509.h, a macro of macros, without ASN1_STRFLGS_ESC_MSB.
    private static let flags =
        UInt(ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN)
        | UInt(ASN1_STRFLGS_DUMP_DER) | UInt(XN_FLAG_SEP_COMMA_PLUS) | UInt(XN_FLAG_DN_REV)
        | UInt(XN_FLAG_DUMP_UNKNOWN_FIELDS)

    /// A Name in DER as RFC 4514 writes it, the most specific attribute first; nil where the bytes are no Name.
    /// Characters beyond ASCII stand as they are.
    public static func text(of der: [UInt8]) -> String? {
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let name = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            return d2i_X509_NAME(nil, &position, buffer.count)
        }
        guard let name else { return nil }
        defer { X509_NAME_free(name) }
        guard let output = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(output) }
        guard X509_NAME_print_ex(output, name, 0, flags) >= 0 else { return nil }
        var text = [UInt8](repeating: 0, count: Int(clamping: BIO_ctrl_pending(output)))
        guard !text.isEmpty else { return "" }
        let count = BIO_read(output, &text, Int32(clamping: text.count))
        return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
    }
}
