/// What people should be told of a card beside the results that they asked for, each line once.
package struct Notices {
    private var noted: Set<String> = []
    private var waiting: [String] = []

    /// Nothing yet.
    package init() {}

    /// Has a line told, unless it was before. It holds nothing secret.
    package mutating func note(_ line: String) {
        if noted.insert(line).inserted { waiting.append(line) }
    }

    /// The lines that nobody was told yet.
    package mutating func take() -> [String] {
        defer { waiting = [] }
        return waiting
    }
}
