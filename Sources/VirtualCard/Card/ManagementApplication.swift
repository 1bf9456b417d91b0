import APDU

/// A YubiKey's management application: it tells what the device is. It changes nothing: WRITE CONFIG is not taken.
///
/// Known from Yubico's SDK manual ("Get device information", of whose answer it says that it is the same in each
/// application) and from what yubikit's `management.py` reads.
final class ManagementApplication: CardApplication {
    let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17]

    private let memory: CardMemory
    private let firmware: [UInt8]

    init(_ memory: CardMemory, firmware: [UInt8]) {
        self.memory = memory
        self.firmware = firmware
    }

    /// A text with the firmware's version.
    func select() -> ResponseAPDU {
        let version = firmware.map(String.init).joined(separator: ".")
        return ResponseAPDU(data: [UInt8]("Virtual mgr - FW version \(version)".utf8), status: .success)
    }

    func deselect() {}

    /// READ CONFIG (1D), from firmware 4.1 on; P1 is the page, and all fits into the first one.
    func process(_ command: CommandAPDU) -> ResponseAPDU {
        guard command.header.ins == 0x1D, memory.state.profile.isYubiKey(since: 4, 1) else {
            return ResponseAPDU(status: .instructionNotSupported)
        }
        guard command.header.p1 == 0, command.header.p2 == 0 else { return ResponseAPDU(status: .incorrectParameters) }
        let elements = deviceInformation
        return ResponseAPDU(data: [UInt8(elements.count)] + elements, status: .success)
    }

    /// Elements of one byte of tag, one of length, and the value.
    private var deviceInformation: [UInt8] {
        let state = memory.state, profile = state.profile
        let serialNumber = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state.serialNumber >> $0) }
        let isFIPS = profile.quirks.contains(.policiesOfFIPS)
        let form: UInt8 = profile.quirks.contains(.biometricPolicies) ? 0x06 : 0x01

        guard profile.isYubiKey(since: 5) else {
            return BER.object(0x01, [applications]) + BER.object(0x02, serialNumber) + BER.object(0x05, firmware)
                + BER.object(0x0A, [0x00])
        }
        var elements = BER.object(0x01, [0x00, applications]) + BER.object(0x02, serialNumber)
        elements += BER.object(0x03, [0x00, applications])
        // Keychain for USB-A, or the Bio; the top bit is the FIPS series'.
        elements += BER.object(0x04, [form | (isFIPS ? 0x80 : 0x00)])
        elements += BER.object(0x05, firmware)
        // No eject by touch; fifteen seconds for a challenge; no flags; no lock code.
        elements += BER.object(0x06, [0x00, 0x00]) + BER.object(0x07, [0x0F]) + BER.object(0x08, [0x00])
        elements += BER.object(0x0A, [0x00])
        if profile.isYubiKey(since: 5, 7) {
            let certified: UInt8 = isFIPS ? (profile.hasPIV ? 0x02 : 0) | (profile.hasOpenPGP ? 0x04 : 0) : 0
            elements += BER.object(0x14, [0x00, certified]) + BER.object(0x15, [0x00, 0x00])
            elements += BER.object(0x16, [profile.quirks.contains(.pinTooSimple) ? 0x01 : 0x00])
            elements += BER.object(0x18, [0x00, 0x00])
        }
        return elements
    }

    /// The bits of the applications that there are: OpenPGP 08, PIV 10.
    private var applications: UInt8 {
        let profile = memory.state.profile
        return (profile.hasOpenPGP ? 0x08 : 0x00) | (profile.hasPIV ? 0x10 : 0x00)
    }
}
