import Token

extension CardToken {
    /// Asks for the code that unblocks the PIN. Fails where no try of it is left.
    func askForUnblockingCode() throws(CommandFailure) -> TypedPIN {
        let name = application.unblockingCode
        let left = try asking("asking for tries") { () throws(TokenError) in try token.unblockingStatus().retriesLeft }
        guard left != 0 else {
            throw CommandFailure(
                "the \(name) is blocked, or there is none",
                hint: application == .piv
                    ? "only a reset helps: martlet reset" : "use the admin PIN: martlet pin unblock --admin", .refused)
        }
        return try PINPrompt.require("\(name.capitalizedFirst) of \(try title()):", what: name)
    }
}
