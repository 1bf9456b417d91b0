import PKCS11Provider

/// The lines that make ssh use the module.
struct SSHAdvice {
    let module: String
    let page: Page

    /// Ends with the lines for `~/.ssh/config`.
    func show() {
        page.heading("With ssh")
        page.line("The public keys, for a server's ~/.ssh/authorized_keys:")
        page.verbatim(["ssh-keygen -D \(word)"])
        page.line("The lines for your ~/.ssh/config:")
        page.verbatim(["Host *", "    PKCS11Provider \(word)"])
    }

    /// The path as a shell and ssh_config read it.
    private var word: String {
        module.contains(" ") ? "\"\(module)\"" : module
    }
}
