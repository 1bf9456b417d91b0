import ArgumentParser
import Glibc

/// The command line of Martlet.
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "The keys on a PIV card, for every program that speaks PKCS#11.",
        discussion: """
            The module itself is libmartlet-pkcs11.so; programs load it by its path. This program shows what it sees, \
            and installs it.

            Exit codes:
              0   done
              1   the card, the module or a program failed
              64  the command line is not understood
              69  a file or a program is missing
              77  not permitted, or the PIN is wrong or blocked
            """,
        version: "0.1.0",
        subcommands: [Demo.self, Install.self, Uninstall.self])
}

/// The program's start, where errors of every kind get the same form.
@main
enum Program {
    static func main() {
        do {
            var command = try Martlet.parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            failure.report()
            exit(failure.code.rawValue)
        } catch  where Martlet.exitCode(for: error).isSuccess {
            // --help and --version come this way.
            Martlet.exit(withError: error)
        } catch {
            CommandFailure(Martlet.message(for: error), hint: "see martlet --help", .usage).report()
            exit(CommandFailure.Code.usage.rawValue)
        }
    }
}
