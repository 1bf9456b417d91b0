/// The numbers by which people know a token.
struct SerialNumber {
    /// As `martlet list` shows them: the token's, and the one that is printed on it.
    private let shown: [String]

    init(of card: CardToken) throws(CommandFailure) {
        let serial = try card.information().serialNumber
        // An OpenPGP token's begins with its maker's number, which gpg shows apart, and nobody prints.
        let without = card.application == .openPGP && serial.count == 12 ? [String(serial.suffix(8))] : []
        shown = [serial] + without + (try card.printedNumber().map { [$0] } ?? [])
    }

    /// Whether this is what a person means who types a number: what is shown here; what `gpg --card-status` shows, as serial
    /// number or as Application ID; or the number that is printed on a YubiKey. Zeros at the beginning count for nothing.
    func matches(_ typed: String) -> Bool {
        let typed = Self.withoutSeparators(typed)
        let meant = [typed, Self.serialNumber(ofApplicationID: typed)].compactMap { $0 }.map(Self.significant)
        return shown.contains { meant.contains(Self.significant($0)) }
    }

    /// One form for all in which a person may write a number: two that have the same mean the same card.
    static func plain(_ typed: String) -> Substring { significant(withoutSeparators(typed)) }

    private static func withoutSeparators(_ typed: String) -> String {
        typed.lowercased().filter { $0 != " " && $0 != ":" }
    }

    private static func significant(_ number: String) -> Substring {
        let digits = number.lowercased().drop { $0 == "0" }
        return digits.isEmpty ? "0" : digits
    }

    /// An OpenPGP card's application identifier: D27600012401, two bytes of version, two of manufacturer, four of serial
    /// number, two of zeros (OpenPGP card 3.4.1, section 4.2.1).
    private static func serialNumber(ofApplicationID text: String) -> String? {
        guard text.count == 32, text.hasPrefix("d27600012401") else { return nil }
        return String(text.dropFirst(16).prefix(12))
    }
}
