/// A caller's buffer, into which results are written without a copy in between. It is good for as long as the call that it was
/// made for, and lies apart from the data of that call.
public struct OutputBuffer {
    /// Where it begins: for who has libcrypto write there.
    public let start: UnsafeMutablePointer<UInt8>
    /// How many bytes it has room for.
    public let count: Int

    /// The memory that a caller has given. Nil where the data lie there too: they may be read only before something is written.
    public init?(_ start: UnsafeMutablePointer<UInt8>, count: Int, apartFrom data: RawSpan) {
        let isApart = data.withUnsafeBytes { data in
            guard let base = data.baseAddress, count > 0 else { return true }
            return UnsafeRawPointer(start) + count <= base || base + data.count <= UnsafeRawPointer(start)
        }
        guard isApart else { return nil }
        (self.start, self.count) = (start, count)
    }
}
