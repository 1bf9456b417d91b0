import ISO7816
import OpenPGP
import PIV
import Token

/// A walk through everything that a token does, on whatever card.
enum TokenTour {
    /// On a PIV card.
    static func visitPIV(_ channel: AnswersChannel) {
        guard let token = try? PIVToken.open(Card(channel: channel)) else { return }
        visit(token, channel)
    }

    /// On an OpenPGP card.
    static func visitOpenPGP(_ channel: AnswersChannel) {
        guard let token = try? OpenPGPToken.open(Card(channel: channel)) else { return }
        visit(token, channel)
    }

    private static let pin = Array("123456".utf8)
    private static let administratorPIN = Array("12345678".utf8)
    private static let managementKey = Array("010203040506070801020304050607080102030405060708".utf8)

    private static func visit(_ token: some Token, _ channel: AnswersChannel) {
        _ = try? token.information()
        _ = try? token.pinStatus()
        let all = token.catalogue.map(\.reference)
        // Those behind the PIN are not to be had yet.
        _ = try? token.present(among: all, areNamed: true)
        channel.userGivesPIN()
        _ = try? token.login(pin: pin.span.bytes)
        let present = (try? token.present(among: all, areNamed: false)) ?? []
        for object in present { use(object, of: token, channel) }
        channel.userGivesPIN()
        let isPIV = token is PIVToken
        _ = try? token.loginAdministrator(secret: (isPIV ? managementKey : administratorPIN).span.bytes)
        for object in present where object.kind == .data || object.kind == .certificate {
            _ = try? token.write([1, 2, 3], to: object, ifStill: token.revision(of: object))
            _ = try? token.delete(object, ifStill: token.revision(of: object))
        }
        token.logout()
    }

    private static func use(_ object: ObjectReference, of token: some Token, _ channel: AnswersChannel) {
        guard object.kind == .privateKey else {
            _ = try? token.value(of: object)
            return
        }
        guard let spki = try? token.subjectPublicKeyInfo(of: object) else { return }
        _ = try? token.policy(of: object)
        _ = try? token.usage(of: object)
        // As long as a modulus, or short.
        let input = [UInt8](repeating: 1, count: spki.count > 200 ? 256 : 32)
        for use in [0, 1, 2] {
            channel.userGivesPIN()
            let permission = use == 0 ? nil : try? token.authenticate(pin: pin.span.bytes, forUseOf: object)
            let result =
                use == 2
                ? try? token.decipher(with: object, ciphertext: input, authorization: permission)
                : try? token.sign(with: object, input: input, authorization: permission)
            if result != nil { channel.results += 1 }
        }
    }
}
