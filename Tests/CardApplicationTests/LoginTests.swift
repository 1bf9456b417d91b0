import HostCrypto
import Testing

@testable import CardApplication

/// What of a login ends when.
@Suite struct LoginTests {
    private let pin: StoredPIN
    private var login: Login<NoDetails>

    init() throws {
        pin = try StoredPIN([0x31, 0x32].span.bytes)
        login = Login(PINKeeper())
        login.begin(.user, with: .pin(pin))
        for verification in Verification.allCases { login.noteVerified(verification, in: 1) }
    }

    private var verified: [Verification] { Verification.allCases.filter { login.isVerified($0, in: 1) } }

    private func hasSecret(for access: Access) -> Bool { login.secret(for: access) != nil }

    /// A state counts in the epoch in which the card verified it, and in no later one.
    @Test func aStateIsOfItsEpoch() {
        #expect(verified == [.signature, .user, .administrator])
        #expect(Verification.allCases.allSatisfy { !login.isVerified($0, in: 2) })
    }

    /// A refused PIN takes back what the card had verified of the same owner; the next use is not the login's first.
    @Test mutating func aRefusalEndsTheState() {
        login.noteRefusal(of: .administrator)
        #expect(verified == [.signature, .user])
        #expect(login.isJustVerified(in: 1))
        login.noteRefusal(of: .signature)
        #expect(verified.isEmpty)
        login.noteVerified(.user, in: 1)
        #expect(!login.isJustVerified(in: 1))
        #expect(!hasSecret(for: .use(.user, nil)) && hasSecret(for: .login(.user)))
    }

    /// The login's PIN serves one use of a key that wants it each time, and the card's state is gone where it says so.
    @Test mutating func aUseIsOne() {
        #expect(hasSecret(for: .use(.signature, nil)))
        login.noteUse(ending: .signature)
        #expect(verified == [.user, .administrator])
        #expect(!login.isJustVerified(in: 1))
        #expect(!hasSecret(for: .use(.signature, nil)) && hasSecret(for: .login(.signature)))
    }

    /// What was allowed in a login ends with it, whichever way it ends; a PIN that was kept is wiped.
    @Test(arguments: [true, false]) mutating func aPermissionEndsWithTheLogin(_ endsAll: Bool) throws {
        let given = login.permissionOfLogin(for: .user)
        let permission = try #require(given)
        #expect(hasSecret(for: .use(.user, permission)))
        if endsAll { login.endAll() } else { login.end(.user) }
        #expect(pin.isWiped && !login.isUser)
        let next = try StoredPIN([0x31, 0x32].span.bytes)
        login.begin(.user, with: .pin(next))
        #expect(!hasSecret(for: .use(.user, permission)))
        #expect(!login.isVerified(.user, in: 1) && login.isVerified(.administrator, in: 1) != endsAll)
    }

    /// With another PIN the login goes on, and nothing that was allowed with the old one.
    @Test mutating func anotherPINEndsPermissions() throws {
        let given = login.permissionOfLogin(for: .user)
        let permission = try #require(given)
        login.replace(.user, by: .pin(try StoredPIN([0x33].span.bytes)))
        #expect(!hasSecret(for: .use(.user, permission)) && !hasSecret(for: .use(.user, nil)))
        #expect(hasSecret(for: .login(.user)) && verified == [.administrator])
    }
}
