import ArgumentParser
import CLibrary
import Version

/// The command line of Martlet.
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "The keys on a PIV or OpenPGP card, for every program that speaks PKCS#11.",
        discussion: """
            The module itself is libmartlet-pkcs11.so; programs load it by its path. This program shows cards, uses their \
            keys and certificates, and installs the module. PINs are asked for on the terminal. A key is named as its \
            application does: 9a, 9c, 9d, 9e, 82 to 95 on PIV, sig, dec, aut on OpenPGP.

            Examples:
              martlet list
              martlet doctor
              martlet export-ssh 9a
              martlet certificate request 9a --subject 'CN=Jane Doe'

            Shell completion: martlet --generate-completion-script bash, zsh or fish.

            Exit codes:
              0   done
              1   the card, the module or a program failed; the doctor found something
              64  the command line is not understood, or does not fit the card
              65  what was given is not what it should be: no certificate, a ciphertext for another key
              69  a file, a program or a card is missing, or not to be had
              77  not permitted, or the PIN is wrong or blocked
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Cards", subcommands: [List.self, Info.self, Doctor.self]),
            CommandGroup(
                name: "Keys", subcommands: [ExportSSH.self, CertificateCommand.self, Sign.self, Decrypt.self]),
            CommandGroup(
                name: "Setting a card up",
                subcommands: [
                    Setup.self, GenerateKey.self, ImportKey.self, MoveKey.self, DeleteKey.self, Attest.self,
                    PINCommand.self,
                    ManagementKey.self, Reset.self, Repair.self,
                ]),
            CommandGroup(
                name: "Module",
                subcommands: [
                    Config.self, Trace.self, Record.self, Report.self, Demo.self, Install.self, Uninstall.self,
                    Manual.self, ProbeModule.self,
                ]),
        ])

    @Flag(help: "Show the licences of what is linked into the module and the programs.")
    var licences = false

    func run() throws {
        guard licences else { throw CleanExit.helpRequest(self) }
        print(Licences.text, terminator: "")
    }
}

/// The program's start, where errors of every kind get the same form.
@main
enum Program {
    static func main() {
        StandardFiles.open()
        Interruption.install()
        do {
            try run()
            try StandardOutput.finish()
        } catch let failure as CommandFailure {
            failure.report()
            exit(failure.code.rawValue)
        } catch let code as ExitCode {
            do { try StandardOutput.finish() } catch {
                error.report()
                exit(error.code.rawValue)
            }
            exit(code.rawValue)
        } catch {
            CommandFailure(parsing: error).report()
            exit(CommandFailure.Code.usage.rawValue)
        }
    }

    private static func run() throws {
        do {
            if let help = try CommandLineWords().help() { return HelpText(help).show() }
            var command = try Martlet.parseAsRoot()
            defer { LoginEnd.logOut() }
            try command.run()
        } catch  where !(error is CommandFailure || error is ExitCode) && Martlet.exitCode(for: error).isSuccess {
            // --help, --version and completion come this way.
            HelpText(Martlet.fullMessage(for: error, columns: HelpText.unlimited)).show()
        }
    }
}
