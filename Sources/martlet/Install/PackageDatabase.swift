import CLibrary

/// What dpkg knows of files: those of a package are dpkg's to change.
enum PackageDatabase {
    /// Refuses where a package owns one of these files of the running system.
    static func refuse(_ paths: [String]) throws(CommandFailure) {
        for list in FileTree.names(in: folder + "/info") where list.hasSuffix(".list") {
            let owned = Set(FileTree.text(of: "\(folder)/info/\(list)")?.split(separator: "\n") ?? [])
            guard let path = paths.first(where: { owned.contains(Substring($0)) }) else { continue }
            let package = list.dropLast(5).split(separator: ":").first.map(String.init) ?? list
            throw CommandFailure(
                "\(path) belongs to the Debian package \(package)", hint: "apt-get remove \(package)", .refused)
        }
    }

    /// The folder of dpkg's database, as dpkg(1) lets the environment name it.
    private static var folder: String {
        getenv("DPKG_ADMINDIR").map { String(cString: $0) } ?? "/var/lib/dpkg"
    }
}
