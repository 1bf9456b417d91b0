import CLibrary

/// Whether programs find the module through p11-kit, and whether another module shows them the same card once more.
enum RegistrationCheck {
    private static let own = "/etc/pkcs11/modules"

    /// A file of p11-kit's that names a module (pkcs11.conf(5)).
    private struct Registration {
        let file: String
        /// The module's absolute path.
        let module: String
        /// Whether no program is shown the module.
        let isDisabled: Bool
    }

    /// The folders, in the order in which a later file of the same name goes before an earlier one.
    private static var folders: [String] {
        let home = getenv("HOME").map { String(cString: $0) + "/.config/pkcs11/modules" }
        return ["/usr/share/p11-kit/modules", own] + (home.map { [$0] } ?? [])
    }

    private static var registrations: [Registration] {
        var fields: [(name: String, file: String, values: [String: String])] = []
        for folder in folders {
            for name in FileTree.names(in: folder) where name.hasSuffix(".module") {
                let values = self.values(in: "\(folder)/\(name)")
                if let known = fields.firstIndex(where: { $0.name == name }) {
                    fields[known].values.merge(values) { $1 }
                } else {
                    fields.append((name, "\(folder)/\(name)", values))
                }
            }
        }
        return fields.compactMap { entry in
            guard let named = entry.values["module"] else { return nil }
            let path = named.hasPrefix("/") ? named : "\(moduleFolder)/\(named)"
            return Registration(file: entry.file, module: path, isDisabled: entry.values["enable-in"] == "")
        }
    }

    /// Where p11-kit looks for modules that are named without a folder.
    private static let moduleFolder = "/usr/\(InstallLayout.libraryFolders[0])/pkcs11"

    private static func values(in path: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in FileTree.text(of: path)?.split(whereSeparator: \.isNewline) ?? [] {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !line.hasPrefix("#") else { continue }
            let value = parts[1].drop { $0 == " " || $0 == "\t" }
            values[parts[0].filter { $0 != " " }] = String(value.reversed().drop { $0 == " " }.reversed())
        }
        return values
    }

    /// Whether programs find the module through p11-kit.
    static func isRegistered(_ module: String) -> Bool {
        registrations.contains { !$0.isDisabled && Companions.realPath($0.module) == module }
    }

    /// What is to be said of the module's registration.
    static func finding(_ module: String) -> Finding {
        let known = registrations
        let line = "module: \(module)"
        let register = "sudo mkdir -p \(own) && echo \(line.shellWord) | sudo tee \(own)/martlet.module"
        if let found = known.first(where: { Companions.realPath($0.module) == module }) {
            guard found.isDisabled else { return .good("the module is registered with p11-kit (\(found.file))") }
            return .bad(
                "\(found.file) registers the module with p11-kit, and another file of that name shows it to no program",
                run: enabling(found.file))
        }
        let gone = known.first { $0.module.hasSuffix("/" + InstallLayout.moduleName) && access($0.module, F_OK) != 0 }
        guard let gone else { return .bad("the module is not registered with p11-kit", run: register) }
        // The name of the file decides which of two counts.
        let name = gone.file.split(separator: "/").last.map(String.init) ?? "martlet.module"
        return .bad(
            "\(gone.file) registers \(gone.module) with p11-kit, which is not there",
            run: "echo \(line.shellWord) | sudo install -D -m 644 /dev/stdin \(own)/\(name.shellWord)")
    }

    /// The line that takes `enable-in` out of the files of a name, of which the last one that has it counts.
    private static func enabling(_ file: String) -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? ""
        let files = folders.map { "\($0)/\(name)" }.filter { values(in: $0)["enable-in"] == "" }
        return "sudo sed -i '/^ *enable-in *:/d' \(files.map(\.shellWord).joined(separator: " "))"
    }

    /// Other modules that show the same cards.
    static func others(beside module: String) -> [Finding] {
        registrations.filter { registration in
            !registration.isDisabled && access(registration.module, F_OK) == 0
                && registration.module.split(separator: "/").last.map { $0.hasPrefix("opensc-pkcs11") } ?? false
        }.map { registration in
            let name = registration.file.split(separator: "/").last.map(String.init) ?? "opensc-pkcs11.module"
            return .note(
                "p11-kit shows each card a second time, through OpenSC's module (\(registration.file))",
                run: "sudo mkdir -p \(own) && echo 'enable-in:' | sudo tee \(own)/\(name.shellWord)")
        }
    }
}
