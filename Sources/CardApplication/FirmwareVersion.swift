import Token

/// The version of a YubiKey's firmware, which its applications tell in ways of their own.
package struct FirmwareVersion: Comparable, Hashable {
    package let major: UInt8
    package let minor: UInt8
    package let patch: UInt8

    package init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8 = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Three bytes; nil for another number of them.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count == 3 else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    /// Whether RSA keys that such a YubiKey makes can be reckoned from their public halves (ROCA, CVE-2017-15361; Yubico,
    /// YSA-2017-01: 4.2.0 to 4.3.4).
    package var makesWeakRSAKeys: Bool { (FirmwareVersion(4, 2)..<FirmwareVersion(4, 3, 5)).contains(self) }

    /// As CK_TOKEN_INFO has it.
    package var version: TokenInformation.Version { TokenInformation.Version(major: major, minor: minor) }

    package static func < (one: FirmwareVersion, other: FirmwareVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}
