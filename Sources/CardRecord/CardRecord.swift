/// What passed between a program and a card, as a file of text that tells nobody whose card it was: what `martlet record`
/// writes and `martlet-card replay` answers from.
///
/// The first line is `martlet-record 1`. Then, one in a line: `reader` and its name; `atr` and the answer to reset; `>` and a
/// command; `<` and its answer, which always follows its command; `!` and why none came. Bytes are hexadecimal digits. Of a
/// secret command its first four bytes stand there, and `[9 bytes, secret]` for what follows them; of a secret answer
/// `[9 bytes, secret]`, and its status word. Lines that begin with `#`, and empty ones, are for people.
public struct CardRecord: Hashable, Sendable {
    /// The reader's name, without the numbers in it.
    public var reader: String
    /// The card's answer to reset.
    public var answerToReset: [UInt8]
    /// In the order in which they were sent.
    public var exchanges: [Exchange]

    /// A command and its answer, each as it crossed the wire: a part of a chain, or a GET RESPONSE, is one.
    public struct Exchange: Hashable, Sendable {
        /// The command's bytes; of a secret one the first four.
        public var command: [UInt8]
        /// How many bytes of the command are left out.
        public var hiddenCommand: Int
        /// The answer's bytes, the status word last; of a secret one that alone. Empty where none came.
        public var answer: [UInt8]
        /// How many bytes of the answer are left out.
        public var hiddenAnswer: Int

        /// An exchange of which nothing, or so many bytes, is left out.
        public init(command: [UInt8], hiddenCommand: Int = 0, answer: [UInt8] = [], hiddenAnswer: Int = 0) {
            (self.command, self.hiddenCommand) = (command, hiddenCommand)
            (self.answer, self.hiddenAnswer) = (answer, hiddenAnswer)
        }
    }

    /// A record of these.
    public init(reader: String, answerToReset: [UInt8], exchanges: [Exchange]) {
        (self.reader, self.answerToReset, self.exchanges) = (reader, answerToReset, exchanges)
    }

    /// The number of the form: it grows where an older reader would misread a record.
    public static let format = 1
}
