extension String {
    /// The text as one word of a shell's line.
    var shellWord: String {
        let isPlain =
            !isEmpty && allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "/._-+:=@%,".contains($0) }
        guard !isPlain else { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
