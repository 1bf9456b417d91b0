import Platform

/// A cipher that gives out what it can of every part of the data. All data may be given at once instead, before a part has
/// come; where the size of the result is not known before, nothing is left of them, and others may be given after them.
public protocol StreamTransform: AnyObject {
    /// Whether what comes out is a plaintext.
    var isSecret: Bool { get }

    /// How many bytes come out for all data at once.
    func wholeSize(of count: Int) throws(SoftTokenError) -> OutputSize

    /// What comes out for all data at once.
    func whole(_ data: RawSpan) throws(SoftTokenError) -> [UInt8]

    /// How many bytes come out for the next part.
    func partSize(of count: Int) throws(SoftTokenError) -> Int

    /// What comes out for the next part.
    func part(_ data: RawSpan) throws(SoftTokenError) -> [UInt8]

    /// The same into a caller's buffer, which has room for it: how many bytes came out, or nil where this transform has no way
    /// to do that, and nothing was done.
    func part(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int?

    /// The same for all data at once.
    func whole(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int?

    /// How many bytes come out after the last part.
    func endSize() throws(SoftTokenError) -> OutputSize

    /// What comes out after the last part. May be asked again where its size is not known before.
    func end() throws(SoftTokenError) -> [UInt8]
}

extension StreamTransform {
    /// See above.
    public func part(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int? { nil }

    /// See above.
    public func whole(_ data: RawSpan, into buffer: OutputBuffer) throws(SoftTokenError) -> Int? { nil }
}

/// How many bytes come out of a computation, as far as that is known before.
public struct OutputSize: Hashable, Sendable {
    /// It is not less than this.
    public let least: Int
    /// It is not more than this.
    public let most: Int

    /// A size between two others.
    public init(least: Int, most: Int) {
        self.least = least
        self.most = most
    }

    /// A size that is known.
    public init(_ count: Int) { self.init(least: count, most: count) }

    /// Whether it is known.
    public var isExact: Bool { least == most }
}
