/// What the files of a unit of systemd's say (systemd.unit(5)), read without asking systemd, which a program may not reach.
struct UnitFiles {
    /// Where units lie; the first folder that has a unit's own file decides.
    private static let folders = [
        "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    private let name: String
    /// The assignments of the unit's own file and then of its drop-ins, in the order in which they count.
    private let assignments: [(key: String, value: String)]

    /// - Parameter name: the unit, such as `pcscd.socket`; where it is an instance, its template's files count too.
    init(_ name: String) {
        let names = [name] + Self.template(of: name)
        let own = names.lazy.flatMap { name in Self.folders.map { "\($0)/\(name)" } }.compactMap(FileTree.text).first
        // One of the same name in an earlier folder stands for those in later ones; all are read by their names' order.
        var additions: [String: String] = [:]
        for folder in names.flatMap({ name in Self.folders.map { "\($0)/\(name).d" } }) {
            for file in FileTree.names(in: folder) where file.hasSuffix(".conf") && additions[file] == nil {
                additions[file] = FileTree.text(of: "\(folder)/\(file)")
            }
        }
        let texts = [own ?? ""] + additions.sorted { $0.key < $1.key }.map(\.value)
        self.name = name
        assignments = texts.flatMap(Self.assignments)
    }

    /// Whether the unit is set up before and beside what every service waits for: `DefaultDependencies=no`.
    var startsEarly: Bool {
        let last = assignments.last { $0.key == "DefaultDependencies" }?.value.lowercased()
        return ["no", "false", "0", "off", "n", "f"].contains(last)
    }

    /// Whether the unit has another one started, by `Wants=`, `Requires=` or `BindsTo=`, or by a link in a folder.
    func starts(_ other: String) -> Bool {
        let words = assignments.filter { ["Wants", "Requires", "BindsTo"].contains($0.key) }
            .flatMap { $0.value.split(whereSeparator: \.isWhitespace) }
        if words.contains(where: { $0 == other }) { return true }
        let names = [name] + Self.template(of: name)
        return names.contains { name in
            Self.folders.contains { folder in
                ["wants", "requires"].contains { FileTree.names(in: "\(folder)/\(name).\($0)").contains(other) }
            }
        }
    }

    /// A name as it stands in the name of an instance (systemd-escape(1)).
    static func escaped(_ name: String) -> String {
        name.utf8.enumerated().map { index, byte in
            let character = Character(Unicode.Scalar(byte))
            if byte == UInt8(ascii: "/") { return "-" }
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || ":_.".contains(character))
            if isPlain && !(index == 0 && character == ".") { return String(character) }
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    private static func template(of name: String) -> [String] {
        guard let sign = name.firstIndex(of: "@"), let dot = name.lastIndex(of: ".") else { return [] }
        return [String(name[...sign] + name[dot...])]
    }

    private static func assignments(_ text: String) -> [(key: String, value: String)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#", first != ";" else { return nil }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let words = parts.map { part in part.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            return (words[0], words[1])
        }
    }
}
