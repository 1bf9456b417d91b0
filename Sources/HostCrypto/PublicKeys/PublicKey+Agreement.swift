/// Key agreement: elliptic-curve Diffie-Hellman (SP 800-56A, section 5.7.1.2), X25519 and X448 (RFC 7748).
extension PublicKey {
    /// The other side's key in an agreement with this one: a point in one of the forms of SEC 1, or the octets of a
    /// Montgomery curve. `invalidKey` where it is no point of this key's curve, or one of small order, with which any key
    /// gives the same secret; `unsupported` where keys of this type agree on none.
    public func peer(at point: [UInt8]) throws(HostCryptoError) -> PublicKey {
        let peer: PublicKey
        switch self {
        // The cofactor of all curves here is 1: a point on the curve is one of the group.
        case .ec(let curve, _): return .ec(curve, point: try curve.uncompressed(point))
        case .montgomery(let curve, _): peer = .montgomery(curve, point)
        case .rsa, .edwards: throw .unsupported
        }
        guard point.count == type.sharedSecretSize else { throw .invalidKey }
        // A point of small order gives zero to every key, for the scalars are multiples of the cofactor (RFC 7748,
        // section 6): so a key that is made up finds them all.
        var secret = try PrivateKey.generate(type).sharedSecret(with: peer)
        secret.cleanse()
        return peer
    }
}
