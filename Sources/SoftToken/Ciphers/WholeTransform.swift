/// A cipher that needs the whole message before anything comes out.
public protocol WholeTransform {
    /// The most bytes that the message may have.
    var mostInput: Int { get }
    /// Whether what comes out is a plaintext.
    var isSecret: Bool { get }
    /// Whether `outputSize` tells the true size, and not just the most.
    var isSizeExact: Bool { get }

    /// How many bytes come out for so many.
    func outputSize(for count: Int) -> Int

    /// Throws where the message cannot have that length.
    func check(_ count: Int) throws(SoftTokenError)

    /// What comes out.
    func run(_ message: RawSpan) throws(SoftTokenError) -> [UInt8]
}
