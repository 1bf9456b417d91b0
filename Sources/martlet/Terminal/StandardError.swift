import CLibrary

/// Standard error, without a buffer.
enum StandardError {
    static func write(_ text: String) {
        text.utf8CString.withUnsafeBufferPointer { _ = CLibrary.write(STDERR_FILENO, $0.baseAddress, $0.count - 1) }
    }
}
