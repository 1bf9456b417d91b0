import Foundation
import Testing

@testable import HostCrypto

/// What taking a padding off leaves in memory: nothing but the message that it returns.
@Suite(.serialized) struct MemoryTests {
    @Test func pkcs1() throws {
        try leavesNothing(of: Random.bytes(64)) { message in
            try RSAPadding.pkcs1Encryption(of: message, count: 256)
        } decode: { encoded in
            try RSAPadding.pkcs1Message(in: encoded)
        }
    }

    @Test func oaep() throws {
        let parameters = OAEPParameters(digest: .sha256)
        try leavesNothing(of: Random.bytes(64)) { message in
            try RSAPadding.oaepEncryption(of: message, parameters: parameters, count: 256)
        } decode: { encoded in
            try RSAPadding.oaepMessage(in: encoded, parameters: parameters)
        }
    }

    private func leavesNothing(
        of message: [UInt8], encode: ([UInt8]) throws -> [UInt8], decode: ([UInt8]) throws -> [UInt8]
    ) throws {
        let encoded = try encode(message)
        // The ends of freed memory are overwritten by whoever manages it.
        let middle = Array(message[24..<40])
        let before = try places(of: middle)
        for _ in 0..<8 {
            var decoded = try decode(encoded)
            #expect(decoded.count == 64)
            decoded.cleanse()
        }
        #expect(try places(of: middle) <= before)
    }

    /// At how many places of this process's writable memory these bytes stand, their own among them.
    private func places(of wanted: [UInt8]) throws -> Int {
        let maps = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        var text = Data()
        while let piece = try maps.read(upToCount: 4096), !piece.isEmpty { text += piece }
        let memory = try #require(FileHandle(forReadingAtPath: "/proc/self/mem"))
        var count = 0
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " "), ends = words[0].split(separator: "-")
            guard words[1].hasPrefix("rw"), let start = Int(ends[0], radix: 16), let end = Int(ends[1], radix: 16)
            else { continue }
            for address in stride(from: start, to: end, by: Self.piece) {
                count += places(of: wanted, in: memory.fileDescriptor, address, min(Self.piece, end - address))
            }
        }
        return count
    }

    private static let piece = 1 << 16

    /// The same for one piece of memory, read into a buffer that is zeros again afterwards.
    private func places(of wanted: [UInt8], in memory: Int32, _ address: Int, _ size: Int) -> Int {
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            defer { explicit_bzero(base, size) }
            let end = base + max(0, pread(memory, base, size, off_t(address)))
            var (at, count) = (base, 0)
            while let hit = memchr(at, Int32(wanted[0]), end - at), end - hit >= wanted.count {
                if memcmp(hit, wanted, wanted.count) == 0 { count += 1 }
                at = hit + 1
            }
            return count
        }
    }
}
