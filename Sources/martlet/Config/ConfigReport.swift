import Platform
import Wiring

/// What `config` prints. The names of the properties are those of the JSON.
struct ConfigReport: Encodable {
    /// The lines for one program.
    struct Lines: Encodable {
        let topic: String
        /// What the program is.
        let summary: String
        /// Where they go, in words.
        let place: String
        /// What is to be said of them, in sentences.
        let comments: [String]
        let lines: [String]

        init(_ lines: ClientLines) {
            (topic, summary) = (lines.client.name, lines.client.summary)
            place = lines.client.place.text
            (comments, self.lines) = (lines.comments, lines.lines)
        }
    }

    let module: String
    let topics: [Lines]
    let settings: [SettingReport]
    /// What is wrong with the settings file.
    let complaints: [String]

    init(_ module: String, _ lines: [ClientLines], hasSettings: Bool) {
        let file = SettingsFile.read()
        self.module = module
        topics = lines.map(Lines.init)
        settings = hasSettings ? SettingReport.all(in: file) : []
        complaints = file.complaints
    }
}

/// One setting, as it is in force.
struct SettingReport: Encodable {
    let name: String
    /// Nil where it is not set.
    let value: String?
    /// Who sets it, in words.
    let origin: String?
    /// Why the value does not count, in words; nil where it does.
    let problem: String?

    static func all(in file: SettingsFile) -> [SettingReport] {
        Setting.allCases.map { setting in
            let value = setting.value(in: file)
            let origin = value.map { value in
                switch value.origin {
                case .environment: "by \(setting.variable), in the environment"
                case .file: "in \(SettingsFile.path)"
                }
            }
            return SettingReport(
                name: setting.rawValue, value: value?.text.printable, origin: origin,
                problem: setting.complaint(in: file)?.printable)
        }
    }

    /// Where settings are.
    static let file = SettingsFile.path

    static let place = "The settings in force, as lines of \(file)"

    /// The lines of a settings file, and who sets each. Values that do not count are comments.
    static func lines() -> [String] {
        let file = SettingsFile.read()
        let lines = all(in: file).map { setting in
            guard let value = setting.value, let origin = setting.origin else { return "# \(setting.name) is not set" }
            guard let problem = setting.problem else { return "# \(origin):\n\(setting.name) = \(value)" }
            return "# error: \(problem)\n# \(origin):\n# \(setting.name) = \(value)"
        }
        return file.complaints.map { "# error: \($0.printable)" } + lines
    }
}
