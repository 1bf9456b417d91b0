import CLibrary
import COpenSSL

/// The fields of an X.509 certificate (RFC 5280, section 4.1) that PKCS#11 shows. Nothing in it is verified: what a
/// card holds is shown, whoever signed it.
public struct Certificate: Hashable, Sendable {
    /// The certificate itself, DER.
    public let der: [UInt8]
    /// The subject's Name, DER.
    public let subject: [UInt8]
    /// The issuer's Name, DER.
    public let issuer: [UInt8]
    /// The serial number, a DER INTEGER with tag and length.
    public let serialNumber: [UInt8]
    /// The first moment of validity; nil where the certificate has no well-formed time there.
    public let notBefore: CalendarTime?
    /// The last moment of validity; nil where the certificate has no well-formed time there.
    public let notAfter: CalendarTime?
    /// The SubjectPublicKeyInfo, DER.
    public let subjectPublicKeyInfo: [UInt8]
    /// The key; nil where it is of a kind not handled here, or invalid.
    public let publicKey: PublicKey?
    /// The subject's first common name; nil where there is none.
    public let commonName: String?

    /// The longest certificate that is read, in bytes.
    public static let maximumCount = 1 << 16

    /// Reads a certificate. `malformed` where it is not one or has trailing bytes, `limitExceeded` where it is longer
    /// than `maximumCount`.
    public init(der: [UInt8]) throws(HostCryptoError) {
        guard der.count <= Self.maximumCount else { throw .limitExceeded }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var count = 0
        let certificate = try Self.decode(der, library, &count)
        guard count == der.count else { throw .malformed }
        try self.init(certificate, der: der)
    }

    /// Reads the certificate that bytes of a card begin with, and passes over what stands behind it: padding, or the rest of
    /// a chain. `der` is the certificate alone. Throws as `init(der:)` does.
    public init(leading bytes: [UInt8]) throws(HostCryptoError) {
        guard bytes.count <= Self.maximumCount else { throw .limitExceeded }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var count = 0
        let certificate = try Self.decode(bytes, library, &count)
        try self.init(certificate, der: Array(bytes.prefix(count)))
    }

    private init(_ certificate: consuming NativeHandle, der: [UInt8]) throws(HostCryptoError) {
        let pointer = certificate.pointer
        guard let subjectName = X509_get_subject_name(pointer), let issuerName = X509_get_issuer_name(pointer),
            let serial = X509_get0_serialNumber(pointer), let keyInfo = X509_get_X509_PUBKEY(pointer)
        else { throw .malformed }
        subject = try Self.encode { i2d_X509_NAME(subjectName, $0) }
        issuer = try Self.encode { i2d_X509_NAME(issuerName, $0) }
        serialNumber = try Self.encode { i2d_ASN1_INTEGER(serial, $0) }
        subjectPublicKeyInfo = try Self.encode { i2d_X509_PUBKEY(keyInfo, $0) }
        notBefore = CalendarTime(X509_get0_notBefore(pointer))
        notAfter = CalendarTime(X509_get0_notAfter(pointer))
        publicKey = try? PublicKey(subjectPublicKeyInfo: subjectPublicKeyInfo)
        commonName = Self.commonName(subjectName)
        self.der = der
    }

    /// The certificate at the start, and how many bytes it has.
    private static func decode(
        _ der: [UInt8], _ library: OpaquePointer, _ count: inout Int
    ) throws(HostCryptoError) -> NativeHandle {
        var certificate = X509_new_ex(library, nil)
        guard certificate != nil else { throw .libcrypto(step: "X509_new_ex") }
        var consumed = 0
        // On failure d2i_X509 frees the object that it was given and sets the variable to nil.
        let decoded = der.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            let decoded = d2i_X509(&certificate, &position, buffer.count)
            if let start = buffer.baseAddress, let position { consumed = position - start }
            return decoded
        }
        guard decoded != nil else { throw .malformed }
        count = consumed
        return try NativeHandle(decoded, step: "d2i_X509", free: X509_free)
    }

    /// The bytes that one of libcrypto's i2d functions writes.
    private static func encode(
        _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
    ) throws(HostCryptoError) -> [UInt8] {
        let count = Int(write(nil))
        guard (1...maximumCount).contains(count) else { throw .malformed }
        var bytes = [UInt8](repeating: 0, count: count)
        let written = bytes.withUnsafeMutableBufferPointer { buffer in
            var position = buffer.baseAddress
            return write(&position)
        }
        guard written == count else { throw .malformed }
        return bytes
    }

    private static func commonName(_ name: OpaquePointer) -> String? {
        let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard index >= 0, let entry = X509_NAME_get_entry(name, index), let value = X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&text, value)
        guard count >= 0, let text else { return nil }
        defer { CRYPTO_free(text, #file, Int32(#line)) }
        return String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }
}

extension CalendarTime {
    fileprivate init?(_ time: UnsafePointer<ASN1_TIME>?) {
        guard let time else { return nil }
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        self.init(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }
}
