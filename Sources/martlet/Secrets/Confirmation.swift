/// What a person types to show that something is meant.
enum Confirmation {
    /// Throws unless this word is typed, in any case of letters.
    static func ask(_ question: String, _ word: String) throws(CommandFailure) {
        guard let typed = PINPrompt.askOpenly(question), typed.lowercased() == word.lowercased() else {
            throw CommandFailure("nothing was changed", hint: "type \(word) on the terminal to go on", .refused)
        }
    }
}
