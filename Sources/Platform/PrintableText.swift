extension String {
    /// The text on one line, without the control characters by which a card, or the name of a reader, could steer a
    /// terminal or forge a line.
    public var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
