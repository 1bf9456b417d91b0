import ArgumentParser
import OpenPGP
import PIV
import Token

/// The card applications that this program knows.
enum CardApplication: String, CaseIterable, Encodable {
    case piv = "PIV"
    case openPGP = "OpenPGP"

    /// The application that a token is one of; nil for a kind of token that this program does not know yet.
    init?(_ token: any Token) {
        switch token {
        case is PIVToken: self = .piv
        case is OpenPGPToken: self = .openPGP
        default: return nil
        }
    }

    /// The name by which specifications and other programs call a key reference.
    func name(ofKey number: UInt32) -> String {
        switch self {
        case .piv: String(number, radix: 16, uppercase: true)
        case .openPGP: KeyName.openPGPNames.first { $0.value == number }?.key.uppercased() ?? String(number)
        }
    }

    /// What the administrator's secret is called.
    var administratorSecret: String {
        switch self {
        case .piv: "management key"
        case .openPGP: "admin PIN"
        }
    }

    /// What the code is called that gives a blocked PIN a new value.
    var unblockingCode: String {
        switch self {
        case .piv: "PUK"
        case .openPGP: "reset code"
        }
    }
}

extension CardApplication: ExpressibleByArgument {
    /// The application of this name, in any case of letters.
    init?(argument: String) {
        let found = Self.allCases.first { $0.rawValue.lowercased() == argument.lowercased() }
        guard let found else { return nil }
        self = found
    }

    static var allValueStrings: [String] { allCases.map { $0.rawValue.lowercased() } }
}
