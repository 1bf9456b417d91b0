import CLibrary

extension [UInt8] {
    /// Overwrites the elements with zeros, in a way that the optimiser keeps, and empties the array. Reaches
    /// every copy only where the array was allocated once at its size and never copied.
    public mutating func wipe() {
        withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { explicit_bzero(base, bytes.count) }
        }
        removeAll(keepingCapacity: false)
    }

    /// Appends the bytes of a borrowed span.
    public mutating func append(contentsOf span: RawSpan) {
        span.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// The bytes of a borrowed span.
    public init(_ span: RawSpan) {
        self = span.withUnsafeBytes { [UInt8]($0) }
    }
}
