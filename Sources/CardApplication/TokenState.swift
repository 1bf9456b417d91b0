import HostCrypto
import ISO7816
import Platform
import Token

/// What has been read from the card: what an application keeps beside the engine's own.
package protocol ApplicationCache {
    /// The certificates and data objects.
    var ledger: ObjectLedger { get set }
    /// How many tries the user's PIN has left.
    var tries: Reading<PINStatus>? { get set }
    /// What people should be told of the card.
    var notices: Notices { get set }

    /// Whether an object is there; nil where the card must be asked. A key that is found stays found.
    mutating func presence(of object: ObjectReference, at now: Int) -> Bool?

    /// Drops what was read with a login.
    mutating func forgetPrivate()
}

/// What a token of one application works with. Login and cache each lie behind a lock that is held for moments, and never
/// while the card works, so that what is known can be read meanwhile.
package final class TokenState<Cache, Details: LoginDetails>: Sendable {
    package let card: Card
    /// Which fields the token shows.
    package let identity: TokenIdentity
    /// Wipes this token's PINs, and no other's.
    package let pins: PINKeeper
    /// Milliseconds of a clock that nobody sets; tests have one of their own.
    package let clock: @Sendable () -> Int
    let login: Guarded<Login<Details>>
    /// Whether the reader has refused to take a PIN on its keys, which it only claims to have (OMNIKEY 3x21, QEMU's).
    let isPadRefused = Guarded(false)
    let cache: Guarded<Cache>

    /// The state of a token that was just found.
    package init(
        _ card: Card, _ identity: TokenIdentity, _ pins: PINKeeper, _ cache: sending Cache,
        clock: @escaping @Sendable () -> Int
    ) {
        self.card = card
        self.identity = identity
        self.pins = pins
        self.clock = clock
        login = Guarded(Login(pins))
        self.cache = Guarded(cache)
    }
}
