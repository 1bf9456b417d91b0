/// What a function that fills a buffer answers (PKCS#11 3.2, section 5.2).
public enum Output: Sendable {
    /// The caller gave no buffer: this many bytes it must have. The operation stays.
    case length(Int)
    /// The caller's buffer is too small: this many bytes it must have. The operation stays.
    case tooSmall(Int)
    /// The result. The operation has ended.
    case bytes([UInt8])
    /// The same for a result that nobody else may see: the buffer is filled from its only copy.
    case secret(StoredSecret)
}

extension Output {
    /// The answer that needs no result, or nil where the buffer is there and large enough.
    ///
    /// - Parameter capacity: the size of the caller's buffer, or nil where there is none.
    static func early(size: Int, capacity: Int?) -> Output? {
        guard let capacity else { return .length(size) }
        return capacity < size ? .tooSmall(size) : nil
    }
}
