import Glibc

/// Whether programs find the module: through p11-kit, and through ssh-agent.
enum ModuleCheck {
    static func findings(module named: String?) -> [Finding] {
        let module: String
        do throws(CommandFailure) {
            module = try Companions.module(named: named)
        } catch {
            return [.bad(error.message, mend: error.hint)]
        }
        return [registration(of: module), agent(module)]
    }

    // MARK: p11-kit

    private static var registrationFolders: [String] {
        let home = getenv("HOME").map { String(cString: $0) + "/.config/pkcs11/modules" }
        return ["/usr/share/p11-kit/modules", "/etc/pkcs11/modules"] + (home.map { [$0] } ?? [])
    }

    private static func registration(of module: String) -> Finding {
        for folder in registrationFolders {
            for file in FileTree.names(in: folder) where file.hasSuffix(".module") {
                guard let named = moduleLine(in: "\(folder)/\(file)") else { continue }
                let path = named.hasPrefix("/") ? named : "\(p11KitFolder)/\(named)"
                if Companions.realPath(path) == module {
                    return .good("the module is registered with p11-kit (\(folder)/\(file))")
                }
                if path.hasSuffix("/" + InstallLayout.moduleName), access(path, F_OK) != 0 {
                    return .bad(
                        "\(folder)/\(file) registers \(path) with p11-kit, which is not there",
                        mend: "sudo \(Companions.executable) install --prefix /usr")
                }
            }
        }
        return .bad(
            "the module is not registered with p11-kit",
            mend: "echo 'module: \(module)' | sudo tee /etc/pkcs11/modules/martlet.module")
    }

    /// Where p11-kit looks for modules that are named without a folder.
    private static let p11KitFolder = "/usr/\(InstallLayout.libraryFolders[0])/pkcs11"

    /// The value of the line `module:` (pkcs11.conf(5)).
    private static func moduleLine(in path: String) -> String? {
        for line in FileTree.text(of: path)?.split(whereSeparator: \.isNewline) ?? [] {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0] == "module" { return String(parts[1].drop { $0 == " " }) }
        }
        return nil
    }

    // MARK: ssh-agent

    /// What ssh-agent allows unless `-P` says otherwise (ssh-agent(1)).
    private static let usuallyAllowed = "/usr/lib*/*,/usr/local/lib*/*"

    private static func agent(_ module: String) -> Finding {
        guard let socket = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !socket.isEmpty else {
            return .note("no ssh-agent runs here", mend: "eval \"$(ssh-agent -P \(module))\"")
        }
        let known = getenv("SSH_AGENT_PID").flatMap { Int(String(cString: $0)) }
        let agents = RunningProcess.all.filter { $0.name == "ssh-agent" && (known == nil || $0.pid == known) }
        guard let agent = agents.last else {
            return .note(
                "the agent at \(socket) is not OpenSSH's, and may take no modules",
                mend: "eval \"$(ssh-agent -P \(module))\"")
        }
        let allowed = allowList(of: agent.arguments)
        guard allowed.split(separator: ",").contains(where: { fnmatch(String($0), module, 0) == 0 }) else {
            return .bad(
                "ssh-agent (\(agent.pid)) does not allow \(module)", mend: "eval \"$(ssh-agent -P \(module))\"")
        }
        return .good("ssh-agent allows the module")
    }

    private static func allowList(of arguments: [String]) -> String {
        guard let index = arguments.firstIndex(where: { $0.hasPrefix("-P") }) else { return usuallyAllowed }
        let attached = arguments[index].dropFirst(2)
        if !attached.isEmpty { return String(attached) }
        return arguments.indices.contains(index + 1) ? arguments[index + 1] : usuallyAllowed
    }
}
