import CLibrary
import PCSC

/// Whether there are readers, and why pcscd may not see one that is plugged in.
enum ReaderCheck {
    private static let devices = "/sys/bus/usb/devices"

    static func findings(_ readers: [ReaderStatus]) -> [Finding] {
        guard readers.isEmpty else { return [.good(readers.count == 1 ? "one reader" : "\(readers.count) readers")] }
        guard let reader = pluggedInReader() else {
            return [.bad("no reader is plugged in", mend: "plug in a reader or a token")]
        }
        guard access("/usr/lib/pcsc/drivers/ifd-ccid.bundle", F_OK) == 0 else {
            return [
                .bad(
                    "\(reader.name) is plugged in, and pcscd has no driver for it",
                    run: "sudo apt-get install libccid -y && sudo systemctl restart pcscd")
            ]
        }
        guard access(reader.node, R_OK | W_OK) == 0 else {
            return [
                .bad(
                    "\(reader.name) is plugged in, and you have no right to use it (\(reader.node))",
                    run: rights)
            ]
        }
        return [
            .bad(
                "\(reader.name) is plugged in, and pcscd does not see it: another program may have taken it",
                run: "gpgconf --kill gpg-agent; sudo systemctl restart pcscd")
        ]
    }

    private static let reload = "sudo udevadm control --reload && sudo udevadm trigger"

    /// The one rule of `udev/70-martlet.rules`.
    private static let rule =
        #"SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:0b????:*", "#
        + #"ENV{ID_SMARTCARD_READER}="1", TAG+="uaccess""#

    /// What gives the person at the seat the right to use a reader: the rules, put there where they are not yet.
    private static var rights: String {
        let folders = ["/usr/lib", "/usr/local/lib", "/lib", "/etc"].map { $0 + "/udev/rules.d/70-martlet.rules" }
        guard folders.contains(where: { access($0, F_OK) == 0 }) else {
            return "echo \(rule.shellWord) | sudo tee /etc/udev/rules.d/70-martlet.rules && \(reload)"
        }
        return reload
    }

    /// The first USB device with an interface of the class of smart card readers (CCID, 0B).
    private static func pluggedInReader() -> (name: String, node: String)? {
        for interface in FileTree.names(in: devices)
        where FileTree.line(of: "\(devices)/\(interface)/bInterfaceClass") == "0b" {
            // The interface 1-2:1.0 is one of the device 1-2.
            let device = "\(devices)/" + interface.prefix { $0 != ":" }
            let name = FileTree.line(of: device + "/product") ?? "a reader"
            guard let bus = FileTree.line(of: device + "/busnum").flatMap(Int.init),
                let number = FileTree.line(of: device + "/devnum").flatMap(Int.init)
            else { continue }
            return (name, "/dev/bus/usb/\(threeDigits(bus))/\(threeDigits(number))")
        }
        return nil
    }

    private static func threeDigits(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    }
}
