import HostCrypto
import Platform
import SoftToken

/// An encryption or decryption that needs the whole message: parts are gathered, and the result comes at the end.
protocol WholeMessage {
    /// The most bytes that the message may have.
    var mostInput: Int { get }
    /// Whether what comes out is a plaintext.
    var isSecret: Bool { get }
    /// Whether a plaintext is of a key that not everybody may use: it is kept in pages of its own.
    var isKept: Bool { get }
    /// Whether `outputSize` tells the true size, and not just the most.
    var isSizeExact: Bool { get }

    /// How many bytes come out for so many.
    func outputSize(for count: Int) -> Int

    /// Throws where the message cannot have that length.
    func check(_ count: Int) throws(ReturnCode)

    /// What comes out.
    func run(_ message: RawSpan) throws(ReturnCode) -> [UInt8]
}

extension WholeMessage {
    var isKept: Bool { false }
}

/// Gathers a message and puts it through its transformation.
final class WholeCipher: CipherOperation {
    private let message: any WholeMessage
    /// What came in parts so far.
    private var gathered: [UInt8] = []
    private var held = HeldOutput()

    init(_ message: any WholeMessage) { self.message = message }

    deinit {
        gathered.wipe()
        held.wipe()
    }

    func process(_ data: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output {
        guard let capacity else { return try length(for: data.byteCount) }
        return try deliver(data, capacity)
    }

    func update(_ part: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output {
        guard capacity != nil else { return .length(0) }
        guard part.byteCount <= min(message.mostInput, SymmetricCipher.mostBuffered) - gathered.count else {
            throw CipherScheme.lengthError(isEncrypting: !message.isSecret)
        }
        gathered.append(contentsOf: part)
        return .bytes([])
    }

    func finish(capacity: Int?) throws(ReturnCode) -> Output {
        guard let capacity else { return try length(for: gathered.count) }
        let whole = gathered
        return try deliver(whole.span.bytes, capacity)
    }

    /// The answer to a question for the length. What cannot be encrypted has none; of a ciphertext nothing is said before it is
    /// decrypted.
    private func length(for count: Int) throws(ReturnCode) -> Output {
        if !message.isSecret { try message.check(count) }
        return .length(message.outputSize(for: count))
    }

    private func deliver(_ data: RawSpan, _ capacity: Int) throws(ReturnCode) -> Output {
        try message.check(data.byteCount)
        let size = message.outputSize(for: data.byteCount)
        if message.isSizeExact, let early = Output.early(size: size, capacity: capacity) { return early }
        return try held.deliver(data, capacity: capacity) { () throws(ReturnCode) in try result(of: data) }
    }

    /// What comes out: what a private key, or the card, deciphered is kept in pages of its own; what the host decrypts with
    /// a key that all may use can be too long for them.
    private func result(of data: RawSpan) throws(ReturnCode) -> Output {
        var bytes = try message.run(data)
        guard message.isSecret else { return .bytes(bytes) }
        guard message.isKept else { return .plaintext(bytes) }
        return .secret(try ReturnCode.translating { () throws(SoftTokenError) in try StoredSecret(wiping: &bytes) })
    }
}
