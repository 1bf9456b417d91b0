/// The version of a YubiKey's firmware.
struct FirmwareVersion: Comparable, Hashable {
    let major: UInt8
    let minor: UInt8
    let patch: UInt8

    init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8 = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Whether RSA keys that such a YubiKey makes can be reckoned from their public halves (ROCA, CVE-2017-15361; Yubico,
    /// YSA-2017-01: 4.2.0 to 4.3.4).
    var makesWeakRSAKeys: Bool { (FirmwareVersion(4, 2)..<FirmwareVersion(4, 3, 5)).contains(self) }

    /// Parses the answer of GET VERSION: three bytes.
    init?(parsing bytes: [UInt8]) {
        guard bytes.count == 3 else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    static func < (one: FirmwareVersion, other: FirmwareVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}
