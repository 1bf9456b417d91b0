/// Programs that run with a module that an upgrade has replaced: they keep the old one until they end.
enum OldModuleCheck {
    static func findings() -> [Finding] {
        RunningProcess.all.compactMap { process in
            let maps = FileTree.text(of: "/proc/\(process.pid)/maps")?.split(separator: "\n") ?? []
            guard maps.contains(where: { $0.hasSuffix("/\(InstallLayout.moduleName) (deleted)") }) else { return nil }
            return .note(
                "\(process.name) (\(process.pid)) runs with a module that has been replaced since",
                mend: "end it, and start it again: kill \(process.pid)")
        }
    }
}
