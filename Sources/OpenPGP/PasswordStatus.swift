/// The state of the passwords (tag C4; OpenPGP card 3.4.1, section 4.4.1).
public struct PasswordStatus: Hashable, Sendable {
    /// Whether PW1 verified for signatures (81) stays valid for more than the next one.
    public let isValidForSeveralSignatures: Bool
    /// The most bytes of PW1.
    public let maximumUserLength: Int
    /// The most bytes of the resetting code.
    public let maximumResettingCodeLength: Int
    /// The most bytes of PW3.
    public let maximumAdministratorLength: Int
    /// Whether PW1 is verified as PIN block format 2, and not as text or what was derived of it.
    public let isUserBlock: Bool
    /// The same for the resetting code.
    let isResettingCodeBlock: Bool
    /// The same for PW3.
    public let isAdministratorBlock: Bool
    /// Tries left for PW1.
    public let userTries: Int
    /// Tries left for the resetting code.
    public let resettingCodeTries: Int
    /// Tries left for PW3.
    public let administratorTries: Int

    /// Parses the value of tag C4: seven bytes.
    package init?(parsing bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == 7 else { return nil }
        isValidForSeveralSignatures = bytes[0] != 0
        // Bit 8 tells of PIN block format 2.
        (maximumUserLength, isUserBlock) = (Int(bytes[1] & 0x7F), bytes[1] & 0x80 != 0)
        (maximumResettingCodeLength, isResettingCodeBlock) = (Int(bytes[2] & 0x7F), bytes[2] & 0x80 != 0)
        (maximumAdministratorLength, isAdministratorBlock) = (Int(bytes[3] & 0x7F), bytes[3] & 0x80 != 0)
        userTries = Int(bytes[4])
        resettingCodeTries = Int(bytes[5])
        administratorTries = Int(bytes[6])
    }

    /// How long PW1 may be: six bytes at least (section 4.3), and no more digits than a block takes.
    var userLengths: ClosedRange<Int> {
        6...(isUserBlock ? PINBlock.lengths.upperBound : max(6, maximumUserLength))
    }

    /// How long PW3 may be: eight bytes at least (section 4.3).
    var administratorLengths: ClosedRange<Int> {
        8...(isAdministratorBlock ? PINBlock.lengths.upperBound : max(8, maximumAdministratorLength))
    }

    /// Whether a secret is sent as a PIN block.
    func isBlock(_ secret: KeyDerivation.Secret) -> Bool {
        switch secret {
        case .user: isUserBlock
        case .resettingCode: isResettingCodeBlock
        case .administrator: isAdministratorBlock
        }
    }

    /// How long the resetting code may be: eight bytes at least (section 4.3).
    var resettingCodeLengths: ClosedRange<Int> {
        8...(isResettingCodeBlock ? PINBlock.lengths.upperBound : max(8, maximumResettingCodeLength))
    }

    /// The tries left of a secret.
    func tries(_ secret: KeyDerivation.Secret) -> Int {
        switch secret {
        case .user: userTries
        case .resettingCode: resettingCodeTries
        case .administrator: administratorTries
        }
    }

    /// How long a secret may be, in bytes.
    func lengths(_ secret: KeyDerivation.Secret) -> ClosedRange<Int> {
        switch secret {
        case .user: userLengths
        case .resettingCode: resettingCodeLengths
        case .administrator: administratorLengths
        }
    }
}

/// Which password is verified, and for what: P2 of VERIFY (OpenPGP card 3.4.1, section 7.2.2).
public enum PasswordMode: UInt8, CaseIterable, Hashable, Sendable {
    /// 81: PW1, for PSO: COMPUTE DIGITAL SIGNATURE.
    case signature = 0x81
    /// 82: PW1, for all else.
    case other = 0x82
    /// 83: PW3.
    case administrator = 0x83

    /// The secret that is compared.
    var secret: KeyDerivation.Secret { self == .administrator ? .administrator : .user }
}
