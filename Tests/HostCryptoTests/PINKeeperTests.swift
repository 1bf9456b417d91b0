import HostCrypto
import Platform
import TestSupport
import Testing

/// For how long PINs are kept, and what wipes them.
@Suite struct PINKeeperTests {
    private let time = Guarded(5000)

    private func keeper(_ limit: Int?) -> PINKeeper {
        let time = time
        return PINKeeper(limit: limit) { time.withLock { $0 } }
    }

    private static func pin(_ text: String = "123456") throws -> StoredPIN {
        let bytes = Array(text.utf8)
        return try StoredPIN(bytes.span.bytes)
    }

    /// What becomes of a PIN so many milliseconds after it was given.
    @Test(
        arguments: [
            (nil, 0, false), (nil, 1_000_000_000, false), (0, 0, true), (1000, 0, false), (1000, 999, false),
            (1000, 1000, true), (1000, 5000, true),
        ] as [(Int?, Int, Bool)])
    func limits(_ limit: Int?, _ milliseconds: Int, _ isWiped: Bool) throws {
        let keeper = keeper(limit)
        let pin = try Self.pin()
        keeper.keep(pin)
        #expect(pin.isWiped == (limit == 0))
        time.withLock { $0 += milliseconds }
        keeper.wipeExpired()
        #expect(pin.isWiped == isWiped)
        #expect(keeper.keepsNone == (limit == 0) && keeper.isUnlimited == (limit == nil))
    }

    @Test func eachPINHasItsOwnRetentionTime() throws {
        let keeper = keeper(1000)
        let pins = try [Self.pin(), Self.pin()]
        keeper.keep(pins[0])
        time.withLock { $0 += 600 }
        keeper.keep(pins[1])
        time.withLock { $0 += 600 }
        keeper.wipeExpired()
        #expect(pins.map(\.isWiped) == [true, false])
        time.withLock { $0 += 600 }
        keeper.wipeExpired()
        #expect(pins.map(\.isWiped) == [true, true])
    }

    @Test(arguments: [nil, .user, .administrator] as [PINKeeper.Owner?])
    func logoutWipesTheOwnersPINs(_ owner: PINKeeper.Owner?) throws {
        let keeper = keeper(nil)
        let pins = try [Self.pin(), Self.pin(), Self.pin()]
        keeper.keep(pins[0])
        keeper.keep(pins[1], of: .administrator)
        keeper.wipeAll(of: owner)
        #expect(pins.map(\.isWiped) == [owner != .administrator, owner != .user, false])
    }

    /// A PIN in use is not waited for; the next call wipes it.
    @Test func pinInUseIsWipedLater() throws {
        let keeper = keeper(1)
        let pin = try Self.pin()
        keeper.keep(pin)
        time.withLock { $0 += 10 }
        let seen = pin.withBytes { bytes in
            keeper.wipeExpired()
            return bytes.byteCount
        }
        #expect(seen == 6)
        #expect(!pin.isWiped)
        keeper.wipeExpired()
        #expect(pin.isWiped)
    }

    @Test func wipedPINEqualsNoOther() throws {
        let (pin, same) = (try Self.pin(), try Self.pin())
        #expect(pin.isEqual(to: same) && LoginSecret.pin(pin).isEqual(to: same))
        #expect(pin.isEqual(to: pin))
        #expect(try !pin.isEqual(to: Self.pin("123457")))
        pin.wipe()
        #expect(pin.withBytes { $0.byteCount } == 0)
        #expect(!pin.isEqual(to: same) && !LoginSecret.pin(pin).isEqual(to: same) && LoginSecret.pin(pin).isWiped)
        #expect(!LoginSecret.typedOnReader.isEqual(to: same) && !LoginSecret.typedOnReader.isWiped)
    }
}
