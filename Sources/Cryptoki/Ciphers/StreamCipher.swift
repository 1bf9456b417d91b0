import Platform
import SoftToken

/// An encryption or decryption that gives out what it can of every part.
final class StreamCipher: CipherOperation {
    private let stream: any StreamTransform
    private var held = HeldOutput()

    init(_ stream: any StreamTransform) { self.stream = stream }

    deinit { held.wipe() }

    func process(_ data: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output {
        let size = try ReturnCode.translating { () throws(SoftTokenError) in
            try stream.wholeSize(of: data.byteCount)
        }
        guard let capacity else { return .length(size.most) }
        // A buffer that no result can fit into learns so before anything is computed.
        if capacity < size.least { return .tooSmall(size.most) }
        if size.isExact, let buffer,
            let count = try ReturnCode.translating({ () throws(SoftTokenError) in try stream.whole(data, into: buffer) }
            )
        {
            return .written(count)
        }
        if size.isExact { return try result { () throws(SoftTokenError) in try stream.whole(data) } }
        return try held.deliver(data, capacity: capacity) { () throws(ReturnCode) in
            try result { () throws(SoftTokenError) in try stream.whole(data) }
        }
    }

    func update(_ part: RawSpan, capacity: Int?, into buffer: OutputBuffer?) throws(ReturnCode) -> Output {
        let size = try ReturnCode.translating { () throws(SoftTokenError) in try stream.partSize(of: part.byteCount) }
        if let early = Output.early(size: size, capacity: capacity) { return early }
        if let buffer,
            let count = try ReturnCode.translating({ () throws(SoftTokenError) in try stream.part(part, into: buffer) })
        {
            return .written(count)
        }
        return try result { () throws(SoftTokenError) in try stream.part(part) }
    }

    func finish(capacity: Int?) throws(ReturnCode) -> Output {
        let size = try ReturnCode.translating { () throws(SoftTokenError) in try stream.endSize() }
        guard let capacity else { return .length(size.most) }
        if size.isExact, capacity < size.most { return .tooSmall(size.most) }
        var output = try result { () throws(SoftTokenError) in try stream.end() }
        guard let count = output.resultCount, count > capacity else { return output }
        output.wipe()
        return .tooSmall(count)
    }

    private func result(_ compute: () throws(SoftTokenError) -> [UInt8]) throws(ReturnCode) -> Output {
        let bytes = try ReturnCode.translating(compute)
        return stream.isSecret ? .plaintext(bytes) : .bytes(bytes)
    }
}
