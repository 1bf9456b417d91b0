import TestSupport
import Testing

/// The example of use of sessions in the PKCS #11 usage guide, step by step: two processes A and B with two threads
/// each share one card. The session handles 7 and 4 of the guide are `seven` and `four`.
@Suite struct UsageGuideTests {
    private static let world = Result { try CardWorld(SimulatedCard.withProtectedManagementKey) }
    private static let managementKey = SimulatedCard.managementKey
    /// A data object that PIV has and this card has not filled.
    private static let place = "application=hex:\("Security Object".hexadecimal)"

    @Test func theExamplePlays() throws {
        let world = try Self.world.get()
        let a = try CryptokiProcess(in: world), b = try CryptokiProcess(in: world)
        try a("A1 initialize")
        try b("B1 initialize")
        let seven = try a.first("A1 open 0 rw"), four = try a.first("A2 open 0 ro")
        #expect(try states(a, seven, four) == [.publicReadWrite, .publicReadOnly])
        try a("A1 login \(seven) so \(Self.managementKey)", "CKR_SESSION_READ_ONLY_EXISTS")
        try a("A2 login \(seven) user \(SimulatedCard.pin)")
        #expect(try states(a, seven, four) == [.userReadWrite, .userReadOnly])
        let nine = try a.first("A2 open 0 rw")
        #expect(try states(a, nine) == [.userReadWrite])
        try a("A1 close \(nine)")
        // B has no session yet, so A's handles mean nothing to it.
        try b("B1 logout \(four)", "CKR_SESSION_HANDLE_INVALID")
        try b("B2 close \(four)", "CKR_SESSION_HANDLE_INVALID")
        let sevenOfB = try b.first("B1 open 0 rw")
        try b("B1 login \(sevenOfB) so \(Self.managementKey)")
        #expect(try states(b, sevenOfB) == [.officer])
        #expect(try states(a, seven, four) == [.userReadWrite, .userReadOnly])
        try b("B2 open 0 ro", "CKR_SESSION_READ_WRITE_SO_EXISTS")
        let o1 = try a.first("A1 create \(seven) class=data label=O1 value=one")
        let inB = try b.first("B1 create \(sevenOfB) class=data token=true \(Self.place) value=two")
        try b("B1 create \(sevenOfB) class=data private=true value=three", "CKR_USER_NOT_LOGGED_IN")
        try b("B2 set \(sevenOfB) \(inB) value=four")
        #expect(try b("B2 get \(sevenOfB) \(inB) value") == ["four".hexadecimal])
        let inA = try a.first("A1 find \(four) class=data token=true \(Self.place)")
        try a("A1 set \(four) \(inA) value=five", "CKR_SESSION_READ_ONLY")
        try a("A1 set \(seven) \(inA) value=five")
        #expect(try b("B1 find \(sevenOfB) label=O1") == [])
        try a("A2 set \(four) \(o1) value=six")
        #expect(try a("A1 get \(seven) \(o1) value") == ["six".hexadecimal])
        try a("A2 destroy \(seven) \(inA)")
        try a("A1 get \(four) \(inA) value", "CKR_OBJECT_HANDLE_INVALID")
        try b("B1 set \(sevenOfB) \(inB) value=seven", "CKR_OBJECT_HANDLE_INVALID")
        try b("B1 get \(sevenOfB) \(inB) value", "CKR_OBJECT_HANDLE_INVALID")
        try a("A1 logout \(four)")
        #expect(try states(a, seven, four) == [.publicReadWrite, .publicReadOnly])
        try a("A1 close \(seven)")
        try a("A2 get \(four) \(o1) value", "CKR_OBJECT_HANDLE_INVALID")
        try a("A2 close-all 0")
        try a("A2 state \(four)", "CKR_SESSION_HANDLE_INVALID")
        #expect(try states(a, a.first("A1 open 0 ro")) == [.publicReadOnly])
        #expect(try states(b, sevenOfB) == [.officer])
        try a("A1 finalize")
        try b("B2 finalize")
    }

    /// CKS_…
    private enum State: String {
        case publicReadOnly = "0"
        case userReadOnly = "1"
        case publicReadWrite = "2"
        case userReadWrite = "3"
        case officer = "4"
    }

    private func states(_ process: CryptokiProcess, _ sessions: String...) throws -> [State?] {
        try sessions.map { State(rawValue: try process.first("X state \($0)")) }
    }
}
