import HostCrypto

/// Runs what the host computes, and makes a failure for a person out of an error.
func computing<R: ~Copyable>(_ body: () throws(HostCryptoError) -> R) throws(CommandFailure) -> R {
    do throws(HostCryptoError) {
        return try body()
    } catch {
        switch error {
        case .libcrypto(let step):
            throw CommandFailure("libcrypto failed at \(step)", hint: "look at OpenSSL's configuration")
        case .invalidKey: throw CommandFailure("that is no valid key", hint: "look at what was given", .data)
        case .malformed, .invalidLength, .invalidPadding, .limitExceeded:
            throw CommandFailure("what was given is malformed", hint: "look at what was given", .data)
        case .unsupported: throw CommandFailure("this kind of key cannot do that", hint: "choose another key", .usage)
        case .outOfMemory: throw CommandFailure("no memory is left", hint: "try again when the system has more")
        }
    }
}
