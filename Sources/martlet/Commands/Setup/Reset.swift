import ArgumentParser
import Token

/// Takes an application back to the factory.
struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete all keys, certificates and PINs of PIV or OpenPGP, for good.",
        discussion: """
            The application's serial number, as martlet list shows it, must be typed. The other application of the card \
            keeps what it has.

            Example: martlet reset --application piv
            """)

    @OptionGroup var selection: ApplicationSelection

    func run() throws {
        let card = try selection.token()
        let serial = try card.information().serialNumber
        try Confirmation.ask(
            "All keys, certificates and PINs of \(try card.title()) will be lost for good. "
                + (serial.isEmpty ? "Type \"reset\" to go on:" : "Type its serial number to go on:"),
            serial.isEmpty ? "reset" : serial)
        let spinner = Spinner("The card is reset.")
        defer { spinner.end() }
        try card.asking("resetting \(card.application.rawValue)") { () throws(TokenError) in try card.token.reset() }
        spinner.end()
        print("\(card.application.rawValue) is as it left the factory.")
    }
}
