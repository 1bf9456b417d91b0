/// Owns one object of libcrypto, and frees it at the end of its scope.
struct NativeHandle: ~Copyable {
    /// The object. Valid as long as the handle.
    let pointer: OpaquePointer
    private let free: (OpaquePointer?) -> Void

    /// Takes what a constructor named `step` returned; nil becomes an error.
    init(
        _ pointer: OpaquePointer?, step: String, free: @escaping (OpaquePointer?) -> Void
    ) throws(HostCryptoError) {
        guard let pointer else { throw .libcrypto(step: step) }
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}

/// Makes an error of a libcrypto call that did not answer 1.
func require(_ result: Int32, _ step: String) throws(HostCryptoError) {
    guard result == 1 else { throw .libcrypto(step: step) }
}
