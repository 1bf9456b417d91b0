/// The standard's rules of sessions, login and objects, as small as they can be said: what a call must answer, given
/// all calls before it. Handles are the module's own, as it told them.
struct SessionModel {
    enum User: String, CaseIterable { case nobody, user, so }

    struct Object: Equatable {
        /// The session that made it, or nil for an object on the card.
        var owner: String?
        var isPrivate = false
        var value: String
    }

    /// Open sessions, and whether they are read-write.
    private(set) var sessions: [String: Bool] = [:]
    private(set) var loggedIn = User.nobody
    private(set) var objects: [String: Object] = [:]
    /// Handles that have ended: none of them may come back.
    private(set) var endedSessions: Set<String> = []
    private(set) var endedObjects: Set<String> = []

    // MARK: Sessions

    func codeOfOpening(readWrite: Bool) -> String {
        loggedIn == .so && !readWrite ? "CKR_SESSION_READ_WRITE_SO_EXISTS" : "CKR_OK"
    }

    mutating func opened(_ session: String, readWrite: Bool) { sessions[session] = readWrite }

    mutating func close(_ session: String) -> String {
        guard sessions.removeValue(forKey: session) != nil else { return "CKR_SESSION_HANDLE_INVALID" }
        endedSessions.insert(session)
        end { $0.owner == session }
        if sessions.isEmpty { endLogin() }
        return "CKR_OK"
    }

    mutating func closeAll() -> String {
        for session in sessions.keys { _ = close(session) }
        return "CKR_OK"
    }

    /// CKS_…
    func state(_ session: String) -> String? {
        sessions[session].map { isReadWrite in
            switch loggedIn {
            case .nobody: isReadWrite ? "2" : "0"
            case .user: isReadWrite ? "3" : "1"
            case .so: "4"
            }
        }
    }

    // MARK: Login

    mutating func login(_ session: String, _ user: User) -> String {
        guard sessions[session] != nil else { return "CKR_SESSION_HANDLE_INVALID" }
        if loggedIn == user { return "CKR_USER_ALREADY_LOGGED_IN" }
        if loggedIn != .nobody { return "CKR_USER_ANOTHER_ALREADY_LOGGED_IN" }
        if user == .so, sessions.values.contains(false) { return "CKR_SESSION_READ_ONLY_EXISTS" }
        loggedIn = user
        return "CKR_OK"
    }

    mutating func logout(_ session: String) -> String {
        guard sessions[session] != nil else { return "CKR_SESSION_HANDLE_INVALID" }
        guard loggedIn != .nobody else { return "CKR_USER_NOT_LOGGED_IN" }
        endLogin()
        return "CKR_OK"
    }

    // MARK: Objects

    func codeOfCreating(_ session: String, onToken: Bool, isPrivate: Bool) -> String {
        guard let isReadWrite = sessions[session] else { return "CKR_SESSION_HANDLE_INVALID" }
        if onToken && !isReadWrite { return "CKR_SESSION_READ_ONLY" }
        if onToken && loggedIn == .nobody || isPrivate && loggedIn != .user { return "CKR_USER_NOT_LOGGED_IN" }
        return "CKR_OK"
    }

    /// An object was made; one on the card takes the place of the one that was there.
    mutating func created(_ handle: String, _ object: Object) {
        if object.owner == nil { end { $0.owner == nil } }
        objects[handle] = object
    }

    func codeOfReading(_ session: String, _ object: String) -> String {
        guard sessions[session] != nil else { return "CKR_SESSION_HANDLE_INVALID" }
        return objects[object] == nil ? "CKR_OBJECT_HANDLE_INVALID" : "CKR_OK"
    }

    func codeOfWriting(_ session: String, _ object: String) -> String {
        let code = codeOfReading(session, object)
        guard code == "CKR_OK", objects[object]?.owner == nil else { return code }
        return codeOfCreating(session, onToken: true, isPrivate: false)
    }

    mutating func set(_ session: String, _ object: String, _ value: String) -> String {
        let code = codeOfWriting(session, object)
        if code == "CKR_OK" { objects[object]?.value = value }
        return code
    }

    mutating func destroy(_ session: String, _ object: String) -> String {
        let code = codeOfWriting(session, object)
        if code == "CKR_OK" { end(object) }
        return code
    }

    private mutating func endLogin() {
        loggedIn = .nobody
        end { $0.isPrivate }
    }

    private mutating func end(where isEnding: (Object) -> Bool) {
        for (handle, object) in objects where isEnding(object) { end(handle) }
    }

    private mutating func end(_ handle: String) {
        objects[handle] = nil
        endedObjects.insert(handle)
    }
}
