import Platform
import Wiring

/// Whether the settings count, and whether they keep the module from a card.
enum SettingsCheck {
    private static let edit = "sudoedit \(SettingsFile.path)"

    static func findings() -> [Finding] {
        let file = SettingsFile.read()
        let complaints = file.complaints.map { Finding.bad($0, run: mended($0)) }
        let values = Setting.allCases.compactMap { setting in
            setting.complaint(in: file).map { Finding.bad($0, run: remedy(setting, file)) }
        }
        let logs = [Setting.log, .trace].compactMap { setting -> Finding? in
            guard let value = setting.value(in: file), LogFile(value.text, from: value.origin) == nil else {
                return nil
            }
            return .note(
                "\(value.text.printable), where \(setting.rawValue) goes, is not written to",
                mend: "it must be a plain file of your own; root's must be there before: touch FILE")
        }
        let limits = [Setting.readers, .serials, .applications].compactMap { setting -> Finding? in
            guard let value = setting.value(in: file), setting.isKnown(value.text) else { return nil }
            return .note(
                "the module serves these \(setting.rawValue) alone: \(value.text.printable)", run: remedy(setting, file)
            )
        }
        return complaints + values + strangers + logs + limits
    }

    /// Variables that are called as settings are, and are none.
    private static var strangers: [Finding] {
        let others = ["MARTLET_ASKPASS", "MARTLET_PINENTRY"]
        let known = Set(Setting.allCases.map(\.variable) + others)
        let entries = FileTree.text(of: "/proc/self/environ")?.split(separator: "\0") ?? []
        return entries.compactMap { entry in
            let name = String(entry.prefix { $0 != "=" })
            guard name.hasPrefix("MARTLET_"), !known.contains(name) else { return nil }
            return .note("\(name.printable) is no setting, and changes nothing", run: "unset \(name.shellWord)")
        }
    }

    private static func remedy(_ setting: Setting, _ file: SettingsFile) -> String {
        setting.value(in: file)?.origin == .environment ? "unset \(setting.variable)" : edit
    }

    /// A file that others may write to is not used.
    private static func mended(_ complaint: String) -> String {
        complaint.hasSuffix("others than root may write to it")
            ? "sudo chown root \(SettingsFile.path) && sudo chmod go-w \(SettingsFile.path)" : edit
    }
}
