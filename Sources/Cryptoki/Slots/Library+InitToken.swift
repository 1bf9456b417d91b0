import CPKCS11
import Token

/// C_InitToken (PKCS#11 3.2, section 5.5.7).
extension Library {
    /// C_InitToken: puts the card's application back to the factory's state, and gives it the SO's secret again.
    ///
    /// No program is to do that by accident, and a card keeps no label; so the label must be the token's serial number,
    /// which nobody gives who does not mean this very card.
    ///
    /// - Parameter label: as the caller gives it, padded with blanks.
    public func initializeToken(_ slotID: UInt, officerPIN: RawSpan, label: [UInt8]) throws(ReturnCode) {
        let slot = try slot(slotID)
        let token = try token(in: slot)
        try slot.login.withLock { (turn) throws(ReturnCode) in
            guard tables.withLock({ $0[slot].sessions.isEmpty }) else { throw .sessionExists }
            let information = try calls.asking(slot, token, "C_InitToken", as: .initializeToken, in: &turn) {
                () throws(TokenError) in
                try token.information()
            }
            let name = String(decoding: label.prefix { $0 != 0 }, as: UTF8.self)
            guard !information.serialNumber.isEmpty, name.trimmingBlanks == information.serialNumber else {
                log.line("C_InitToken: nothing was done: the label must be the serial number of the token")
                throw .tokenWriteProtected
            }
            try calls.asking(slot, token, "C_InitToken", as: .initializeToken, in: &turn) { () throws(TokenError) in
                try PINText.check(officerPIN)
                try token.loginAdministrator(secret: officerPIN)
                // Nobody is logged in by this call, whatever comes of it.
                defer { token.logout() }
                try token.reset(administratorSecret: officerPIN)
            }
            tables.withLock { $0.objects.endAll(in: slot) }
        }
    }
}

extension String {
    /// Without the blanks at its end.
    fileprivate var trimmingBlanks: Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
