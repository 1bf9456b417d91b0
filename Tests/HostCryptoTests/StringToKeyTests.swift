import Keys
import Testing

@testable import HostCrypto

/// The iterated and salted string-to-key function (RFC 4880, section 3.7.1.3), against the hash of what it says is hashed.
@Suite struct StringToKeyTests {
    private static let salt = [UInt8](1...8), secret = Array("123456".utf8)

    private func derive(_ secret: [UInt8], count: Int) throws -> [UInt8] {
        try IteratedSaltedS2K.derive(from: secret.span.bytes, salt: Self.salt, count: count, digest: .sha256)
            .withBytes { [UInt8]($0) }
    }

    /// Salt and secret are hashed once in any case, or every PIN would have the hash of nothing; then as many octets as the
    /// count says, and the last repetition is cut.
    @Test(arguments: [0, 1, 8, 13, 14, 15, 27, 28, 29, 8191, 8192, 8193, 8205, 20_000])
    func asManyOctetsAreHashed(_ count: Int) throws {
        let unit = Self.salt + Self.secret
        let octets = (0..<max(count, unit.count)).map { unit[$0 % unit.count] }
        #expect(try derive(Self.secret, count: count) == Digest.sha256.hash(octets))
        #expect(try derive(Self.secret, count: count) != derive(Array("123457".utf8), count: count))
    }

    @Test func moreThanTheSpecificationAllowsIsRefused() throws {
        #expect(throws: HostCryptoError.limitExceeded) {
            try derive(Self.secret, count: IteratedSaltedS2K.maximumCount + 1)
        }
        #expect(throws: HostCryptoError.limitExceeded) { try derive([UInt8](repeating: 1, count: 4090), count: 1) }
    }
}
