import ArgumentParser
import CLibrary
import HostCrypto

/// Prints manual pages: for `martlet install`, and for who makes a package.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page of this program, or of another one of Martlet's.",
        discussion: """
            Examples:
              martlet manual | man --local-file -
              martlet manual --program .build/release/martlet-card
            """,
        shouldDisplay: false)

    @Option(help: "The program. The default is this one.", completion: .file())
    var program: String?

    func run() throws {
        print(try Self.page(of: program), terminator: "")
    }

    /// The page of this program, or of another one.
    static func page(of program: String?) throws(CommandFailure) -> String {
        let description =
            if let program { try ProgramDescription.of(program: program) } else { try ProgramDescription.own() }
        return ManualPage(description, version: Martlet.configuration.version, date: date).text
    }

    /// That of the build where it is to be the same every time (https://reproducible-builds.org/specs/source-date-epoch).
    private static var date: String {
        let seconds = getenv("SOURCE_DATE_EPOCH").flatMap { Int(String(cString: $0)) }
        return (seconds.map(CalendarTime.init(secondsSince1970:)) ?? .now).date
    }
}
