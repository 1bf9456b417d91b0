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

    /// Throws CKR_OPERATION_ACTIVE unless another cryptographic operation may begin: a session has one at a time
    /// (PKCS#11 3.2, section 5.1.6, CKR_OPERATION_ACTIVE). A search is none. The operation lock is held.
    ///
    /// An operation with an always-authenticate key becomes active only with its C_Login(CKU_CONTEXT_SPECIFIC). Until
    /// then the next operation takes its place: a program that cannot give the PIN and goes away leaves a session that
    /// others can use.
    func makeRoom() throws(ReturnCode) {
        if signing?.key.needsAuthentication == true { signing = nil }
        if decryption?.key.needsAuthentication == true { decryption = nil }
        guard signing == nil, verification == nil, decryption == nil, digest == nil else { throw .operationActive }
    }
}
