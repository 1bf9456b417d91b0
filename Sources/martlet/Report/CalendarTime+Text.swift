import CLibrary
import HostCrypto

extension CalendarTime {
    /// This moment.
    static var now: CalendarTime { CalendarTime(secondsSince1970: CLibrary.time(nil)) }

    /// The moment so many days from now.
    static func now(plusDays days: Int) -> CalendarTime {
        CalendarTime(secondsSince1970: CLibrary.time(nil) + days * 86_400)
    }

    /// The moment so many seconds after 1970 began.
    init(secondsSince1970 seconds: Int) {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        self.init(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }

    /// The seconds since 1970 began.
    var secondsSince1970: Int {
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(clamping: year - 1900), Int32(month - 1), Int32(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        return timegm(&parts)
    }

    /// Year, month and day (ISO 8601).
    var date: String { "\(Self.digits(year, 4))-\(Self.digits(month))-\(Self.digits(day))" }

    /// Date and time in UTC (RFC 3339).
    var timestamp: String { date + "T\(Self.digits(hour)):\(Self.digits(minute)):\(Self.digits(second))Z" }

    static func < (one: Self, other: Self) -> Bool {
        (one.year, one.month, one.day, one.hour, one.minute, one.second)
            < (other.year, other.month, other.day, other.hour, other.minute, other.second)
    }

    private static func digits(_ number: Int, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

extension Certificate {
    /// Whether its last moment has passed.
    var isExpired: Bool { notAfter.map { $0 < .now } ?? false }

    /// Whether its first moment is still to come.
    var isNotYetValid: Bool { notBefore.map { CalendarTime.now < $0 } ?? false }
}
