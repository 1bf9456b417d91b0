/// Shows on a terminal that the card is at work, until it has done: making an RSA key takes a card a minute or more.
final class Spinner {
    private var number: Int?

    /// Begins to spin where standard error is a terminal.
    init(_ text: String) { number = Progress.begin(text, .atOnce) }

    /// Ends, and takes the line away.
    func end() {
        if let number { Progress.end(number) }
        number = nil
    }
}
