import Token

extension PINStatus {
    /// The tries that are left, for a person.
    var cell: Page.Cell {
        guard let retriesLeft else { return Page.Cell("not told") }
        guard retriesLeft > 0 else { return Page.Cell("none left", .bad) }
        return Page.Cell(retriesInAll.map { "\(retriesLeft) of \($0)" } ?? "\(retriesLeft)")
    }
}
