import CPKCS11
import HostCrypto
import Testing
import Token

@testable import Cryptoki

/// C_GenerateRandom: the host's bytes, and the card's over them.
@Suite struct RandomTests {
    private let token: StandInToken
    private let readers: StandInReaders
    private let library: Library

    init() throws {
        token = try StandInToken()
        readers = StandInReaders(["A": [token]])
        library = Library(source: readers) { [readers] in readers.now }
    }

    private var questions: Int { token.questions.count { $0 == "randomBytes" } }

    /// The card is asked once, and once more after a minute, however much is wanted.
    @Test func theCardIsAskedOnceAMinute() throws {
        let session = try library.openReadWrite()
        #expect(try library.random(session, count: 0).isEmpty)
        #expect(questions == 0)
        for _ in 0..<100 { #expect(try library.random(session, count: 4096).count == 4096) }
        #expect(questions == 1)
        readers.now += 59_999
        _ = try library.random(session, count: 1)
        #expect(questions == 1)
        readers.now += 1
        _ = try library.random(session, count: 1)
        #expect(questions == 2)
    }

    /// A card that is busy is asked by the next call, which costs it nothing until it is free.
    @Test func aBusyCardIsAskedNextTime() throws {
        let session = try library.openReadWrite()
        token.isBusy = true
        for _ in 0..<2 { #expect(try library.random(session, count: 32).count == 32) }
        token.isBusy = false
        for _ in 0..<2 { _ = try library.random(session, count: 32) }
        #expect(questions == 3)
    }

    /// A card that fails leaves the host's bytes; one that is gone is told of.
    @Test(
        arguments: [(.failed("broken"), nil), (.heldByAnother, nil), (.removed, .deviceRemoved)]
            as [(TokenError, ReturnCode?)])
    func aCardMayFail(_ failure: TokenError, _ expected: ReturnCode?) throws {
        let session = try library.openReadWrite()
        token.failure = failure
        var bytes: [UInt8] = []
        #expect(code { bytes = try library.random(session, count: 32) } == expected)
        #expect(bytes.contains { $0 != 0 } == (expected == nil))
    }

    /// Over zeros in the place of the host's bytes: a stream that depends on all that the card gave, and that goes on.
    @Test func theCardsBytesGoIn() throws {
        func stream(_ seeds: [[UInt8]]) throws -> [UInt8] {
            let randomness = CardRandomness()
            for var seed in seeds { try randomness.add(&seed) }
            var bytes = [UInt8](repeating: 0, count: 40)
            try randomness.mix(into: &bytes)
            return bytes
        }
        let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        #expect(try stream([]) == [UInt8](repeating: 0, count: 40))
        #expect(try stream([one]) == stream([one]))
        let different = try [stream([]), stream([one]), stream([two]), stream([one, two]), stream([two, one])]
        #expect(Set(different).count == 5)
        let randomness = CardRandomness()
        var seed = one
        try randomness.add(&seed)
        #expect(seed.isEmpty)
        var parts: Set<[UInt8]> = []
        for _ in 0..<10 {
            var bytes = [UInt8](repeating: 0, count: 40)
            try randomness.mix(into: &bytes)
            parts.insert(bytes)
        }
        #expect(parts.count == 10)
    }
}
