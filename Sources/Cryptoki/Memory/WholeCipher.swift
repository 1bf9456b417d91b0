import HostCrypto
import Platform

/// An encryption or decryption that needs the whole message: parts are gathered, and the result comes at the end.
protocol WholeMessage {
    /// The handle of the key, where the operation does not outlive it.
    var requiredHandle: UInt? { get }
    /// The most bytes that the message may have.
    var mostInput: Int { get }
    /// Whether what comes out is a plaintext.
    var isSecret: Bool { get }
    /// Whether `outputSize` tells the true size, and not just the most.
    var isSizeExact: Bool { get }

    /// How many bytes come out for so many.
    func outputSize(for count: Int) -> Int

    /// Throws where the message cannot have that length.
    func check(_ count: Int) throws(ReturnCode)

    /// What comes out.
    func run(_ message: RawSpan, _ operation: WholeCipher, _ library: Library) throws(ReturnCode) -> [UInt8]
}

extension WholeMessage {
    var requiredHandle: UInt? { nil }
}

/// Gathers a message and puts it through its transformation.
final class WholeCipher: CipherOperation {
    /// What is gathered at most. A plaintext is not given out before its tag has been found right, so a message that is
    /// decrypted in parts must fit in here; one that is there at once may be longer.
    static let mostBuffered = 64 << 20

    let secretKey: SecretKeyUse?
    var privateKey: KeyUse?
    var isMultiPart = false
    private let message: any WholeMessage
    /// What came in parts so far.
    private var gathered: [UInt8] = []
    private var held = HeldOutput()

    init(_ message: any WholeMessage, _ secretKey: SecretKeyUse?, privateKey: KeyUse? = nil) {
        self.message = message
        self.secretKey = secretKey
        self.privateKey = privateKey
    }

    deinit {
        gathered.wipe()
        held.wipe()
    }

    func process(
        _ data: RawSpan, capacity: Int?, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output {
        guard let capacity else { return .length(message.outputSize(for: data.byteCount)) }
        return try deliver(data, capacity, library, session)
    }

    func update(_ part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        guard capacity != nil else { return .length(0) }
        guard part.byteCount <= min(message.mostInput, Self.mostBuffered) - gathered.count else {
            throw CipherScheme.lengthError(isEncrypting: !message.isSecret)
        }
        gathered.append(contentsOf: part)
        return .bytes([])
    }

    func finish(capacity: Int?, _ library: Library, _ session: Session) throws(ReturnCode) -> Output {
        guard let capacity else { return .length(message.outputSize(for: gathered.count)) }
        let whole = gathered
        return try deliver(whole.span.bytes, capacity, library, session)
    }

    private func deliver(
        _ data: RawSpan, _ capacity: Int, _ library: Library, _ session: Session
    ) throws(ReturnCode) -> Output {
        try message.check(data.byteCount)
        let size = message.outputSize(for: data.byteCount)
        if message.isSizeExact, let early = Output.early(size: size, capacity: capacity) { return early }
        if let handle = message.requiredHandle { try library.checkStillVisible(handle, in: session) }
        return try held.deliver(data, capacity: capacity) { () throws(ReturnCode) in try result(data, library) }
    }

    /// What comes out: what a private key, or the card, deciphered is kept in pages of its own; what the host decrypts with
    /// a key that all may use can be too long for them.
    private func result(_ data: RawSpan, _ library: Library) throws(ReturnCode) -> Output {
        var bytes = try message.run(data, self, library)
        guard message.isSecret else { return .bytes(bytes) }
        return message.requiredHandle == nil ? .plaintext(bytes) : .secret(try StoredSecret(wiping: &bytes))
    }
}
