import HostCrypto
import ISO7816
import Keys
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
    private static let block = [UInt8](repeating: 7, count: 16)
    private static let newPIN = Array("654321".utf8)
    private static let administratorPIN = Array("12345678".utf8)
    private static let managementKey = Array("010203040506070801020304050607080102030405060708".utf8)
    /// The base point of P-256 (SEC 2, section 2.4.2), a public key like any other.
    private static let point = PublicKey.basePointOfP256

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
        _ = try? token.randomBytes(atMost: 32)
        _ = try? token.cardAlgorithms()
        setUp(token, present, channel)
        changeSecrets(of: token, channel)
        token.logout()
    }

    private static func use(_ object: ObjectReference, of token: some Token, _ channel: AnswersChannel) {
        guard object.kind == .privateKey else {
            _ = try? token.value(of: object)
            _ = try? token.cipher(block, iv: block, with: object, isEncrypting: true)
            return
        }
        guard let spki = try? token.subjectPublicKeyInfo(of: object) else { return }
        _ = try? token.policy(of: object)
        _ = try? token.usage(of: object)
        // As long as a modulus, or short.
        let input = [UInt8](repeating: 1, count: spki.count > 200 ? 256 : 32)
        for use in [Use.plain, .permitted, .decipher, .agree] {
            channel.userGivesPIN()
            let permission = use == .plain ? nil : try? token.authenticate(pin: pin.span.bytes, forUseOf: object)
            let result =
                switch use {
                case .plain, .permitted: try? token.sign(with: object, input: input, authorization: permission)
                case .decipher: try? token.decipher(with: object, ciphertext: input, authorization: permission)
                case .agree: try? token.sharedSecret(with: object, point: point, authorization: permission)
                }
            if result != nil { channel.results += 1 }
        }
    }

    private enum Use { case plain, permitted, decipher, agree }

    /// What the administrator does.
    private static func setUp(_ token: some Token, _ present: [ObjectReference], _ channel: AnswersChannel) {
        channel.userGivesPIN()
        let secret = token is PIVToken ? managementKey : administratorPIN
        _ = try? token.loginAdministrator(secret: secret.span.bytes)
        for object in present where object.kind == .data || object.kind == .certificate {
            _ = try? token.write([1, 2, 3], to: object, ifStill: token.revision(of: object))
            _ = try? token.delete(object, ifStill: token.revision(of: object))
        }
        let keys = token.catalogue.map(\.reference).filter { $0.kind == .privateKey }.prefix(3)
        for (key, algorithm) in zip(keys, [.ec(.p256), .rsa(bits: 2048), .ec(.p256)] as [KeyType]) {
            _ = try? token.keyAlgorithms(at: key)
            if (try? token.generateKeyPair(algorithm, at: key, KeyRequest())) != nil { channel.results += 1 }
            _ = try? token.attest(key)
        }
        _ = try? token.emptyPlace(for: .ec(.p256))
        if let first = keys.first, let last = keys.last { _ = try? token.moveKey(from: first, to: last) }
        _ = try? token.unfinishedChanges()
        _ = try? token.finishChanges()
        for key in keys { _ = try? token.content(of: key) }
    }

    private static func changeSecrets(of token: some Token, _ channel: AnswersChannel) {
        channel.userGivesPIN()
        _ = try? token.changePIN(from: pin.span.bytes, to: newPIN.span.bytes)
        channel.userGivesPIN()
        _ = try? token.unblockPIN(with: administratorPIN.span.bytes, to: pin.span.bytes)
        channel.userGivesPIN()
        _ = try? token.initializePIN(to: pin.span.bytes)
        _ = try? token.unblockingStatus()
        channel.userGivesPIN()
        _ = try? token.changeOrUnblockPIN(from: pin.span.bytes, to: newPIN.span.bytes)
    }
}

extension PublicKey {
    fileprivate static let basePointOfP256 = ((try? PrivateKey.ec(.p256, scalar: one))?.publicKey).map(\.octets) ?? []

    private static let one = [UInt8](repeating: 0, count: 31) + [1]
}
