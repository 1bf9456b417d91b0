import Foundation
import TestSupport
import Testing

/// The rules in `udev/`, as udev itself reads them, on devices that exist only in a namespace.
@Suite struct UdevRulesTests {
    /// A kind of USB device: the class, subclass and protocol of each of its interfaces.
    struct Device: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let interfaces: [[UInt8]]
        let isReader: Bool
    }

    static let devices = [
        Device(testDescription: "CCID reader", interfaces: [[0x0B, 0, 0]], isReader: true),
        Device(testDescription: "ICCD token", interfaces: [[0x0B, 0, 1]], isReader: true),
        Device(
            testDescription: "YubiKey: keyboard, FIDO, CCID", interfaces: [[3, 1, 1], [3, 0, 0], [0x0B, 0, 0]],
            isReader: true),
        Device(testDescription: "keyboard", interfaces: [[3, 1, 1]], isReader: false),
        Device(testDescription: "disk whose protocol is 0B", interfaces: [[8, 6, 0x0B]], isReader: false),
    ]

    @Test("The person at the seat gets readers and tokens, and nothing else", arguments: devices)
    func tagsReaders(_ device: Device) throws {
        let answer = try plugIn(device)
        #expect(answer.contains("ID_USB_INTERFACES=:"), "udev has read the descriptors: \(answer)")
        #expect(answer.contains("\nID_SMARTCARD_READER=1\n") == device.isReader)
        #expect(answer.contains("\nTAGS=:uaccess:\n") == device.isReader)
        #expect(answer.contains("\nrun: 'uaccess'") == device.isReader)
    }

    @Test func readsWithoutComplaint() throws {
        let complaints = try plugIn(Self.devices[0]).split(separator: "\n").filter {
            $0.contains("70-martlet.rules:") && !$0.contains("Importing")
        }
        #expect(complaints == [])
    }

    private func plugIn(_ device: Device) throws -> String {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        try Data(descriptors(device.interfaces)).write(to: URL(fileURLWithPath: folder.file("descriptors")))
        let script = PackageRoot.path + "/Tests/ModuleTests/Drivers/plug-in.sh"
        let user = getuid() == 0 ? [] : ["--map-root-user"]
        return try Tool.run(
            ["unshare", "--mount"] + user
                + ["bash", script, PackageRoot.path + "/udev/70-martlet.rules", folder.file("descriptors")]
        ).checked().text
    }

    /// The file `descriptors` of a USB device (USB 2.0, 9.6): the device, one configuration, and its interfaces, each
    /// with an endpoint.
    private func descriptors(_ interfaces: [[UInt8]]) -> [UInt8] {
        let device: [UInt8] = [18, 1, 0, 2, 0, 0, 0, 64, 0x50, 0x10, 0x07, 0x04, 0x43, 0x05, 1, 2, 0, 1]
        let parts = interfaces.enumerated().flatMap { number, kind -> [UInt8] in
            [9, 4, UInt8(number), 0, 1] + kind + [0] + [7, 5, 0x81, 2, 64, 0, 0]
        }
        let length = UInt8(9 + parts.count)
        return device + [9, 2, length, 0, UInt8(interfaces.count), 1, 0, 0x80, 15] + parts
    }
}
