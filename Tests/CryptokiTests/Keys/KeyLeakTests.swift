import CPKCS11
import Cryptoki
import HostCrypto
import Keys
import Testing

/// A key that does not leave does not leave in pieces either: by derived keys that are short enough to be guessed, or by
/// their check values (Clulow, "On the security of PKCS #11", 2003; Bortolozzo, Centenaro, Focardi and Steel, "Attacking and
/// fixing PKCS#11 security tokens", 2010).
@Suite struct KeyLeakTests {
    private let library: Library
    private let session: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
    }

    /// In which ways a key is kept in.
    static let protections: [[Attribute]] = [
        [.flag(CKA_SENSITIVE, true), .flag(CKA_EXTRACTABLE, false)], [.flag(CKA_SENSITIVE, true)],
        [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, false)],
    ]

    private func key(_ value: [UInt8], _ more: [Attribute]) throws -> UInt {
        try library.create(
            session,
            [
                .number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
                Attribute(CKA_VALUE, value), .flag(CKA_DERIVE, true),
            ] + more)
    }

    private static let secret = [UInt8](0..<32)

    /// Keys that hold one byte of the secret, or few.
    static let pieces: [(mechanism: Mechanism, template: [Attribute])] =
        [
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(8)), [.number(CKA_VALUE_LEN, 1)]),
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(3)), [.number(CKA_VALUE_LEN, 15)]),
            (Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1])), [.number(CKA_VALUE_LEN, 2)]),
            (
                Mechanism(CKM_CONCATENATE_DATA_AND_BASE, .bytes([UInt8](repeating: 0, count: 20))),
                [.number(CKA_VALUE_LEN, 21)]
            ),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([0])), []),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([UInt8](repeating: 0, count: 32))), [.number(CKA_VALUE_LEN, 1)]),
        ]

    @Test(arguments: protections, pieces.indices)
    func noPieceIsAKey(_ protection: [Attribute], _ index: Int) throws {
        let (mechanism, template) = Self.pieces[index]
        let base = try key(Self.secret, protection)
        #expect(throws: ReturnCode.keySizeRange) {
            try library.deriveKey(session, mechanism: mechanism, baseKey: base, template)
        }
        // Of a key that may be read anyway everything may be made.
        let open = try key(Self.secret, [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)])
        _ = try library.deriveKey(session, mechanism: mechanism, baseKey: open, template)
    }

    /// The same for the second key, and for the one that comes first.
    @Test(arguments: protections) func partsOfASecondKeyAreNoKey(_ protection: [Attribute]) throws {
        let open: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
        let (kept, known) = (try key(Self.secret, protection), try key([UInt8](repeating: 0, count: 20), open))
        let joined = { (base: UInt, other: UInt, count: UInt) in
            try library.deriveKey(
                session, mechanism: Mechanism(CKM_CONCATENATE_BASE_AND_KEY, .number(other)), baseKey: base,
                [.number(CKA_VALUE_LEN, count)])
        }
        #expect(throws: ReturnCode.keySizeRange) { try joined(known, kept, 21) }
        #expect(throws: ReturnCode.keySizeRange) { try joined(kept, known, 15) }
        _ = try joined(known, kept, 36)
        _ = try joined(kept, known, 16)
        _ = try joined(known, known, 1)
    }

    /// What is long enough is made as before, and a short key may go into a longer one as a whole.
    @Test func longPartsAreKeys() throws {
        let base = try key(Self.secret, Self.protections[0])
        for (mechanism, template) in [
            (Mechanism(CKM_EXTRACT_KEY_FROM_KEY, .number(8)), [.number(CKA_VALUE_LEN, 16)]),
            (Mechanism(CKM_XOR_BASE_AND_DATA, .bytes([UInt8](repeating: 1, count: 16))), []),
            (Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1])), []),
        ] as [(Mechanism, [Attribute])] {
            _ = try library.deriveKey(session, mechanism: mechanism, baseKey: base, template)
        }
        let short = try key([1, 2], Self.protections[0])
        _ = try library.deriveKey(
            session, mechanism: Mechanism(CKM_CONCATENATE_BASE_AND_DATA, .bytes([1])), baseKey: short, [])
    }

    /// A short key that may not be read has no check value, and a guess at it is neither confirmed nor refused.
    @Test(arguments: protections.prefix(2)) func shortKeysHaveNoCheckValue(_ protection: [Attribute]) throws {
        for count in [1, 15, 16] {
            let value = Array(Self.secret.prefix(count))
            let check = Array(try Digest.sha1.hash(value).prefix(3))
            #expect(
                try library.value(session, try key(value, protection), CKA_CHECK_VALUE) == (count < 16 ? nil : check))
            for guess in [check, [9, 9, 9]] where count < 16 {
                let object = try key(value, protection + [Attribute(CKA_CHECK_VALUE, guess)])
                #expect(try library.value(session, object, CKA_CHECK_VALUE) == nil)
            }
        }
        let open: [Attribute] = [.flag(CKA_SENSITIVE, false), .flag(CKA_EXTRACTABLE, true)]
        #expect(try library.value(session, try key([1], open), CKA_CHECK_VALUE)?.count == 3)
        for (protection, isTold) in [(open, true)] + Self.protections.map({ ($0, false) }) {
            let made = try library.generateKey(
                session, mechanism: Mechanism(CKM_GENERIC_SECRET_KEY_GEN), [.number(CKA_VALUE_LEN, 2)] + protection)
            #expect(try (library.value(session, made, CKA_CHECK_VALUE) != nil) == isTold)
        }
    }

    /// A key that may not be extracted leaves by none of the mechanisms that wrap, whatever wraps it; nor does one that only a
    /// trusted key may wrap by another. Which mechanisms those are the library tells, so that none is forgotten here.
    @Test func noMechanismWrapsAKeyThatStays() throws {
        let iv = [UInt8](0..<16)
        let parameters: [UInt: Mechanism.Parameter] = [
            CKM_AES_CBC: .bytes(iv), CKM_AES_CBC_PAD: .bytes(iv),
            CKM_RSA_PKCS_OAEP: .oaep(OAEPFields(hash: CKM_SHA256, mask: CKG_MGF1_SHA256)),
        ]
        let card = try CardWithKey(.rsa(bits: 2048))
        let (library, session) = (card.library, card.session)
        let uses: [Attribute] = [.flag(CKA_WRAP, true), .flag(CKA_ENCRYPT, true)]
        let aes = try library.makeKey(session, CKK_AES, iv, uses[0], uses[1])
        let wrapping = try library.mechanisms(of: 0).filter {
            try library.mechanismInfo($0, of: 0).flags & CKF_WRAP != 0
        }
        #expect(wrapping.contains(CKM_AES_KEY_WRAP) && wrapping.contains(CKM_RSA_PKCS))
        let kept: [([Attribute], ReturnCode)] = [
            ([.flag(CKA_EXTRACTABLE, false)], .keyUnextractable),
            ([.flag(CKA_EXTRACTABLE, false), .flag(CKA_SENSITIVE, true)], .keyUnextractable),
            ([.flag(CKA_EXTRACTABLE, true), .flag(CKA_WRAP_WITH_TRUSTED, true)], .keyNotWrappable),
        ]
        for (template, expected) in kept {
            let secret = try library.makeKey(session, CKK_AES, iv, template[0], template.last ?? template[0])
            for type in wrapping {
                let mechanism = Mechanism(type, parameters[type] ?? .none)
                let codes = [aes, card.publicKey].map { key in
                    code {
                        _ = try library.wrapKey(
                            session, mechanism: mechanism, wrappingKey: key, key: secret, capacity: 4096)
                    }
                }
                // One of the two keys is of the mechanism's type, and gets as far as the key that is to leave.
                #expect(!codes.contains(nil), "\(String(type, radix: 16))")
                #expect(
                    codes.contains(expected) || Self.otherwise.contains(type), "\(String(type, radix: 16)): \(codes)")
            }
        }
    }

    /// Mechanisms that want parameters which are not made here: `RSAWrapTests` and `AgreementWrapTests` have them.
    private static let otherwise: Set<UInt> = [CKM_RSA_AES_KEY_WRAP, CKM_ECDH_AES_KEY_WRAP]
}
