import Foundation
import Testing

@testable import HostCrypto

/// What computations leave in memory: of a padding that was taken off nothing but the message that they return, and of a
/// private key that was made of its numbers none of those.
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

    /// How a key is made.
    enum Making: CaseIterable { case primes, allNumbers, privateKeyInfo }

    @Test(arguments: Making.allCases) func numbersOfRSA(_ making: Making) throws {
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let (numbers, der) = (try key.numbers().values, try key.pkcs8())
        try leavesNothing(of: numbers.dropFirst(2) + [privateExponent(der)]) {
            switch making {
            case .primes: try PrivateKey.rsa(p: numbers[0], q: numbers[1], publicExponent: [1, 0, 1])
            case .allNumbers:
                try PrivateKey.rsa(p: numbers[0], q: numbers[1], dp: numbers[2], dq: numbers[3], qinv: numbers[4])
            case .privateKeyInfo: try PrivateKey.pkcs8(der)
            }
        }
    }

    /// A scalar that has leading zeros.
    @Test func scalarsOfCurves() throws {
        let scalar = Array(try Random.bytes(40))
        try leavesNothing(of: [scalar]) { try PrivateKey.onCurve(.ec(.p384), scalar) }
    }

    private func leavesNothing(of numbers: [[UInt8]], _ make: () throws -> PrivateKey) throws {
        let middles = numbers.map { Array($0[8..<24]) }
        let before = try middles.map(places)
        for _ in 0..<8 { _ = try make() }
        for (places, before) in zip(try middles.map(places), before) { #expect(places <= before) }
    }

    /// The fourth number of an RSAPrivateKey.
    private func privateExponent(_ pkcs8: [UInt8]) throws -> [UInt8] {
        var outside = DERReader(pkcs8)
        var info = try outside.enter(0x30)
        _ = try info.unsignedInteger()
        _ = try info.next(0x30)
        var inside = DERReader(try info.next(0x04))
        var key = try inside.enter(0x30)
        for _ in 0..<3 { _ = try key.unsignedInteger() }
        return Array(try key.unsignedInteger())
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
