import CLibrary
import Foundation
import HostCrypto
import Testing

@Suite struct SecretBufferTests {
    @Test(arguments: [0, 1, 8, 4079, 4080, 4081, SecretBuffer.maximumCount])
    func copy(count: Int) throws {
        let bytes = try Random.bytes(count)
        let secret = try SecretBuffer(bytes.span.bytes)
        #expect(secret.count == count)
        let copy = secret.withBytes { span in span.withUnsafeBytes { [UInt8]($0) } }
        #expect(copy == bytes)
        Self.check(secret, is: bytes)
        Self.check(secret, isNot: bytes + [0])
        if count > 0 {
            var other = bytes
            other[count - 1] ^= 1
            Self.check(secret, isNot: other)
        }
    }

    @Test("Too long a secret is refused")
    func limit() {
        let bytes = [UInt8](repeating: 1, count: SecretBuffer.maximumCount + 1)
        #expect(Self.error(of: bytes) == .limitExceeded)
    }

    @Test("The source is emptied")
    func wiping() throws {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = try SecretBuffer(wiping: &bytes)
        #expect(bytes.isEmpty)
        Self.check(secret, is: [1, 2, 3])
    }

    @Test("The pages are locked, and left out of dumps and forks")
    func pages() throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        let secret = try SecretBuffer(bytes.span.bytes)
        let address = secret.withBytes { span in span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        let flags = try #require(try Mapping(at: address)).flags
        // proc(5), VmFlags: lo locked, dd not in core dumps, wf wiped on fork; no sh: not shared.
        // The sanitizers make mlock do nothing.
        if dlsym(nil, "__asan_init") == nil, dlsym(nil, "__tsan_init") == nil { #expect(flags.contains("lo")) }
        #expect(flags.contains("dd"))
        #expect(flags.contains("wf"))
        #expect(!flags.contains("sh"))
        #expect(secret.count == 4)
    }

    /// The macros of Testing take no noncopyable values.
    private static func check(_ secret: borrowing SecretBuffer, is bytes: [UInt8]) {
        let isEqual = secret.isEqual(to: bytes.span.bytes)
        #expect(isEqual)
    }

    private static func check(_ secret: borrowing SecretBuffer, isNot bytes: [UInt8]) {
        let isEqual = secret.isEqual(to: bytes.span.bytes)
        #expect(!isEqual)
    }

    private static func error(of bytes: [UInt8]) -> HostCryptoError? {
        do throws(HostCryptoError) {
            _ = try SecretBuffer(bytes.span.bytes)
            return nil
        } catch {
            return error
        }
    }
}
