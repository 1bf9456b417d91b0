import CLibrary
import Foundation
import HostCrypto
import Keys
import Testing

@Suite struct LibraryContextTests {
    /// What every failing call must leave behind: the host's own error, and nothing else.
    @Test("The thread's error queue is left as it was found")
    func errorQueue() throws {
        let host = try HostLibrary()
        let before = host.raiseError()
        #expect(before != 0)
        #expect(throws: HostCryptoError.invalidKey) {
            try PublicKey.ec(.p256, point: [4] + Random.bytes(64)).validate()
        }
        #expect(throws: HostCryptoError.malformed) { try Certificate(der: [0x30, 3, 1, 2, 3]) }
        #expect(throws: HostCryptoError.malformed) { try PrivateKey.pkcs8([0x30, 3, 1, 2, 3]) }
        #expect(throws: HostCryptoError.invalidKey) {
            try PrivateKey.ec(.p256, scalar: [UInt8](repeating: 0xFF, count: 32))
        }
        _ = try PrivateKey.generate(.ec(.p256)).pkcs8()
        #expect(host.nextError() == before)
        #expect(host.nextError() == 0)
    }

    @Test("The child of a fork computes, and finds its parent's secrets empty")
    func fork() throws {
        let key = try PrivateKey.generate(.ec(.p256))
        let hash = try Digest.sha256.hash([1])
        let bytes: [UInt8] = [1, 2, 3, 4]
        let secret = try SecretBuffer(bytes.span.bytes)
        for _ in 0..<20 {
            let child = CLibrary.fork()
            if child == 0 {
                let isRight =
                    secret.count == 0 && (try? Digest.sha256.hash([1])) == hash
                    && (try? key.signECDSA(hash: hash)) != nil && (try? PrivateKey.generate(.ed25519)) != nil
                    && (try? key.publicKey.validate()) != nil
                _exit(isRight ? 0 : 1)
            }
            var status: Int32 = -1
            #expect(waitpid(child, &status, 0) == child)
            #expect(status == 0)
        }
        #expect(secret.count == 4)
    }

    @Test("Many threads may make the library context at once")
    func threads() {
        let wrong = LockedCount()
        let threads = (0..<16).map { index in
            Thread {
                for _ in 0..<20 {
                    let message = [UInt8](repeating: UInt8(index), count: 100)
                    if (try? Digest.sha256.hash(message)) == nil { wrong.add() }
                    guard let key = try? PrivateKey.generate(.ed25519), let signature = try? key.signEdDSA(message),
                        (try? key.publicKey.verifyEdDSA(signature, message: message)) == true
                    else {
                        wrong.add()
                        continue
                    }
                }
                wrong.finish()
            }
        }
        for thread in threads { thread.start() }
        wrong.wait(for: threads.count)
        #expect(wrong.value == 0)
    }
}

/// The process's libcrypto as a host that uses it for itself sees it: with the default library context.
private struct HostLibrary {
    private typealias Fetch =
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) ->
        OpaquePointer?
    private typealias Get = @convention(c) () -> UInt
    private let fetch: Fetch
    private let get: Get
    private let peek: Get

    init() throws {
        fetch = unsafeBitCast(try #require(dlsym(nil, "EVP_MD_fetch")), to: Fetch.self)
        get = unsafeBitCast(try #require(dlsym(nil, "ERR_get_error")), to: Get.self)
        peek = unsafeBitCast(try #require(dlsym(nil, "ERR_peek_error")), to: Get.self)
    }

    /// Empties the thread's error queue, puts one error there, and returns it.
    func raiseError() -> UInt {
        while get() != 0 {}
        _ = fetch(nil, "no such hash function", nil)
        return peek()
    }

    /// Takes the oldest error off the thread's queue; 0 where there is none.
    func nextError() -> UInt { get() }
}

/// Counts over threads, and waits for them.
private final class LockedCount: @unchecked Sendable {
    private let condition = NSCondition()
    private var count = 0
    private var finished = 0

    var value: Int { condition.withLock { count } }

    func add() { condition.withLock { count += 1 } }

    func finish() {
        condition.withLock {
            finished += 1
            condition.broadcast()
        }
    }

    func wait(for threads: Int) {
        condition.withLock { while finished < threads { condition.wait() } }
    }
}
