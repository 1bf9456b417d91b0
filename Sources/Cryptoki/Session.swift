import Platform

/// A session of this process with the token in a slot.
final class Session {
    let handle: UInt
    let slot: Slot
    let isReadWrite: Bool
    /// Held through every call that uses the session's operations, so that two threads in one session take turns.
    /// It may be held while the card works; the library's lock may be taken inside it, never the other way round.
    let operationLock = Lock()

    /// The handles that C_FindObjects has still to return, while a search is active.
    var search: ArraySlice<UInt>?
    var signing: SigningOperation?
    var verification: VerificationOperation?
    var decryption: DecryptionOperation?
    var digest: DigestOperation?

    init(handle: UInt, slot: Slot, isReadWrite: Bool) {
        self.handle = handle
        self.slot = slot
        self.isReadWrite = isReadWrite
    }
}
