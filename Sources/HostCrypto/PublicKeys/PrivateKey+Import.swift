import COpenSSL
import Keys

extension PrivateKey {
    /// An RSA key from its primes and CRT numbers, big-endian (RFC 8017, section 3.2), as a card's import command
    /// has them. `invalidKey` where they do not belong together; the primes are not tested for being prime.
    public static func rsa(
        p: [UInt8], q: [UInt8], dp: [UInt8], dq: [UInt8], qinv: [UInt8]
    ) throws(HostCryptoError) -> PrivateKey {
        let longest = max(p.count, q.count, dp.count, dq.count, qinv.count)
        guard longest <= 1024 else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var numbers = try RSANumbers(p: p, q: q, dp: dp, dq: dq, qinv: qinv)
        defer { numbers.privateExponent.cleanse() }
        let modulus = numbers.modulus
        let bits = PublicKey.bitCount(modulus)
        guard (512...8192).contains(bits) else { throw .invalidKey }
        var parameters = KeyParameters()
        try parameters.add("n", number: modulus)
        try parameters.add("e", number: numbers.publicExponent)
        try parameters.add("d", number: numbers.privateExponent)
        try parameters.add("rsa-factor1", number: p)
        try parameters.add("rsa-factor2", number: q)
        try parameters.add("rsa-exponent1", number: dp)
        try parameters.add("rsa-exponent2", number: dq)
        try parameters.add("rsa-coefficient1", number: qinv)
        return try PrivateKey(
            adopting: parameters.makeKey(.rsa(bits: bits), selection: KeySelection.keyPair), type: .rsa(bits: bits))
    }

    /// A key from its scalar, big-endian in the curve's field size; `invalidKey` where it is zero or not below the
    /// curve's order.
    public static func ec(_ curve: Curve, scalar: [UInt8]) throws(HostCryptoError) -> PrivateKey {
        guard scalar.count == curve.fieldSize else { throw .invalidLength }
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        var parameters = KeyParameters()
        parameters.add("group", text: curve.nativeName)
        parameters.add("pub", bytes: try curve.publicPoint(scalar: scalar))
        try parameters.add("priv", number: scalar)
        return try PrivateKey(
            adopting: parameters.makeKey(.ec(curve), selection: KeySelection.keyPair), type: .ec(curve))
    }

    /// A key on the curve of that type from its number: the scalar, which may lack leading zeros, or the seed.
    /// `unsupported` for RSA.
    public static func onCurve(_ type: KeyType, _ number: [UInt8]) throws(HostCryptoError) -> PrivateKey {
        guard case .ec(let curve) = type else { return try octets(type, seed: number) }
        guard number.count <= curve.fieldSize else { throw .invalidLength }
        var scalar = [UInt8](repeating: 0, count: curve.fieldSize - number.count) + number
        defer { scalar.cleanse() }
        return try ec(curve, scalar: scalar)
    }

    /// An Edwards or Montgomery key from its seed (RFC 8032, section 5.1.5; RFC 7748, section 5): 32 bytes, 57 for
    /// Ed448, 56 for X448. `unsupported` for the other types.
    public static func octets(_ type: KeyType, seed: [UInt8]) throws(HostCryptoError) -> PrivateKey {
        guard let size = type.octetCount else { throw .unsupported }
        guard seed.count == size else { throw .invalidLength }
        let library = try LibraryContext.current()
        LibraryContext.markErrors()
        defer { ERR_pop_to_mark() }
        let handle = try NativeHandle(
            EVP_PKEY_new_raw_private_key_ex(library, type.nativeName, nil, seed, size),
            step: "EVP_PKEY_new_raw_private_key_ex", free: EVP_PKEY_free)
        return try PrivateKey(adopting: handle, type: type)
    }
}

/// The numbers of an RSA key that its CRT numbers imply, big-endian.
private struct RSANumbers {
    let modulus: [UInt8]
    let publicExponent: [UInt8]
    /// The caller wipes it.
    var privateExponent: [UInt8]

    init(
        p: [UInt8], q: [UInt8], dp: [UInt8], dq: [UInt8], qinv: [UInt8]
    ) throws(HostCryptoError) {
        let p = try BigNumber(p, secret: true)
        let q = try BigNumber(q, secret: true)
        let dp = try BigNumber(dp, secret: true)
        let dq = try BigNumber(dq, secret: true)
        let qinv = try BigNumber(qinv, secret: true)
        guard BN_is_odd(p.pointer) == 1, BN_is_odd(q.pointer) == 1, BN_is_one(p.pointer) == 0,
            BN_is_one(q.pointer) == 0, BN_cmp(p.pointer, q.pointer) != 0
        else { throw .invalidKey }
        let context = try NativeHandle(
            BN_CTX_secure_new_ex(try LibraryContext.current()), step: "BN_CTX_secure_new_ex", free: BN_CTX_free)
        let ctx = context.pointer

        let n = try BigNumber()
        try require(BN_mul(n.pointer, p.pointer, q.pointer, ctx), "BN_mul")

        let p1 = try BigNumber(secret: true)
        let q1 = try BigNumber(secret: true)
        try require(BN_sub(p1.pointer, p.pointer, BN_value_one()), "BN_sub")
        try require(BN_sub(q1.pointer, q.pointer, BN_value_one()), "BN_sub")

        // e·dp = 1 mod (p − 1), and e is far below p: so e is the inverse of dp.
        let e = try BigNumber()
        guard BN_mod_inverse(e.pointer, dp.pointer, p1.pointer, ctx) != nil,
            BN_is_one(e.pointer) == 0
        else { throw .invalidKey }
        let product = try BigNumber(secret: true)
        try require(BN_mod_mul(product.pointer, e.pointer, dq.pointer, q1.pointer, ctx), "BN_mod_mul")
        guard BN_is_one(product.pointer) == 1 else { throw .invalidKey }
        try require(BN_mod_mul(product.pointer, q.pointer, qinv.pointer, p.pointer, ctx), "BN_mod_mul")
        guard BN_is_one(product.pointer) == 1 else { throw .invalidKey }

        // d = e⁻¹ mod lcm(p − 1, q − 1).
        let divisor = try BigNumber(secret: true)
        let multiple = try BigNumber(secret: true)
        try require(BN_gcd(divisor.pointer, p1.pointer, q1.pointer, ctx), "BN_gcd")
        try require(BN_mul(product.pointer, p1.pointer, q1.pointer, ctx), "BN_mul")
        try require(BN_div(multiple.pointer, nil, product.pointer, divisor.pointer, ctx), "BN_div")
        let d = try BigNumber(secret: true)
        guard BN_mod_inverse(d.pointer, e.pointer, multiple.pointer, ctx) != nil else { throw .invalidKey }

        modulus = try n.bytes()
        publicExponent = try e.bytes()
        privateExponent = try d.bytes()
    }
}
