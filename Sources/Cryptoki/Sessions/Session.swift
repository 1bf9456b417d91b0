import CPKCS11
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
    var signing: (any SigningOperation)?
    var verification: (any VerificationOperation)?
    /// The signature that C_VerifySignatureInit was given for the verification; nil for one that C_VerifyInit began.
    var givenSignature: [UInt8]?
    var encryption: (any CipherOperation)?
    var decryption: (any CipherOperation)?
    var digest: DigestOperation?
    /// What C_SignRecoverInit began.
    var signRecovery: (any SigningOperation)?
    /// What C_VerifyRecoverInit began.
    var verifyRecovery: SignatureRecovery?
    /// What C_MessageSignInit and C_MessageVerifyInit began.
    var messageSigning: MessageSeries<any SigningOperation>?
    var messageVerification: MessageSeries<any VerificationOperation>?
    /// What C_DeriveKey or C_UnwrapKey could not do without a login for just this use of a key. It is no operation that
    /// keeps others out.
    var singleUse: SingleUse?
    /// What C_MessageEncryptInit and C_MessageDecryptInit began.
    var messageEncryption: MessageCipher?
    var messageDecryption: MessageCipher?

    init(handle: UInt, slot: Slot, isReadWrite: Bool) {
        self.handle = handle
        self.slot = slot
        self.isReadWrite = isReadWrite
    }

    /// Throws CKR_OPERATION_ACTIVE unless another cryptographic operation may begin: a session has one at a time (PKCS#11
    /// 3.2, section 5.1.6, CKR_OPERATION_ACTIVE), or a pair that one of the dual functions serves (section 5.17). A search
    /// is none. The operation lock is held.
    ///
    /// An operation with an always-authenticate key becomes active only with its C_Login(CKU_CONTEXT_SPECIFIC). Until
    /// then the next operation takes its place: a program that cannot give the PIN and goes away leaves a session that
    /// others can use. A series of messages stays once it has had one, and what a login for one use of a key was for does
    /// not outlive the beginning of something else.
    ///
    /// - Parameter new: the flag of C_SessionCancel for the operation that begins.
    func makeRoom(for new: UInt) throws(ReturnCode) {
        if signing?.privateKey?.needsAuthentication == true { signing = nil }
        if signRecovery?.privateKey?.needsAuthentication == true { signRecovery = nil }
        if decryption?.privateKey?.needsAuthentication == true { decryption = nil }
        if let series = messageSigning, !series.isInUse, series.operation?.privateKey?.needsAuthentication == true {
            messageSigning = nil
        }
        singleUse = nil
        let active = activeOperations
        guard active == 0 || Self.pairs.contains(where: { $0 == active | new && active & new == 0 }) else {
            throw .operationActive
        }
    }

    /// The operations that may be with a private key.
    var keyedOperations: [any KeyedOperation] {
        let all: [(any KeyedOperation)?] = [
            signing, signRecovery, messageSigning?.operation, decryption, singleUse,
        ]
        return all.compactMap { $0 }
    }

    private static let pairs = [
        CKF_DIGEST | CKF_ENCRYPT, CKF_DECRYPT | CKF_DIGEST, CKF_SIGN | CKF_ENCRYPT, CKF_DECRYPT | CKF_VERIFY,
    ]

    /// The flags of C_SessionCancel for the cryptographic operations that are active. The operation lock is held.
    var activeOperations: UInt {
        var flags: UInt = 0
        if signing != nil { flags |= CKF_SIGN }
        if verification != nil { flags |= CKF_VERIFY }
        if encryption != nil { flags |= CKF_ENCRYPT }
        if decryption != nil { flags |= CKF_DECRYPT }
        if digest != nil { flags |= CKF_DIGEST }
        if signRecovery != nil { flags |= CKF_SIGN_RECOVER }
        if verifyRecovery != nil { flags |= CKF_VERIFY_RECOVER }
        if messageSigning != nil { flags |= CKF_MESSAGE_SIGN }
        if messageVerification != nil { flags |= CKF_MESSAGE_VERIFY }
        if messageEncryption != nil { flags |= CKF_MESSAGE_ENCRYPT }
        if messageDecryption != nil { flags |= CKF_MESSAGE_DECRYPT }
        return flags
    }
}
