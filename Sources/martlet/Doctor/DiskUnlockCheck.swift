/// Whether pcscd is there when systemd unlocks the disks for which /etc/crypttab wants a card: without drop-ins for three units
/// it starts only after the disks, and the machine waits for a card in vain.
enum DiskUnlockCheck {
    private static let table = "/etc/crypttab"

    /// A drop-in, which the Debian package has as an example.
    private struct DropIn {
        let unit: String
        let lines: [String]

        /// A line for a shell that writes it.
        var command: String {
            let text = lines.map { $0 + "\\n" }.joined()
            let file = "/etc/systemd/system/\(unit).d/card.conf"
            return "printf \(text.shellWord) | sudo install -D -m 644 /dev/stdin \(file.shellWord)"
        }
    }

    private static let socket = DropIn(
        unit: "pcscd.socket",
        lines: [
            "[Unit]", "DefaultDependencies=no", "Conflicts=shutdown.target", "Before=sockets.target shutdown.target",
        ])
    private static let service = DropIn(
        unit: "pcscd.service",
        lines: ["[Unit]", "DefaultDependencies=no", "Conflicts=shutdown.target", "Before=shutdown.target"])
    private static let volumes = DropIn(
        unit: "systemd-cryptsetup@.service", lines: ["[Unit]", "Wants=pcscd.socket", "After=pcscd.socket"])

    static func findings() -> [Finding] {
        let names = volumeNames
        guard !names.isEmpty else { return [] }
        var missing = [socket, service].filter { !UnitFiles($0.unit).startsEarly }
        let units = names.map { "systemd-cryptsetup@\(UnitFiles.escaped($0)).service" }
        if !units.allSatisfy({ UnitFiles($0).starts(socket.unit) }) { missing.append(volumes) }
        let disks = "\(table): \(names.joined(separator: ", "))"
        guard !missing.isEmpty else { return [.good("pcscd starts before the disks that a card unlocks (\(disks))")] }
        let commands = missing.map(\.command) + ["sudo systemctl daemon-reload"]
        return [
            .bad(
                "pcscd starts after the disks that a card unlocks (\(disks)): a drop-in is missing for "
                    + missing.map(\.unit).joined(separator: ", "),
                run: commands.joined(separator: " && "))
        ]
    }

    /// The volumes that the system unlocks with a card as it starts (crypttab(5)). Those of the initramfs, of the network, and
    /// those that nobody asks for at the start are unlocked at another time.
    private static var volumeNames: [String] {
        let elsewhere: Set = ["noauto", "_netdev", "initramfs", "x-initrd.attach"]
        return (FileTree.text(of: table) ?? "").split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 4, !fields[0].hasPrefix("#") else { return nil }
            let options = fields[3].split(separator: ",").map(String.init)
            guard options.contains(where: { $0.hasPrefix("pkcs11-uri=") }) else { return nil }
            return options.contains(where: elsewhere.contains) ? nil : String(fields[0])
        }
    }
}
