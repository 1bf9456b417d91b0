import CPKCS11

/// CK_SLOT_INFO.
public struct SlotInfo: Hashable, Sendable {
    /// The reader's name.
    public let description: String
    /// Whether CKF_TOKEN_PRESENT is set.
    public let hasToken: Bool

    /// CKF_TOKEN_PRESENT, CKF_REMOVABLE_DEVICE, CKF_HW_SLOT.
    public var flags: UInt { CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | (hasToken ? CKF_TOKEN_PRESENT : 0) }
}
