import CLibrary
import Token

/// Words that tell whose a card or a machine is, taken out of lines for others.
struct PrivateWords {
    private let standIns: StandIns
    private var words: Set<String> = []

    init(_ standIns: StandIns) {
        self.standIns = standIns
        var name = [CChar](repeating: 0, count: 256)
        if gethostname(&name, name.count - 1) == 0 {
            add(String(decoding: name.map { UInt8(bitPattern: $0) }.prefix { $0 != 0 }, as: UTF8.self))
        }
        for variable in ["HOME", "USER", "LOGNAME"] { add(getenv(variable).map { String(cString: $0) }) }
    }

    /// Serial numbers, labels, and names in certificates.
    mutating func add(_ cards: [CardToken]) {
        for card in cards {
            let token = try? card.information()
            add(token?.label)
            add(token?.serialNumber)
            add(try? card.printedNumber())
            add(card.reader)
            for content in (try? card.contents(areAllSought: true)) ?? [] {
                for name in [content.certificate?.commonName, KeyReport(content).certificate?.subject] { add(name) }
                // A subject is written in several ways: its values are sought, too.
                let parts = KeyReport(content).certificate?.subject.split(separator: ",") ?? []
                for part in parts { add(part.split(separator: "=").last.map(String.init)) }
            }
        }
    }

    private mutating func add(_ word: String?) {
        // What is shorter stands in too many others, and "root" is nobody's name.
        guard let word, word.count > 2, word != "/root", word != "root" else { return }
        words.insert(word)
    }

    /// The line with stand-ins, the longest words first.
    func masked(_ line: String) -> String {
        var line = line
        for word in words.sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
            line = line.replacing(word, with: standIns.text(word))
        }
        return line
    }
}
