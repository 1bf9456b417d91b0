import CPKCS11

/// CK_SESSION_INFO.
public struct SessionInfo: Hashable, Sendable {
    /// The slot of the token.
    public let slotID: UInt
    let isReadWrite: Bool
    let login: LoginState

    /// CKS_…
    public var state: UInt {
        switch login {
        case .none: isReadWrite ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION
        case .user: isReadWrite ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS
        case .officer: CKS_RW_SO_FUNCTIONS
        }
    }

    /// CKF_SERIAL_SESSION, and CKF_RW_SESSION where it is one.
    public var flags: UInt { CKF_SERIAL_SESSION | (isReadWrite ? CKF_RW_SESSION : 0) }
}
