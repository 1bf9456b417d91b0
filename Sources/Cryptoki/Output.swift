import Platform

/// What a function that fills a buffer answers (PKCS#11 3.2, section 5.2).
public enum Output: Hashable, Sendable {
    /// The caller gave no buffer: this many bytes it must have. The operation stays.
    case length(Int)
    /// The caller's buffer is too small: this many bytes it must have. The operation stays.
    case tooSmall(Int)
    /// The result. With it one-part functions, and those that end an operation of parts, have ended it.
    case bytes([UInt8])
    /// The same for a plaintext: whoever delivers it wipes it.
    case secret([UInt8])

    /// Overwrites the result where it is secret.
    public mutating func wipe() {
        guard case .secret(var value) = self else { return }
        self = .length(0)
        value.wipe()
    }
}

extension Output {
    /// Whether this is the result.
    var isResult: Bool {
        switch self {
        case .bytes, .secret: true
        case .length, .tooSmall: false
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
