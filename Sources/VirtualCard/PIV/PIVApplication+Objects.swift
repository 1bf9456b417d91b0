import APDU

/// Data objects (SP 800-73-5 part 1, section 3; part 2, sections 3.1.2 and 3.3.1).
extension PIVApplication {
    private static let discovery: UInt32 = 0x7E
    private static let biometricTemplate: UInt32 = 0x7F61

    /// What is read only after the PIN: fingerprints, facial image, printed information, iris images, and the
    /// pairing code.
    private static let privateTags: Set<UInt32> = [0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121, 0x5FC123]

    /// GET DATA.
    func getData(_ tag: UInt32) throws(Refusal) -> [UInt8] {
        if tag == Self.discovery, let template = discoveryObject { return template }
        guard let value = state.objects[tag] else { throw Refusal(.notFound) }
        guard !Self.privateTags.contains(tag) || isPINVerified else { throw Refusal(.securityStatusNotSatisfied) }
        return BER.object(tag == Self.biometricTemplate ? tag : 0x53, value)
    }

    /// PUT DATA. No content removes the object.
    func putData(_ tag: UInt32, _ value: [UInt8]) throws(Refusal) {
        try requireAdministrator()
        guard tag != Self.discovery else { throw Refusal(.incorrectData) }
        guard isContainer(tag) else { throw Refusal(.notFound) }
        try change { $0.objects[tag] = value.isEmpty ? nil : value }
    }

    /// A YubiKey keeps data under every tag from 5F0000 to 5FFFFF (Yubico's PIV manual, "PIV GET and PUT DATA"); a
    /// plain card has the containers of SP 800-73-5 part 1, table 3.
    private func isContainer(_ tag: UInt32) -> Bool {
        if tag == Self.biometricTemplate { return true }
        return profile.isYubiKey ? (0x5F0000...0x5FFFFF).contains(tag) : (0x5FC101...0x5FC123).contains(tag)
    }

    /// The Discovery object (SP 800-73-5 part 1, section 3.3.2): the application identifier and the PIN usage policy.
    private var discoveryObject: [UInt8]? {
        guard let policy = profile.pinUsagePolicy else { return nil }
        return BER.object(Self.discovery, BER.object(0x4F, identifier) + BER.object(0x5F2F, policy))
    }
}
