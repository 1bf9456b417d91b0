import PKCS11Provider

/// The lines that make ssh use the module.
struct SSHAdvice {
    let module: String

    /// The path as a shell and ssh_config read it.
    var word: String { module.contains(" ") ? "\"\(module)\"" : module }

    /// For `~/.ssh/config`.
    var configuration: [String] { ["Host *", "    PKCS11Provider \(word)"] }

    /// Shows what to do with ssh.
    func show(on page: Page) {
        page.heading("With ssh")
        page.line("The public keys, for a server's ~/.ssh/authorized_keys:")
        page.verbatim(["ssh-keygen -D \(word)"])
        page.line("The lines for your ~/.ssh/config:")
        page.verbatim(configuration)
    }
}
