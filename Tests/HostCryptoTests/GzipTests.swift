import Foundation
import HostCrypto
import Testing

@Suite struct GzipTests {
    /// What `gzip -9` makes of these bytes.
    private static func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-9", "-c"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(bytes))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](data)
    }

    @Test(arguments: [0, 1, 1000, 20000])
    func inflate(count: Int) throws {
        let bytes = [UInt8](repeating: 0x41, count: count)
        let compressed = try Self.compressed(bytes)
        #expect(try Gzip.inflate(compressed, limit: count) == bytes)
        #expect(try Gzip.inflate(compressed + [0, 0], limit: count) == bytes)
        if count > 0 {
            #expect(throws: HostCryptoError.limitExceeded) { try Gzip.inflate(compressed, limit: count - 1) }
        }
    }

    @Test("A zlib stream is read too")
    func zlib() throws {
        // RFC 1950 header 78 01, one stored block with "abc", Adler-32 of "abc".
        let stream = bytes(hex: "7801 01 0300 fcff 616263 024d0127")
        #expect(try Gzip.inflate(stream, limit: 3) == Array("abc".utf8))
    }

    @Test("A decompression bomb stops at the limit")
    func bomb() throws {
        let bomb = try Self.compressed([UInt8](repeating: 0, count: 1 << 22))
        #expect(throws: HostCryptoError.limitExceeded) { try Gzip.inflate(bomb, limit: 1000) }
        for limit in [Int.min, -1, Int.max] {
            #expect(throws: HostCryptoError.limitExceeded) { try Gzip.inflate(bomb, limit: limit) }
        }
    }

    @Test("Cut and flipped streams are refused or bounded")
    func broken() throws {
        let plain = try Random.bytes(200)
        let compressed = try Self.compressed(plain)
        for count in 0..<compressed.count {
            #expect(throws: HostCryptoError.malformed) { try Gzip.inflate(Array(compressed.prefix(count)), limit: 200) }
        }
        for index in compressed.indices {
            var broken = compressed
            broken[index] ^= 0xFF
            if let output = try? Gzip.inflate(broken, limit: 200) { #expect(output == plain) }
        }
    }
}
