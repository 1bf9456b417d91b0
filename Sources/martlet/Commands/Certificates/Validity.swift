import ArgumentParser
import HostCrypto

/// From when until when a certificate is valid.
struct Validity: ParsableArguments {
    static let usualDays = 365

    @Option(help: "For how many days it is valid. (default: \(usualDays))")
    var days: Int?

    @Option(help: "The first day, such as 2027-01-31, or the moment: 2027-01-31T08:00:00Z. The default is now.")
    var notBefore: Moment?

    @Option(help: "The last day or moment, in the place of --days.")
    var notAfter: Moment?

    func validate() throws {
        guard days == nil || notAfter == nil else { throw ValidationError("--days and --not-after say the same twice") }
        guard (1...36_500).contains(days ?? Self.usualDays) else {
            throw ValidationError("--days is a number from 1 to 36500")
        }
        // RFC 5280, section 4.1.2.5: four digits.
        guard last.year <= 9999 else { throw ValidationError("--days leads beyond the year 9999") }
        guard first < last else { throw ValidationError("--not-after is before the first moment") }
    }

    /// Whether nobody said how long.
    var isUsual: Bool { days == nil && notAfter == nil }

    var first: CalendarTime { notBefore?.first ?? .now }

    var last: CalendarTime {
        if let notAfter { return notAfter.last }
        let begin = notBefore?.secondsSince1970
        return begin.map { CalendarTime(secondsSince1970: $0 + (days ?? Self.usualDays) * 86_400) }
            ?? .now(plusDays: days ?? Self.usualDays)
    }
}

/// A day or a moment, in UTC, as people write it (RFC 3339).
struct Moment: ExpressibleByArgument {
    let first: CalendarTime
    let last: CalendarTime

    init?(argument: String) {
        let isDay = argument.count == 10
        let text = isDay ? argument + "T00:00:00Z" : argument
        guard text.count == 20, text.last == "Z" || text.last == "z" else { return nil }
        let characters = Array(text)
        guard characters[4] == "-", characters[7] == "-", "Tt ".contains(characters[10]), characters[13] == ":",
            characters[16] == ":"
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            let digits = characters[range]
            return digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(String(digits)) : nil
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1950...9999).contains(year)
        else { return nil }
        let moment = CalendarTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        // A day that there is not becomes another one on its way.
        guard CalendarTime(secondsSince1970: moment.secondsSince1970) == moment else { return nil }
        first = moment
        last =
            isDay ? CalendarTime(year: year, month: month, day: day, hour: 23, minute: 59, second: 59) : moment
    }

    var secondsSince1970: Int { first.secondsSince1970 }
}
