import HostCrypto
import Keys

/// A result that a caller's buffer could not take in, kept for the next call with the same data: no second touch or PIN
/// where the card computed it. Whoever computes results whose length is not known before has one of these, and computes
/// from the data alone, so that nothing is left of data that were given up.
struct HeldOutput {
    private var held: (output: Output, hash: [UInt8])?

    /// The result of these data, or how large a buffer it wants.
    ///
    /// - Parameter compute: the result, where what is held is none or of other data.
    mutating func deliver(
        _ data: RawSpan, capacity: Int, _ compute: () throws(ReturnCode) -> Output
    ) throws(ReturnCode) -> Output {
        var known = held.take()
        let output: Output
        if let known, try Self.hash(data) == known.hash {
            output = known.output
        } else {
            known?.output.wipe()
            output = try compute()
        }
        guard let count = output.resultCount, count > capacity else { return output }
        held = (output, try Self.hash(data))
        return .tooSmall(count)
    }

    /// Lets go of what is held, and overwrites it.
    mutating func wipe() {
        held?.output.wipe()
        held = nil
    }

    /// The SHA-256 hash of the data.
    private static func hash(_ data: RawSpan) throws(ReturnCode) -> [UInt8] {
        do throws(HostCryptoError) {
            return try Digest.sha256.hash(data)
        } catch {
            throw ReturnCode(error)
        }
    }
}
