import APDU
import HostCrypto

/// How certificates stand in PIV's containers. The bytes on the card are the plain ones; they are rewritten as they are
/// read.
extension Quirk {
    static let certificates = [
        bytesAfterCertificate, zerosAfterCertificate, netID, gzipOtherBit, gzipUnmarked, zlib, explicitCurve,
        pssKeyInformation, unreadable,
    ]

    /// A container's certificate rewritten, and its CertInfo.
    private static func container(
        _ name: String, _ summary: String, source: String,
        _ rewrite: @escaping @Sendable (_ der: [UInt8]) -> (certificate: [UInt8], information: UInt8)?
    ) -> Quirk {
        Quirk(
            name, summary, source: source,
            .answer { situation, command, answer in
                guard case .getData(let tag) = situation.pivCommand(command), isCertificate(tag),
                    answer.status == .success, let der = certificate(in: answer.data), let written = rewrite(der)
                else { return answer }
                let content =
                    BER.object(0x70, written.certificate) + BER.object(0x71, [written.information]) + [0xFE, 0x00]
                return ResponseAPDU(data: BER.object(0x53, content), status: .success)
            })
    }

    /// The certificate in 53 {70}, where it stands there as it is.
    private static func certificate(in data: [UInt8]) -> [UInt8]? {
        guard let outer = try? BER.objects(in: data[...]), outer.first?.tag == 0x53,
            let inner = outer.first.flatMap({ try? BER.objects(in: $0.value) }),
            let found = inner.first(where: { $0.tag == 0x70 })?.value, found.first == 0x30
        else { return nil }
        return Array(found)
    }

    static let bytesAfterCertificate = container(
        "bytes-after-certificate", "two bytes follow the certificate in tag 70",
        source: "certificates written with a padded length: OpenSC issue 1837"
    ) { ($0 + [0xFF, 0xFF], 0) }

    static let zerosAfterCertificate = container(
        "zeros-after-certificate", "tag 70 is filled up with zeros to a multiple of 64",
        source: "containers of a fixed size: trials with OpenSC, which reads the first element"
    ) { ($0 + [UInt8](repeating: 0, count: 64 - $0.count % 64), 0) }

    static let netID = container(
        "net-id", "tag 70 is 01 00, the length in two bytes little-endian, and zlib; CertInfo 01",
        source: "Net iD: yubico-piv-tool issue 578, yubikey-manager issue 709, yubikit-android issue 278"
    ) { der in
        ([0x01, 0x00, UInt8(der.count & 0xFF), UInt8(der.count >> 8 & 0xFF)] + ZlibWriter.wrap(der), 1)
    }

    static let gzipOtherBit = container(
        "gzip-80", "a certificate in gzip, with CertInfo 80", source: "OpenSC card-piv.c: bit 8 in old cards"
    ) { (GzipWriter.wrap($0), 0x80) }

    static let gzipUnmarked = container(
        "gzip-00", "a certificate in gzip, with CertInfo 00", source: "yubico-piv-tool issue 93"
    ) { (GzipWriter.wrap($0), 0) }

    static let zlib = container(
        "zlib", "a certificate in zlib, with CertInfo 01", source: "OpenSC compression.c takes both headers"
    ) { (ZlibWriter.wrap($0), 1) }

    static let explicitCurve = container(
        "explicit-curve", "the certificate's EC key names its curve by the curve's numbers",
        source: "pkcs11-provider issue 709, pivy issue 57, OpenSC issue 561: requests of Windows and of some tools"
    ) { der in CertificateRewriter.explicitCurve(der).map { ($0, 0) } }

    static let unreadable = container(
        "certificate-unreadable", "tag 70 holds a card verifiable certificate, 7F21, and no X.509 one",
        source: "SP 800-73-5 part 2, section 4.1.5: the certificates of secure messaging"
    ) { _ in (BER.object(0x7F21, BER.object(0x5F29, [0x80]) + BER.object(0x5F20, [UInt8](1...16))), 0) }

    static let pssKeyInformation = container(
        "rsa-pss-key", "the certificate's RSA key is one of id-RSASSA-PSS",
        source: "RFC 4055, section 1.2; certificates of `openssl req -newkey rsa-pss`"
    ) { der in CertificateRewriter.pss(der).map { ($0, 0) } }
}

