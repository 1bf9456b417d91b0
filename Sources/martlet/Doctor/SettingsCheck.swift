import Platform
import Wiring

/// Whether the settings file counts, and whether settings keep the module from a card.
enum SettingsCheck {
    static func findings() -> [Finding] {
        let file = SettingsFile.read(), edit = "sudoedit \(SettingsFile.path)"
        let complaints = file.complaints.map { Finding.bad($0, mend: edit) }
        let limits = [Setting.readers, .serials, .applications].compactMap { setting -> Finding? in
            guard let value = setting.value(in: file) else { return nil }
            return .note(
                "the module serves these \(setting.rawValue) alone: \(value.text.printable)",
                mend: value.origin == .file ? edit : "unset \(setting.variable)")
        }
        return complaints + limits
    }
}
