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

    /// Parses the answer of GET VERSION: three bytes.
    init?(parsing bytes: [UInt8]) {
        guard bytes.count == 3 else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    static func < (one: FirmwareVersion, other: FirmwareVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}
