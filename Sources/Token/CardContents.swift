/// What the opening of a card found on it.
public struct CardContents: Sendable {
    /// Looks for an application: its token, or nil where the card has no such application.
    public typealias Opening = @Sendable () throws(TokenError) -> (any Token)?

    /// One place for each application: its token, or nil where the application did not answer. A token keeps its place.
    public private(set) var tokens: [(any Token)?]
    /// How the applications that did not answer are looked for, by their places.
    private var unanswered: [Int: Opening]

    /// - Parameter unanswered: how the applications whose token is missing are looked for, by their places.
    public init(_ tokens: [(any Token)?], unanswered: [Int: Opening] = [:]) {
        self.tokens = tokens
        self.unanswered = unanswered
    }

    /// Whether every application has answered.
    public var isComplete: Bool { unanswered.isEmpty }

    /// Looks once more for the applications that did not answer. The place of one that the card does not have after all
    /// stays empty.
    public mutating func lookAgain() {
        for (place, open) in unanswered {
            guard case .success(let token) = Result(catching: open) else { continue }
            tokens[place] = token
            unanswered[place] = nil
        }
    }
}
