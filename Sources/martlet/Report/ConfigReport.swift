import Platform
import Wiring

/// What `config` prints. The names of the properties are those of the JSON.
struct ConfigReport: Encodable {
    /// The lines for one program.
    struct Lines: Encodable {
        let topic: String
        /// Where they go, in words.
        let place: String
        let lines: [String]
    }

    let module: String
    let topics: [Lines]
    let settings: [SettingReport]
    /// What is wrong with the settings file.
    let complaints: [String]

    init(_ module: String, _ topics: [Config.Topic]) {
        let file = SettingsFile.read()
        self.module = module
        self.topics = topics.filter { $0 != .settings }.map {
            Lines(topic: $0.rawValue, place: Config.place($0), lines: Config.lines($0, module))
        }
        settings = topics.contains(.settings) ? SettingReport.all(in: file) : []
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
}
