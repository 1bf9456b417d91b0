import CLibrary

extension CommandFailure {
    /// Why the system does not let a file be used: as errno has it now.
    ///
    /// - Parameters:
    ///   - what: what cannot be done, such as "cannot read".
    ///   - hint: what helps where a permission is missing.
    init(system what: String, _ path: String, permission hint: String = "look at that path") {
        let reason = errno
        let isPermission = reason == EACCES || reason == EPERM || reason == EROFS
        self.init(
            "\(what) \(path.isEmpty ? "''" : path): \(String(cString: strerror(reason)))",
            hint: isPermission ? hint : "look at that path",
            isPermission ? .refused : .unavailable)
    }
}
