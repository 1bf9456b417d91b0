import CPKCS11
import Cryptoki
import HostCrypto
import TestSupport
import Testing
import Token

/// RSA private keys that are brought by their numbers, into memory and to the card.
@Suite struct GivenNumberTests {
    private let token: StandInToken
    private let library: Library
    private let session: UInt

    init() throws {
        token = try StandInToken()
        library = Library(source: StandInReaders(["A": [token]]))
        session = try library.openReadWrite()
    }

    /// The private numbers that a template gives beside the primes must be the key's; where they are left out, or empty,
    /// the primes tell them.
    @Test(arguments: [false, true]) func theNumbersOfAKeyBelongTogether(_ isOnToken: Bool) throws {
        try library.login(session)
        token.emptyPlace = .success(ObjectReference(.privateKey, 1))
        let key = try PrivateKey.generate(.rsa(bits: 1024))
        let types = [CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT, CKA_PRIVATE_EXPONENT]
        var numbers = Dictionary(uniqueKeysWithValues: zip(types, try key.numbers().values))
        let primes = try key.numbers().values.prefix(2)
        numbers[CKA_PRIVATE_EXPONENT] = try privateExponent(primes)
        func create(_ numbers: [AttributeType: [UInt8]]) throws -> UInt {
            try library.create(
                session,
                [
                    .number(CKA_CLASS, CKO_PRIVATE_KEY), .number(CKA_KEY_TYPE, CKK_RSA), .flag(CKA_TOKEN, isOnToken),
                    Attribute(CKA_PUBLIC_EXPONENT, [1, 0, 1]),
                ] + numbers.map { Attribute($0, $1) })
        }
        _ = try create(numbers)
        _ = try create(numbers.mapValues { [0] + $0 })
        _ = try create(numbers.filter { types.prefix(2).contains($0.key) })
        for type in types.dropFirst(2) {
            var changed = numbers
            changed[type] = []
            _ = try create(changed)
            for wrong in [numbers[type].map { Array($0.dropLast()) + [$0[$0.count - 1] ^ 2] }, [1], primes[0]] {
                changed[type] = wrong
                #expect(throws: ReturnCode.attributeValueInvalid) { try create(changed) }
            }
        }
        // An exponent may be taken modulo (p - 1)(q - 1) as well as modulo their least common multiple.
        numbers[CKA_PRIVATE_EXPONENT] = try privateExponent(primes, more: 1)
        _ = try create(numbers)
        #expect(token.imported.count == (isOnToken ? 8 : 0))
    }

    /// The inverse of 65537 modulo the least common multiple of the primes less one, and so many times that multiple more.
    private func privateExponent(_ primes: ArraySlice<[UInt8]>, more: Int = 0) throws -> [UInt8] {
        let program = """
            from math import lcm; from sys import argv; more, *primes = argv[1:]
            most = lcm(*(int.from_bytes(bytes(map(int, prime.split())), 'big') - 1 for prime in primes))
            print(*(pow(65537, -1, most) + int(more) * most).to_bytes(160, 'big'))
            """
        let primes = primes.map { $0.map { String($0) }.joined(separator: " ") }
        let answer = try Tool.run(["python3", "-c", program, String(more)] + primes).checked()
        return try answer.lines[0].split(separator: " ").map { try #require(UInt8($0)) }
    }
}
