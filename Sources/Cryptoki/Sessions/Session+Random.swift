import HostCrypto
import Platform
import Token

/// Chapter "Random number generation functions" (PKCS#11 3.2, section 5.21).
extension Session {
    /// C_GenerateRandom: bytes of the host's generator, with the card's over them where it has one; at most 4096.
    public func random(count: Int) throws(ReturnCode) -> [UInt8] {
        if count > 0 { try seedRandomness() }
        var bytes: [UInt8]
        do throws(HostCryptoError) {
            bytes = try Random.bytes(count)
        } catch {
            throw ReturnCode(error)
        }
        try slot.randomness.mix(into: &bytes)
        return bytes
    }

    /// Asks the card where it is time to. A card that fails leaves the host's numbers as good as they are; only one that
    /// is gone is told of.
    private func seedRandomness() throws(ReturnCode) {
        let randomness = slot.randomness
        guard randomness.claimsSeed(at: library.clock()) else { return }
        let token = try token()
        do throws(ReturnCode) {
            var seed = try calls.asking(slot, token, "C_GenerateRandom") { () throws(TokenError) in
                try token.randomBytes(atMost: CardRandomness.seedSize)
            }
            try randomness.add(&seed)
        } catch {
            guard error != .deviceRemoved else { throw error }
        }
    }
}
