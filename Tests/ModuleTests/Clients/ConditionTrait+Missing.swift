import Testing

extension Trait where Self == ConditionTrait {
    /// Skips the tests where something is missing that they need, and says what.
    static func unless(missing: String?) -> Self {
        .enabled(if: missing == nil, Comment(rawValue: missing ?? ""))
    }
}
