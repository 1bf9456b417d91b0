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
    /// Which are sent as PIN block format 2, and not as text or what was derived of it.
    let blocks: Set<KeyDerivation.Secret>
    /// Tries left for PW1.
    public let userTries: Int
    /// Tries left for the resetting code.
    public let resettingCodeTries: Int
    /// Tries left for PW3.
    public let administratorTries: Int

    /// Parses the value of tag C4: seven bytes. What stands behind them is left over.
    package init?(parsing bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 7 else { return nil }
        isValidForSeveralSignatures = bytes[0] != 0
        maximumUserLength = Int(bytes[1] & 0x7F)
        maximumResettingCodeLength = Int(bytes[2] & 0x7F)
        maximumAdministratorLength = Int(bytes[3] & 0x7F)
        let secrets: [KeyDerivation.Secret] = [.user, .resettingCode, .administrator]
        blocks = Set(zip(secrets, bytes[1...]).filter { $1 & 0x80 != 0 }.map { $0.0 })
        userTries = Int(bytes[4])
        resettingCodeTries = Int(bytes[5])
        administratorTries = Int(bytes[6])
    }

    /// The tries left of a secret.
    func tries(_ secret: KeyDerivation.Secret) -> Int {
        switch secret {
        case .user: userTries
        case .resettingCode: resettingCodeTries
        case .administrator: administratorTries
        }
    }

    /// How long a secret may be, in bytes: six at least for PW1, eight for the others (section 4.3), and no more digits
    /// than a block takes. A card that tells less than that tells nothing.
    func lengths(_ secret: KeyDerivation.Secret) -> ClosedRange<Int> {
        let usual = Self.usualLengths(secret)
        let most =
            switch secret {
            case .user: maximumUserLength
            case .resettingCode: maximumResettingCodeLength
            case .administrator: maximumAdministratorLength
            }
        if blocks.contains(secret) { return usual.lowerBound...PINBlock.lengths.upperBound }
        return most < usual.lowerBound ? usual : usual.lowerBound...most
    }

    /// The same of a card that does not tell.
    static func usualLengths(_ secret: KeyDerivation.Secret) -> ClosedRange<Int> {
        secret == .user ? 6...127 : 8...127
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

    /// P2 of the commands that change it, which names the password and not what it is verified for.
    var reference: UInt8 { self == .administrator ? Self.administrator.rawValue : Self.signature.rawValue }

    /// The secret that is compared.
    var secret: KeyDerivation.Secret { self == .administrator ? .administrator : .user }
}
