import CPKCS11
import Cryptoki
import Keys
import Testing

/// CKA_UNIQUE_ID of objects in memory: each has one that no other has, whatever made it (PKCS#11 3.2, section 4.4.1).
@Suite struct UniqueIDTests {
    private let library: Library
    private let session: UInt

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        session = try library.openReadWrite()
    }

    private func uniqueID(_ object: UInt) throws -> [UInt8] {
        try #require(try library.value(session, object, CKA_UNIQUE_ID))
    }

    @Test func eachObjectHasItsOwn() throws {
        let key = try library.makeAESKey(session, .flag(CKA_EXTRACTABLE, true))
        let wrapping = Mechanism(CKM_AES_KEY_WRAP)
        let wrapped = try library.wrapKey(session, mechanism: wrapping, wrappingKey: key, key: key, capacity: 100)
            .content
        let pair = try library.generateKeyPair(
            session, mechanism: Mechanism(CKM_EC_KEY_PAIR_GEN), publicKey: [Attribute(CKA_EC_PARAMS, Curve.p256.oid)],
            privateKey: [])
        var made = [
            key, pair.publicKey, pair.privateKey, try library.copy(session, object: key, []),
            try library.create(session, [.number(CKA_CLASS, CKO_DATA)]),
            try library.generateKey(session, mechanism: Mechanism(CKM_AES_KEY_GEN), [.number(CKA_VALUE_LEN, 16)]),
            try library.unwrapKey(
                session, mechanism: wrapping, unwrappingKey: key, wrapped: wrapped.span.bytes,
                [.number(CKA_CLASS, CKO_SECRET_KEY), .number(CKA_KEY_TYPE, CKK_AES)]),
            try library.deriveKey(session, mechanism: Mechanism(CKM_SHA256_KEY_DERIVATION), baseKey: key, []),
        ]
        made += try library.find(session, .flag(CKA_TOKEN, true))
        let ids = try made.map(uniqueID)
        #expect(Set(ids).count == made.count && !ids.contains([]))
        for (object, id) in zip(made, ids) {
            #expect(try library.find(session, Attribute(CKA_UNIQUE_ID, id)) == [object])
        }
    }

    /// It stays as it is, and a template may not even repeat it.
    @Test func nobodyElseGivesIt() throws {
        let object = try library.create(session, [.number(CKA_CLASS, CKO_DATA)])
        let id = try uniqueID(object)
        try library.setAttributes(session, of: object, [.text(CKA_LABEL, "new")])
        #expect(try uniqueID(object) == id)
        for template in [[Attribute(CKA_UNIQUE_ID, id)], [.text(CKA_UNIQUE_ID, "other")]] {
            #expect(throws: ReturnCode.attributeReadOnly) {
                try library.setAttributes(session, of: object, template)
            }
            #expect(throws: ReturnCode.attributeReadOnly) { try library.copy(session, object: object, template) }
        }
    }

    /// A copy onto the card is the card's object, with an id of its own.
    @Test func aCopyOnTheCardHasTheCards() throws {
        try library.login(session)
        let box = try library.create(session, [.number(CKA_CLASS, CKO_DATA), .text(CKA_APPLICATION, "box")])
        let copy = try library.copy(session, object: box, [.flag(CKA_TOKEN, true)])
        #expect(try uniqueID(copy) == Array("1-data-5".utf8))
    }
}
