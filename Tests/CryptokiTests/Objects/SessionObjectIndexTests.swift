import CPKCS11
import SoftToken
import Testing

@testable import Cryptoki

/// A search among many session objects finds what looking at each of them would, and looks at few.
@Suite struct SessionObjectIndexTests {
    private let library: Library
    private let sessions: [UInt]

    init() throws {
        let library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        self.library = library
        sessions = try (0..<3).map { _ in try library.openReadWrite() }
    }

    private static let labels = ["", "a", "b", "ab"]

    private func make(_ kind: UInt, _ label: String, id: [UInt8], in session: UInt) throws -> UInt {
        let text = Attribute.text(CKA_LABEL, label)
        guard kind == CKO_SECRET_KEY else {
            return try library.create(session, [.number(CKA_CLASS, CKO_DATA), text, Attribute(CKA_VALUE, id)])
        }
        return try library.makeKey(session, CKK_GENERIC_SECRET, [1, 2, 3], text, Attribute(CKA_ID, id))
    }

    /// What a template means, by looking at each object.
    private func each(_ template: [Attribute], of objects: [UInt]) throws -> [UInt] {
        try objects.filter { object in
            try template.allSatisfy { try library.value(sessions[0], object, $0.type) == $0.value }
        }
    }

    /// Objects come, change, are copied and go, one by one and with their sessions; the order stays that in which they came.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func aSearchFindsWhatLookingAtEachWould(_ seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        var objects: [UInt] = []
        for _ in 0..<400 {
            let session = sessions[random(2)], label = Self.labels[random(4)]
            switch random(8) {
            case 0..<4:
                let kind = random(2) == 0 ? CKO_DATA : CKO_SECRET_KEY
                objects.append(try make(kind, label, id: [UInt8(random(3))], in: session))
            case 4 where !objects.isEmpty:
                let object = objects[random(objects.count)]
                objects.append(try library.copy(session, object: object, [.text(CKA_LABEL, label)]))
            case 5 where !objects.isEmpty:
                try library.setAttributes(
                    session, of: objects[random(objects.count)], [.text(CKA_LABEL, label)])
            case 6 where !objects.isEmpty:
                try library.destroy(session, object: objects.remove(at: random(objects.count)))
            default: break
            }
            let templates: [[Attribute]] = [
                [], [.text(CKA_LABEL, label)], [.number(CKA_CLASS, CKO_SECRET_KEY)],
                [Attribute(CKA_ID, [UInt8(random(3))]), .text(CKA_LABEL, label)],
                [.number(CKA_CLASS, CKO_DATA), .text(CKA_LABEL, label), .flag(CKA_TOKEN, false)],
                [.flag(CKA_TOKEN, true), .text(CKA_LABEL, label)], [Attribute(CKA_ID, [9])],
            ]
            let template = templates[random(templates.count)]
            let found = try library.findAll(sessions[0], template)
            // The card's own objects have smaller handles, or none yet.
            let inMemory = try found.filter { try library.value(sessions[0], $0, CKA_TOKEN) == [0] }
            #expect(try inMemory == each(template, of: objects))
        }
        try library.closeSession(sessions[1])
        let left = try library.findAll(sessions[0], [.flag(CKA_TOKEN, false)])
        #expect(left == objects.filter { (try? library.value(sessions[0], $0, CKA_CLASS)) != nil })
    }

    /// One label among many costs one comparison, an object on the token none, and nothing is kept of what has gone.
    @Test func aSearchLooksAtFew() throws {
        let made = try (0..<500).map { try make(CKO_DATA, "label \($0)", id: [1], in: sessions[$0 % 2]) }
        func candidates(_ template: Attribute...) -> [UInt] {
            library.tables.withLock { $0.objects.candidates(for: template, in: $0.slots[0].slot) }
        }
        #expect(candidates(.text(CKA_LABEL, "label 77"), .number(CKA_CLASS, CKO_DATA)) == [made[77]])
        #expect(candidates(.flag(CKA_TOKEN, true)).isEmpty)
        #expect(candidates(.text(CKA_LABEL, "label")).isEmpty)
        #expect(candidates(.number(CKA_CLASS, CKO_DATA)) == made)
        for object in made.prefix(400) { try library.destroy(sessions[0], object: object) }
        #expect(candidates().count < 250)
        try library.closeSession(sessions[0])
        try library.closeSession(sessions[1])
        #expect(candidates().isEmpty && candidates(.number(CKA_CLASS, CKO_DATA)).isEmpty)
        #expect(library.tables.withLock { $0.objects.nameCount(in: $0.slots[0].slot) } == 0)
    }
}

/// The end of a session takes out a bounded number of its objects; all of them are gone for everybody.
@Suite struct LeftBehindObjectTests {
    private let library: Library
    private let (owner, other): (UInt, UInt)

    init() throws {
        library = Library(source: StandInReaders(["A": [try StandInToken()]]))
        (owner, other) = (try library.openReadWrite(), try library.openReadWrite())
    }

    private func make(_ label: String, in session: UInt) throws -> UInt {
        try library.create(session, [.number(CKA_CLASS, CKO_DATA), .text(CKA_LABEL, label)])
    }

    private var entries: Int { library.tables.withLock { $0.objects.entryCount } }

    @Test func theOwnersEndTakesOutAFew() throws {
        let made = try (0..<1000).map { try make("label \($0)", in: owner) }
        let kept = try make("label 77", in: other)
        let before = entries
        try library.closeSession(owner)
        #expect((1...2 * ObjectTable.step).contains(before - entries), "\(before) to \(entries)")
        for object in made {
            let problem = #expect(throws: ReturnCode.self) {
                try library.attributes(other, of: object, types: [CKA_LABEL])
            }
            #expect(problem == .objectHandleInvalid)
        }
        #expect(try library.find(other, .text(CKA_LABEL, "label 77")) == [kept])
        // Each call took some of them out.
        #expect(entries == before - 1000)
        #expect(library.tables.withLock { !$0.objects.hasLeftBehind })
        #expect(try library.find(other, .number(CKA_CLASS, CKO_DATA)).contains(kept))
    }

    /// What holds a secret is let go of with its session.
    @Test func aSecretDoesNotStay() throws {
        for _ in 0..<300 { _ = try make("", in: owner) }
        let key = try library.makeKey(owner, CKK_GENERIC_SECRET, [1, 2, 3], .text(CKA_LABEL, "secret"))
        weak var secret: StoredSecret?
        library.tables.withLock {
            if case .session(let object)? = $0.objects.object(key) { secret = object.secret }
        }
        #expect(secret != nil)
        try library.closeSession(owner)
        #expect(library.tables.withLock { $0.objects.hasLeftBehind })
        #expect(secret == nil)
    }

    @Test func aLogoutEndsThePrivateOnesOfThem() throws {
        try library.login(other)
        let hidden = try library.create(
            other, [.number(CKA_CLASS, CKO_DATA), .flag(CKA_PRIVATE, true), .text(CKA_LABEL, "hidden")])
        let open = try make("open", in: other)
        try library.logout(other)
        #expect(throws: ReturnCode.objectHandleInvalid) {
            try library.attributes(other, of: hidden, types: [CKA_LABEL])
        }
        #expect(try library.value(other, open, CKA_LABEL) == Array("open".utf8))
    }
}

extension Library {
    fileprivate func findAll(_ session: UInt, _ template: [Attribute]) throws -> [UInt] {
        try findObjectsInit(session, template: template)
        defer { try? findObjectsFinal(session) }
        return try findObjects(session, atMost: 1000)
    }
}
