import HostCrypto
import Platform
import Token

/// Chapter "Random number generation functions" (PKCS#11 3.2, section 5.21).
extension Library {
    /// C_GenerateRandom: bytes of the host's generator, with the card's over them where it has one; at most 4096.
    public func random(_ handle: UInt, count: Int) throws(ReturnCode) -> [UInt8] {
        let session = try session(handle)
        if count > 0 { try seedRandomness(of: session) }
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try Random.bytes(count)
        } catch {
            throw ReturnCode(error)
        }
        try session.slot.randomness.mix(into: &bytes)
        return bytes
    }

    /// Asks the card where it is time to. A card that fails leaves the host's numbers as good as they are; only one that
    /// is gone is told of.
    private func seedRandomness(of session: Session) throws(ReturnCode) {
        let (slot, randomness) = (session.slot, session.slot.randomness)
        guard randomness.claimsSeed(at: clock()) else { return }
        let token = try token(of: session)
        do throws(ReturnCode) {
            var seed = try asking(slot, token, "C_GenerateRandom") { () throws(TokenError) in
                try token.randomBytes(atMost: CardRandomness.seedSize)
            }
            try randomness.add(&seed)
        } catch {
            guard error != .deviceRemoved else { throw error }
        }
    }
}
