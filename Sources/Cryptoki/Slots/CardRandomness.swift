import HostCrypto
import Platform
import SoftToken
import Token

/// The random numbers of one token: the host's, and over them by exclusive or a stream that comes out of random bytes of
/// the card. The card does not see the host's numbers, so nothing that it gives can make them worse.
///
/// The card is asked for a few bytes at first use, and again where they are older than a minute: however much a program
/// wants, it costs at most one APDU a minute.
final class CardRandomness: Sendable {
    /// How many bytes the card is asked for.
    static let seedSize = 32
    /// For how long a seed serves, in milliseconds.
    static let lifetime = 60_000

    private struct State {
        /// Each use leaves another one behind, from which the earlier ones cannot be found.
        var seed: StoredSecret?
        /// When the card was asked.
        var time: Int?
    }

    private let state = Guarded(State())

    /// Whether the card is to be asked. Who is told so asks it; others go on meanwhile.
    func claimsSeed(at now: Int) -> Bool {
        state.withLock { state in
            if let time = state.time, (0..<Self.lifetime).contains(now - time) { return false }
            state.time = now
            return true
        }
    }

    /// Takes in what the card gave, beside what there was. One that gave nothing, for it was busy, is asked next time.
    func add(_ bytes: inout [UInt8]) throws(ReturnCode) {
        defer { bytes.wipe() }
        guard !bytes.isEmpty else {
            state.withLock { $0.time = nil }
            return
        }
        try ReturnCode.translating { () throws(SoftTokenError) in
            try state.withLock { (state) throws(SoftTokenError) in
                var joined: [UInt8] = []
                joined.reserveCapacity((state.seed?.count ?? 0) + bytes.count)
                state.seed?.withBytes { joined.append(contentsOf: $0) }
                joined.append(contentsOf: bytes.span.bytes)
                state.seed = try StoredSecret(wiping: &joined)
            }
        }
    }

    /// Adds the card's stream to random bytes of the host: at most as many as HKDF gives at once.
    func mix(into bytes: inout [UInt8]) throws(ReturnCode) {
        guard !bytes.isEmpty else { return }
        let count = bytes.count
        let stream = try ReturnCode.translating { () throws(SoftTokenError) in try nextStream(count) }
        guard var stream else { return }
        for index in bytes.indices { bytes[index] ^= stream[index] }
        stream.wipe()
    }

    private func nextStream(_ count: Int) throws(SoftTokenError) -> [UInt8]? {
        try state.withLock { (state) throws(SoftTokenError) in
            guard let seed = state.seed else { return nil }
            var stream = try seed.using { (seed) throws(HostCryptoError) in
                var key = try HKDF.extract(seed, salt: [UInt8]().span.bytes, digest: .sha256)
                defer { key.wipe() }
                return try HKDF.expand(key.span.bytes, info: [], count: Self.seedSize + count, digest: .sha256)
            }
            defer { stream.wipe() }
            var next = Array(stream.prefix(Self.seedSize))
            state.seed = try StoredSecret(wiping: &next)
            return Array(stream.dropFirst(Self.seedSize))
        }
    }
}
