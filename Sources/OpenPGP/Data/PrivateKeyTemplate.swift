import HostCrypto
import ISO7816
import Platform

/// What the import format adds to exponent and primes (the last byte of tags C1 to C3; OpenPGP card 3.4.1,
/// section 4.4.3.9).
struct ImportFormat: RawRepresentable, Hashable {
    /// The byte as it stands.
    let rawValue: UInt8

    /// 00: exponent and primes alone; 01: the modulus too; 02: the CRT numbers too; 03: both.
    static let standard = ImportFormat(rawValue: 0)
    /// 03, for RSA.
    static let withModulusAndCRT = ImportFormat(rawValue: 3)
    /// FF, for a curve.
    static let withPublicKey = ImportFormat(rawValue: 0xFF)

    /// What stands behind the attributes of an algorithm.
    init(in attributes: some Collection<UInt8>, _ algorithm: AlgorithmAttributes?) {
        let bytes = Array(attributes)
        if case .rsa = algorithm {
            self.init(rawValue: bytes.count > 5 ? bytes[5] : 0)
        } else {
            self.init(rawValue: bytes.last == 0xFF ? 0xFF : 0)
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    var hasModulus: Bool { rawValue & 0x01 != 0 && rawValue <= 3 }
    var hasCRT: Bool { rawValue & 0x02 != 0 && rawValue <= 3 }
    /// FF behind a curve: the public key too.
    var hasPublicKey: Bool { rawValue == 0xFF }
}

/// A private key to be imported: the extended header list 4D (OpenPGP card 3.4.1, section 4.4.3.12).
enum PrivateKeyTemplate {
    /// 4D { control reference template; 7F48 { tags and lengths }; 5F48 { values } }.
    ///
    /// - Parameter exponentBits: how long the card wants the exponent of an RSA key.
    static func encode(
        _ numbers: PrivateNumbers, _ publicKey: PublicKey, for key: OpenPGPKey, _ format: ImportFormat,
        exponentBits: Int
    ) throws(HostCryptoError) -> SecretBuffer {
        var parts = elements(numbers, publicKey, format, exponentBits)
        defer { for index in parts.indices { parts[index].value.wipe() } }
        let headers = parts.flatMap { [UInt8].header(tag: $0.tag, length: $0.value.count) }
        let size = parts.reduce(0) { $0 + $1.value.count }
        let front =
            [UInt8](tag: key.controlReferenceTemplate, []) + [UInt8](tag: 0x7F48, headers)
            + [UInt8].header(tag: 0x5F48, length: size)
        var template = [UInt8]()
        // Allocated once, so that the wiping reaches the only copy: no tag and length has more than five bytes.
        template.reserveCapacity(5 + front.count + size)
        template.append(contentsOf: [UInt8].header(tag: 0x4D, length: front.count + size))
        template.append(contentsOf: front)
        for part in parts { template.append(contentsOf: part.value) }
        return try SecretBuffer(wiping: &template)
    }

    /// 91 exponent, 92 and 93 primes, 94 1/q mod p, 95 and 96 CRT exponents, 97 modulus; on a curve 92 the private number
    /// and 99 the public key.
    private static func elements(
        _ numbers: PrivateNumbers, _ publicKey: PublicKey, _ format: ImportFormat, _ exponentBits: Int
    ) -> [(tag: UInt32, value: [UInt8])] {
        switch publicKey {
        case .rsa(let modulus, let exponent):
            let half = (modulus.count + 1) / 2
            var parts: [(tag: UInt32, value: [UInt8])] = [
                (0x91, padded(exponent, to: (exponentBits + 7) / 8)), (0x92, padded(numbers.values[0], to: half)),
                (0x93, padded(numbers.values[1], to: half)),
            ]
            if format.hasCRT {
                let order: [(tag: UInt32, index: Int)] = [(0x94, 4), (0x95, 2), (0x96, 3)]
                parts += order.map { ($0.tag, padded(numbers.values[$0.index], to: half)) }
            }
            if format.hasModulus { parts.append((0x97, modulus)) }
            return parts
        case .ec(_, let point): return onCurve(numbers.values[0], point, format)
        case .edwards(_, let point): return onCurve(numbers.values[0], point, format)
        // The scalars of Montgomery curves are written big-endian, as GnuPG writes them.
        case .montgomery(_, let point): return onCurve(numbers.values[0].reversed(), point, format)
        }
    }

    private static func onCurve(
        _ number: [UInt8], _ point: [UInt8], _ format: ImportFormat
    ) -> [(tag: UInt32, value: [UInt8])] {
        var parts: [(tag: UInt32, value: [UInt8])] = [(0x92, number)]
        if format.hasPublicKey { parts.append((0x99, point)) }
        return parts
    }

    private static func padded(_ number: [UInt8], to count: Int) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(max(count, number.count))
        for _ in 0..<max(0, count - number.count) { bytes.append(0) }
        bytes.append(contentsOf: number)
        return bytes
    }
}
