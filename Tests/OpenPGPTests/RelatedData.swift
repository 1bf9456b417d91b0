import ISO7816

/// The application related data of a card, as a test wants them: three keys on P-256, X25519 and Ed25519 where it says
/// nothing else.
struct RelatedData {
    var version = "0304"
    var manufacturer = "0005"
    var serial = "12345678"
    /// Everything but secure messaging, AES and key derivation; certificates of up to 2048 bytes.
    var capabilities = "7C00 0800 0800 00FF 00 00"
    /// 2048 bytes of command and of answer.
    var lengths: String? = "02020800 02020800"
    var algorithms = [KnownKeys.p256Attributes, KnownKeys.x25519Attributes, KnownKeys.ed25519Attributes]
    /// PW1 for several signatures, up to 127 bytes, three tries each.
    var passwords = "017F7F7F030003"
    var fingerprints: String? = String(repeating: "11", count: 60)
    var timestamps: String? = "5F000001 5F000002 5F000003"
    var states: String? = "010102020301"
    var interaction: [String] = []
    /// Whether an answer holds tag and length of 6E itself, and whether all stands in the discretionary objects.
    var hasOwnTag = true
    var isFlat = false

    /// A card before version 3: lengths in the capabilities, one certificate, no word on keys but their fingerprints.
    static let version2 = RelatedData(
        version: "0201", capabilities: "7C00 0800 0800 0800 0800", lengths: nil, states: nil)

    var identifier: [UInt8] { bytes("D27600012401 \(version) \(manufacturer) \(serial) 0000") }

    var encoded: [UInt8] {
        var discretionary = [UInt8](tag: 0xC0, bytes(capabilities))
        for (index, algorithm) in algorithms.enumerated() {
            discretionary += [UInt8](tag: 0xC1 + UInt32(index), bytes(algorithm))
        }
        discretionary += [UInt8](tag: 0xC4, bytes(passwords))
        for (tag, value) in [(0xC5, fingerprints), (0xCD, timestamps), (0xDE, states)] as [(UInt32, String?)] {
            if let value { discretionary += [UInt8](tag: tag, bytes(value)) }
        }
        for (index, flag) in interaction.enumerated() {
            discretionary += [UInt8](tag: 0xD6 + UInt32(index), bytes(flag))
        }
        var head = [UInt8](tag: 0x4F, identifier) + [UInt8](tag: 0x5F52, bytes("0031C573C001400590 00"))
        if let lengths { head += [UInt8](tag: 0x7F66, bytes(lengths)) }
        let value = isFlat ? [UInt8](tag: 0x73, head + discretionary) : head + [UInt8](tag: 0x73, discretionary)
        return hasOwnTag ? [UInt8](tag: 0x6E, value) : value
    }
}

/// Keys of published vectors, with one signature each.
enum KnownKeys {
    static let p256Attributes = "13 2A8648CE3D030107"
    static let x25519Attributes = "12 2B060104019755010501"
    static let ed25519Attributes = "16 2B06010401DA470F01"
    static let rsa2048Attributes = "01 0800 0020 00"

    /// RFC 6979, appendix A.2.5.
    static let p256Point = bytes(
        """
        04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
        7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299
        """)
    /// SHA-256 of "sample".
    static let p256Hash = bytes("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF")
    static let p256Signature = """
        EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
        F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
        """
    /// RFC 8032, section 7.1, test 2: the signature is of the byte 72.
    static let ed25519 = bytes("3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF4660C")
    static let ed25519Signature = """
        92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69DA\
        085AC1E43E15996E458F3613D0F11D8C387B2EAEB4302AEEB00D291612BB0C00
        """
    /// RFC 7748, section 6.1: Bob's key, Alice's, and what they share.
    static let x25519 = bytes("DE9EDB7D7B7DC1B4D35B61C2ECE435373F8343C85B78674DADFC7E146F882B4F")
    static let x25519Peer = bytes("8520F0098930A754748B7DDCB43EF75A0DBF3A0D26381AF4EBA4A98EAA9B4E6A")
    static let x25519Secret = bytes("4A5D9D5BA4CE2DE1728E3BF480350F25E07E21C947D19E3376F09B3C1E161742")

    /// What GENERATE ASYMMETRIC KEY PAIR answers for a point.
    static func template(_ point: [UInt8]) -> String {
        hex([UInt8](tag: 0x7F49, children: [UInt8](tag: 0x86, point))) + "9000"
    }

    /// The three steps that read these keys, in the order of their numbers.
    static let reading: [Step] = [
        .readKey("B6", template(p256Point)), .readKey("B8", template(x25519)), .readKey("A4", template(ed25519)),
    ]
}