/// Rewrites the SubjectPublicKeyInfo of a certificate. Its signature no longer fits; nobody who shows a card's
/// certificates looks at that.
enum CertificateRewriter {
    /// P-256 and P-384 by their numbers (X9.62; SEC 2, sections 2.4.2 and 2.5.1), nil for another key.
    static func explicitCurve(_ der: [UInt8]) -> [UInt8]? {
        rewrite(der) { algorithm, key in
            guard let parameters = algorithm.dropFirst().first, parameters.tag == 0x06,
                let curve = ExplicitCurve.all.first(where: { $0.identifier == Array(parameters.value) })
            else { return nil }
            let identifier = BER.object(0x06, algorithm[0].value)
            return BER.object(0x30, BER.object(0x30, identifier + curve.parameters) + BER.object(0x03, key.value))
        }
    }

    /// 1.2.840.113549.1.1.10 without parameters in place of rsaEncryption.
    static func pss(_ der: [UInt8]) -> [UInt8]? {
        rewrite(der) { algorithm, key in
            let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
            guard Array(algorithm[0].value) == rsaEncryption else { return nil }
            let identifier = BER.object(0x06, rsaEncryption.dropLast() + [0x0A])
            return BER.object(0x30, BER.object(0x30, identifier) + BER.object(0x03, key.value))
        }
    }

    private static func rewrite(
        _ der: [UInt8], _ information: (_ algorithm: [BERObject], _ key: BERObject) -> [UInt8]?
    ) -> [UInt8]? {
        guard let certificate = try? BER.objects(in: der[...]).first, certificate.tag == 0x30,
            let parts = try? BER.objects(in: certificate.value), parts.count == 3,
            let fields = try? BER.objects(in: parts[0].value)
        else { return nil }
        // [0] version, serial number, algorithm, issuer, validity, subject, subjectPublicKeyInfo.
        guard fields.count >= 7, fields[0].tag == 0xA0, let old = try? BER.objects(in: fields[6].value), old.count == 2,
            let algorithm = try? BER.objects(in: old[0].value), !algorithm.isEmpty,
            let new = information(algorithm, old[1])
        else { return nil }
        let written = fields.enumerated().flatMap { index, field in
            index == 6 ? new : BER.object(field.tag, field.value)
        }
        let rest = parts.dropFirst().flatMap { BER.object($0.tag, $0.value) }
        return BER.object(0x30, BER.object(0x30, written) + rest)
    }
}

/// The numbers of a curve over a prime field, as SpecifiedECDomain (SEC 1, appendix C.2).
struct ExplicitCurve {
    /// The content of the object identifier that the numbers stand for.
    let identifier: [UInt8]
    private let prime, a, b, generator, order: String

    /// The parameters' DER.
    var parameters: [UInt8] {
        let primeField: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01]
        let field = BER.object(0x30, BER.object(0x06, primeField) + Self.integer(prime))
        let curve = BER.object(0x30, BER.object(0x04, Self.octets(a)) + BER.object(0x04, Self.octets(b)))
        return BER.object(
            0x30,
            [0x02, 0x01, 0x01] + field + curve + BER.object(0x04, [0x04] + Self.octets(generator))
                + Self.integer(order) + [0x02, 0x01, 0x01])
    }

    private static func octets(_ text: String) -> [UInt8] { bytes(hexadecimal: text) ?? [] }

    private static func integer(_ text: String) -> [UInt8] { BER.object(0x02, [0x00] + octets(text)) }

    static let all = [
        ExplicitCurve(
            identifier: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
            prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            a: "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            generator: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        ExplicitCurve(
            identifier: [0x2B, 0x81, 0x04, 0x00, 0x22],
            prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                + "ffffffff0000000000000000ffffffff",
            a: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
                + "ffffffff0000000000000000fffffffc",
            b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
                + "c656398d8a2ed19d2a85c8edd3ec2aef",
            generator: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38"
                + "5502f25dbf55296c3a545e3872760ab7"
                + "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0"
                + "0a60b1ce1d7e819d7a431d7c90ea0e5f",
            order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
                + "581a0db248b0a77aecec196accc52973"),
    ]
}
