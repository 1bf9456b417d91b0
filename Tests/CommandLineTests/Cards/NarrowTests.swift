import TestSupport
import Testing

/// Pages for people: as wide as the terminal, and coloured only there.
@Suite struct NarrowTests {
    private static let martlet = Result {
        try MartletCommand(SimulatedCard(keys: SimulatedCard.fourKeys + ["82=p256"]))
    }

    private func page(
        _ arguments: [String], columns: Int? = nil, terminal: Bool = false, environment: [String: String] = [:]
    ) throws -> String {
        let martlet = try Self.martlet.get()
        guard terminal else {
            let width = columns.map { ["COLUMNS": String($0)] } ?? [:]
            return try martlet.run(arguments, environment: environment.merging(width) { $1 }).checked().text
        }
        let program = try PackageRoot.program("martlet")
        let settings = environment.map { "\($0.key)=\($0.value)" } + ["stty cols \(columns ?? 80);"]
        let line = ([settings.last ?? ""] + settings.dropLast() + [program] + arguments).joined(separator: " ")
        return try martlet.world.run(["script", "--quiet", "--return", "--command", line, "/dev/null"]).checked().text
    }

    @Test("No line is wider than the terminal, and what is cut says so", arguments: [40, 60, 80])
    func width(_ columns: Int) throws {
        for arguments in [["list"], ["pin", "tries"]] {
            let page = try page(arguments, columns: columns)
            for line in page.split(separator: "\n") where !line.hasPrefix("Yubico") {
                #expect(line.count <= columns, "\(line)")
            }
        }
        #expect(try page(["list"], columns: columns).contains("…") == (columns < 80))
        // In a terminal without the variable, too.
        let lines = try page(["list"], columns: columns, terminal: true).split(whereSeparator: \.isNewline)
        let plain = lines.map { $0.replacing(#/\u{1B}\[[0-9;]*[mK]/#, with: "") }
        for line in plain where !line.hasPrefix("Yubico") { #expect(line.count <= columns, "\(line)") }
    }

    @Test("Words of fields stay whole")
    func words() throws {
        let words = try page(["info", "9a"]).split { $0 == " " || $0 == "\n" }
        let narrow = try page(["info", "9a"], columns: 40).split { $0 == " " || $0 == "\n" }
        #expect(words == narrow)
    }

    @Test("Colour is for terminals alone, and never with NO_COLOR or on a dumb one")
    func colour() throws {
        let escape = "\u{1B}["
        #expect(try page(["list"], terminal: true, environment: ["TERM": "xterm"]).contains(escape))
        #expect(try !page(["list"], terminal: true, environment: ["TERM": "xterm", "NO_COLOR": "1"]).contains(escape))
        #expect(try !page(["list"], terminal: true, environment: ["TERM": "dumb"]).contains(escape))
        #expect(try !page(["list"]).contains(escape))
    }

    @Test("What takes more than a second is told of, with the time that has passed")
    func progress() throws {
        let card = SimulatedCard(keys: ["9a=p256"])
        let martlet = MartletCommand(try CardWorld(card: card.program()))
        try martlet.world.whileHeld("transaction") { letGo in
            let program = try PackageRoot.program("martlet")
            // At a terminal: a line that counts.
            let shown = try martlet.world.run([program, "list"], typing: [])
            #expect(shown.errorText.contains(" s)"), "\(shown)")
            // Elsewhere: one line after two seconds.
            let told = try martlet.run("list")
            #expect(told.errorText.contains("martlet: waiting: "), "\(told)")
            #expect(told.errorText.contains("the card in "), "\(told)")
            // The doctor says so, too, and whom it waits for.
            let doctor = try martlet.world.startInBackground(
                [program, "doctor", "--module", "/nonexistent"], log: "doctor.log")
            func said() throws -> String { String(decoding: try martlet.world.home.read("doctor.log"), as: UTF8.self) }
            let awaited =
                "martlet: waiting: waiting for the card in \(martlet.world.readerName()), which another program may hold\n"
            try Deadline.wait(for: "the line") { try said().contains(awaited) }
            try letGo()
            try Deadline.wait(for: "the doctor's end") {
                try !martlet.world.run("kill", "-0", String(doctor)).succeeded
            }
            let text = try said()
            #expect(text.contains("its PIN has 3 tries left"), "\(text)")
        }
    }
}
