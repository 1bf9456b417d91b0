import COpenSSL
import Keys

/// Curves that are given by their numbers (SpecifiedECDomain: SEC 1, appendix C.2; X9.62).
extension Curve {
    /// The known curve with exactly the numbers that the next element, a SpecifiedECDomain, gives: prime, a, b, generator
    /// and order. Nil for other numbers: only a known curve can be trusted to be one. `malformed` where it is none.
    init?(specified reader: inout DERReader) throws(HostCryptoError) {
        guard let numbers = try Numbers(&reader) else { return nil }
        for curve in Self.allCases where try curve.has(numbers) {
            self = curve
            return
        }
        return nil
    }

    /// What makes a curve over a prime field, each number without leading zeros.
    private struct Numbers {
        let prime, a, b, order: [UInt8]
        /// In any form of a point.
        let generator: [UInt8]

        /// Nil for a field of another kind.
        init?(_ reader: inout DERReader) throws(HostCryptoError) {
            var domain = try reader.enter(0x30)
            _ = try domain.magnitude()
            var field = try domain.enter(0x30)
            // 1.2.840.10045.1.1, prime-field.
            guard try field.objectIdentifier() == [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x01, 0x01] else { return nil }
            prime = Array(try field.magnitude())
            var equation = try domain.enter(0x30)
            a = Array(try equation.next(0x04).drop { $0 == 0 })
            b = Array(try equation.next(0x04).drop { $0 == 0 })
            generator = Array(try domain.next(0x04))
            // Cofactor and hash may follow: they follow from the rest.
            order = Array(try domain.magnitude())
        }
    }

    private func has(_ numbers: Numbers) throws(HostCryptoError) -> Bool {
        guard numbers.prime.count == fieldSize else { return false }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let group = try group()
        let prime = try BigNumber()
        let a = try BigNumber()
        let b = try BigNumber()
        try require(EC_GROUP_get_curve(group.pointer, prime.pointer, a.pointer, b.pointer, nil), "EC_GROUP_get_curve")
        guard try prime.bytes() == numbers.prime, try a.bytes() == numbers.a, try b.bytes() == numbers.b else {
            return false
        }
        let order = try BigNumber()
        try require(EC_GROUP_get_order(group.pointer, order.pointer, nil), "EC_GROUP_get_order")
        guard try order.bytes() == numbers.order, let own = EC_GROUP_get0_generator(group.pointer) else { return false }
        return try encode(own, group.pointer) == (try? uncompressed(numbers.generator))
    }
}
