import COpenSSL
import Keys

/// Numbers of an RSA key that somebody gives beside its primes (RFC 8017, section 3.2), big-endian, each or none.
public struct GivenRSANumbers {
    let dp, dq, qinv, privateExponent: [UInt8]?

    /// Those that are given.
    public init(dp: [UInt8]?, dq: [UInt8]?, qinv: [UInt8]?, privateExponent: [UInt8]?) {
        self.dp = dp
        self.dq = dq
        self.qinv = qinv
        self.privateExponent = privateExponent
    }
}

extension PrivateKey {
    /// Whether the numbers are this RSA key's. Its private exponent may be taken modulo any multiple of the least common one:
    /// modulo p - 1 it must be dp, and modulo q - 1 dq. `unsupported` for other keys.
    public func has(_ given: GivenRSANumbers) throws(HostCryptoError) -> Bool {
        guard case .rsa = type else { throw .unsupported }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let dp = try BigNumber(parameter: "rsa-exponent1", of: key)
        let dq = try BigNumber(parameter: "rsa-exponent2", of: key)
        let qinv = try BigNumber(parameter: "rsa-coefficient1", of: key)
        guard try Self.isEqual(given.dp, dp), try Self.isEqual(given.dq, dq), try Self.isEqual(given.qinv, qinv) else {
            return false
        }
        let p = try BigNumber(parameter: "rsa-factor1", of: key)
        let q = try BigNumber(parameter: "rsa-factor2", of: key)
        guard try Self.isEqual(given.privateExponent, dp, belowPrime: p) else { return false }
        return try Self.isEqual(given.privateExponent, dq, belowPrime: q)
    }

    /// Whether a number is this one, or was not given.
    private static func isEqual(_ given: [UInt8]?, _ number: borrowing BigNumber) throws(HostCryptoError) -> Bool {
        guard let given else { return true }
        let other = try BigNumber(given, secret: true)
        return BN_cmp(other.pointer, number.pointer) == 0
    }

    /// The same modulo `prime` - 1.
    private static func isEqual(
        _ given: [UInt8]?, _ number: borrowing BigNumber, belowPrime prime: borrowing BigNumber
    ) throws(HostCryptoError) -> Bool {
        guard let given else { return true }
        let context = try NativeHandle(
            BN_CTX_secure_new_ex(try LibraryContext.current()), step: "BN_CTX_secure_new_ex", free: BN_CTX_free)
        let below = try BigNumber(secret: true)
        let rest = try BigNumber(secret: true)
        let other = try BigNumber(given, secret: true)
        try require(BN_sub(below.pointer, prime.pointer, BN_value_one()), "BN_sub")
        try require(BN_nnmod(rest.pointer, other.pointer, below.pointer, context.pointer), "BN_nnmod")
        return BN_cmp(rest.pointer, number.pointer) == 0
    }
}
