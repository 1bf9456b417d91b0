import COpenSSL

extension PrivateKey {
    /// An RSA key from its primes and public exponent, big-endian, as the short form of a card's import command has
    /// them. `invalidKey` where no exponent inverts `publicExponent`; the primes are not tested for being prime.
    public static func rsa(p: [UInt8], q: [UInt8], publicExponent: [UInt8]) throws(HostCryptoError) -> PrivateKey {
        guard max(p.count, q.count, publicExponent.count) <= 1024 else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let context = try NativeHandle(
            BN_CTX_secure_new_ex(try LibraryContext.current()), step: "BN_CTX_secure_new_ex", free: BN_CTX_free)
        let pNumber = try BigNumber(p, secret: true)
        let qNumber = try BigNumber(q, secret: true)
        guard BN_is_odd(pNumber.pointer) == 1, BN_is_odd(qNumber.pointer) == 1 else { throw .invalidKey }
        let exponent = try BigNumber(publicExponent)
        var dp = try inverse(exponent, belowPrime: pNumber, context)
        defer { dp.cleanse() }
        var dq = try inverse(exponent, belowPrime: qNumber, context)
        defer { dq.cleanse() }
        var qinv = try inverse(qNumber, modulo: pNumber, context)
        defer { qinv.cleanse() }
        return try rsa(p: p, q: q, dp: dp, dq: dq, qinv: qinv)
    }

    /// The inverse of `number` modulo `prime` − 1.
    private static func inverse(
        _ number: borrowing BigNumber, belowPrime prime: borrowing BigNumber, _ context: borrowing NativeHandle
    ) throws(HostCryptoError) -> [UInt8] {
        let below = try BigNumber(secret: true)
        try require(BN_sub(below.pointer, prime.pointer, BN_value_one()), "BN_sub")
        return try inverse(number, modulo: below, context)
    }

    private static func inverse(
        _ number: borrowing BigNumber, modulo modulus: borrowing BigNumber, _ context: borrowing NativeHandle
    ) throws(HostCryptoError) -> [UInt8] {
        let inverse = try BigNumber(secret: true)
        guard BN_mod_inverse(inverse.pointer, number.pointer, modulus.pointer, context.pointer) != nil else {
            throw .invalidKey
        }
        return try inverse.bytes()
    }
}
