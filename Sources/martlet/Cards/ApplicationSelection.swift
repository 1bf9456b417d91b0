import ArgumentParser

/// Which application of which card a command is for that names no key.
struct ApplicationSelection: ParsableArguments {
    @Option(help: "The application of the card: piv or openpgp. Needed where it has both.")
    var application: CardApplication?

    @OptionGroup var selection: CardSelection

    func token() throws(CommandFailure) -> CardToken { try selection.token(application) }
}
