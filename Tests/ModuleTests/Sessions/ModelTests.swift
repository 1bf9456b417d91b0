import TestSupport
import Testing

/// Random calls from several threads and sessions of one process, against the built module and a small model of the
/// standard's rules. The seed of a failure is the test's argument: put it into the list to play it again.
@Suite struct ModelTests {
    /// Objects on the card lie in one place of their own, so that the model knows all of them.
    static let placeOnCard = "application=hex:\("Security Object".hexadecimal)"

    @Test(arguments: [1, 2, 3, UInt64.random(in: 4...UInt64.max)])
    func randomCallsKeepTheRules(_ seed: UInt64) throws {
        let process = try CryptokiProcess(in: CardWorld(SimulatedCard.withProtectedManagementKey))
        try process("T1 initialize")
        var player = Player(process: process, random: SplitMix64(state: seed))
        for step in 0..<400 {
            try player.step()
            let keepsTheRules = !player.hasFailed
            try #require(keepsTheRules, "seed \(seed), step \(step): \(player.history.suffix(12))")
        }
        try process("T1 finalize")
    }
}

/// Makes one call after another, each from a random thread, and compares what comes with the model.
private struct Player {
    let process: CryptokiProcess
    var random: SplitMix64
    var model = SessionModel()
    var history: [String] = []
    var hasFailed = false
    /// The handle that the key 9A has while the user is logged in, once it was found.
    var key: String?
    var endedKeys: Set<String> = []
    private var counter = 0

    init(process: CryptokiProcess, random: SplitMix64) {
        self.process = process
        self.random = random
    }

    mutating func step() throws {
        counter += 1
        let session = pick(model.sessions.keys.sorted(), orStale: model.endedSessions)
        let object = pick(model.objects.keys.sorted(), orStale: model.endedObjects)
        switch Int.random(in: 0..<24, using: &random) {
        case 0...2: try open()
        case 3, 4: try call("close \(session)", model.close(session))
        case 5: if Int.random(in: 0..<4, using: &random) == 0 { try call("close-all 0", model.closeAll()) }
        case 6...8: try call("login \(session) user \(SimulatedCard.pin)", model.login(session, .user))
        case 9: try call("login \(session) so \(SimulatedCard.managementKey)", model.login(session, .so))
        case 10: try call("logout \(session)", model.logout(session))
        case 11: try state(session)
        case 12...14: try create(session, onToken: false)
        case 15: try create(session, onToken: true)
        case 16, 17:
            try call("get \(session) \(object) value", model.codeOfReading(session, object)) { [model] in
                $0 == [model.objects[object]?.value.hexadecimal].compactMap(\.self)
            }
        case 18: try call("set \(session) \(object) value=v\(counter)", model.set(session, object, "v\(counter)"))
        case 19: try call("destroy \(session) \(object)", model.destroy(session, object))
        case 20, 21: try search(session)
        default: try sign(session)
        }
        if model.loggedIn == .nobody, let key {
            endedKeys.insert(key)
            self.key = nil
        }
    }

    private mutating func open() throws {
        let readWrite = Bool.random(using: &random)
        let code = model.codeOfOpening(readWrite: readWrite)
        let isNew = { [model] (results: [String]) in
            results.first.map { $0 != "0" && model.sessions[$0] == nil && !model.endedSessions.contains($0) } ?? false
        }
        guard let made = try call("open 0 \(readWrite ? "rw" : "ro")", code, isNew).first else { return }
        model.opened(made, readWrite: readWrite)
    }

    private mutating func state(_ session: String) throws {
        let state = model.state(session)
        try call("state \(session)", state == nil ? "CKR_SESSION_HANDLE_INVALID" : "CKR_OK") {
            $0 == [state].compactMap(\.self)
        }
    }

    private mutating func create(_ session: String, onToken: Bool) throws {
        let isPrivate = !onToken && Bool.random(using: &random)
        let code = model.codeOfCreating(session, onToken: onToken, isPrivate: isPrivate)
        let rest = onToken ? "token=true \(ModelTests.placeOnCard)" : "private=\(isPrivate) label=model"
        let isNew = { [model] (results: [String]) in
            results.first.map { $0 != "0" && model.objects[$0] == nil && !model.endedObjects.contains($0) } ?? false
        }
        let made = try call("create \(session) class=data value=v\(counter) \(rest)", code, isNew).first
        guard let made else { return }
        model.created(
            made, SessionModel.Object(owner: onToken ? nil : session, isPrivate: isPrivate, value: "v\(counter)"))
    }

    private mutating func search(_ session: String) throws {
        let code = model.sessions[session] == nil ? "CKR_SESSION_HANDLE_INVALID" : "CKR_OK"
        let inMemory = model.objects.filter { $0.value.owner != nil }.keys.sorted { ($0.count, $0) < ($1.count, $1) }
        try call("find \(session) label=model", code) { $0 == inMemory }
        let onCard = model.objects.filter { $0.value.owner == nil }.map(\.key)
        try call("find \(session) \(ModelTests.placeOnCard)", code) { $0 == onCard }
    }

    /// The key's handle is the same in all sessions while a login lasts, and ends with it. The SO sees it, and cannot use it.
    private mutating func sign(_ session: String) throws {
        guard model.sessions[session] != nil else { return }
        let found = try call("find \(session) class=private id=hex:01", "CKR_OK") { [model, key, endedKeys] in
            guard model.loggedIn != .nobody, let handle = $0.first else { return $0.isEmpty }
            return key.map { $0 == handle } ?? !endedKeys.contains(handle)
        }
        key = found.first ?? key
        let used = key ?? endedKeys.sorted().last ?? "4711"
        let code = key == nil ? "CKR_KEY_HANDLE_INVALID" : model.loggedIn == .so ? "CKR_USER_NOT_LOGGED_IN" : "CKR_OK"
        try call("sign-init \(session) CKM_RSA_PKCS \(used)", code)
        if code == "CKR_OK" { try call("sign \(session) zeros:32 512", "CKR_OK") { $0.first == "256" } }
    }

    /// One of these, or now and then one that has ended or never was.
    private mutating func pick(_ names: [String], orStale stale: Set<String>) -> String {
        if Int.random(in: 0..<8, using: &random) > 0, let name = names.randomElement(using: &random) { return name }
        return stale.sorted().randomElement(using: &random) ?? "4711"
    }

    @discardableResult
    private mutating func call(
        _ call: String, _ code: String, _ isRight: ([String]) -> Bool = { _ in true }
    ) throws -> [String] {
        let thread = "T\(Int.random(in: 1...4, using: &random))"
        let answer = try process.line("\(thread) \(call)").split(separator: " ").map(String.init)
        history.append("\(thread) \(call) -> \(answer.joined(separator: " ").prefix(60)), expected \(code)")
        let results = Array(answer.dropFirst())
        if answer.first != code || code == "CKR_OK" && !isRight(results) { hasFailed = true }
        return code == "CKR_OK" && answer.first == code ? results : []
    }
}

/// Sebastiano Vigna's generator: the same numbers for the same seed, everywhere.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
