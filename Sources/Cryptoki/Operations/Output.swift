import Platform

/// What a function that fills a buffer answers (PKCS#11 3.2, section 5.2).
public enum Output: Sendable {
    /// The caller gave no buffer: this many bytes it must have. The operation stays.
    case length(Int)
    /// The caller's buffer is too small: this many bytes it must have. The operation stays.
    case tooSmall(Int)
    /// The result. With it one-part functions, and those that end an operation of parts, have ended it.
    case bytes([UInt8])
    /// The same for a result of so many bytes that stands in the caller's buffer already.
    case written(Int)
    /// The same for a result that nobody else may see: the buffer is filled from its only copy.
    case secret(StoredSecret)
    /// The same for a plaintext of any length, which the host decrypted: whoever delivers it wipes it.
    case plaintext([UInt8])

    /// Overwrites the result where it is a plaintext.
    public mutating func wipe() {
        guard case .plaintext(var value) = self else { return }
        self = .length(0)
        value.wipe()
    }
}

extension Output {
    /// Whether this is the result.
    var isResult: Bool { resultCount != nil }

    /// How many bytes the result has, where this is one.
    var resultCount: Int? {
        switch self {
        case .bytes(let bytes), .plaintext(let bytes): bytes.count
        case .written(let count): count
        case .secret(let secret): secret.count
        case .length, .tooSmall: nil
        }
    }

    /// The answer that needs no result, or nil where the buffer is there and large enough.
    ///
    /// - Parameter capacity: the size of the caller's buffer, or nil where there is none.
    static func early(size: Int, capacity: Int?) -> Output? {
        guard let capacity else { return .length(size) }
        return capacity < size ? .tooSmall(size) : nil
    }
}
