import CPKCS11
import Platform
import SoftToken
import Token

/// What lives between C_Initialize and C_Finalize: slots, sessions, handles. What it knows stands in `Tables`, where its locks
/// are told of too; what sessions do are methods of `Session`.
public final class Library: Sendable {
    let source: any TokenSource
    /// Whether the login gives the PIN for each use of a key that wants it, which then shows no CKA_ALWAYS_AUTHENTICATE.
    let loginServesEachUse: Bool
    /// Which signatures are verified before they leave.
    let signatureCheck: SignatureCheck
    /// Whether the tokens' PINs have a time that can be over before the login is.
    private let pinsExpire: Bool
    /// For how many milliseconds a look at the readers counts.
    let looksLast: Int
    /// Milliseconds of a clock that nobody sets; tests have one of their own.
    let clock: @Sendable () -> Int
    let messageCounters: MessageCounters
    /// What keys in memory may do beside each other.
    let keyRoles: KeyRoles
    let tables: Guarded<Tables>
    let calls: TokenCalls
    /// The turn of a thread that looks at the readers, so that an older look is not taken for a newer one.
    let looking = Lock()

    var log: Log { calls.log }

    /// A library whose tokens come from `source`. Asks it nothing yet.
    ///
    /// - Parameters:
    ///   - looksLast: milliseconds for which a look at the readers counts, but for who asks for slots or waits for events.
    ///   - messageCounters: those of the process, which outlive the library.
    ///   - handles: the same.
    public init(
        source: any TokenSource, log: Log = .silent, loginServesEachUse: Bool = false,
        signatureCheck: SignatureCheck = .all, pinsExpire: Bool = false, looksLast: Int = 0,
        messageCounters: MessageCounters = MessageCounters(), handles: HandleCounters = HandleCounters(),
        keyRoles: KeyRoles = .standard,
        clock: @escaping @Sendable () -> Int = MonotonicClock.milliseconds
    ) {
        self.source = source
        self.loginServesEachUse = loginServesEachUse
        self.signatureCheck = signatureCheck
        self.pinsExpire = pinsExpire
        self.looksLast = looksLast
        self.messageCounters = messageCounters
        self.keyRoles = keyRoles
        self.clock = clock
        tables = Guarded(Tables(handles))
        calls = TokenCalls(tables, log: log)
    }

    /// Ends everything: waits, which then answer CKR_CRYPTOKI_NOT_INITIALIZED; logs out wherever somebody is logged in,
    /// and forgets sessions and handles.
    public func shutDown() {
        source.stopWaiting()
        let (slots, ended) = tables.withLock { ($0.slots.map(\.slot), $0.end()) }
        for slot in slots { slot.login.withLock { calls.endLoginWithoutSessions(slot, &$0) } }
        withExtendedLifetime(ended) {}
    }

    /// Wipes the PINs that were kept for long enough. Waits for nobody.
    public func wipeExpiredPINs() {
        guard pinsExpire else { return }
        let tokens = tables.withLock { tables in tables.slots.compactMap { tables.token(in: $0.slot) } }
        for token in tokens { token.wipeExpiredPINs() }
    }
}
