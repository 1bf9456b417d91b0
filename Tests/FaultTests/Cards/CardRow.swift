import Cryptoki
import Platform
import Testing
import Token

@testable import VirtualCard

/// A card of the table: a profile, and perhaps one quirk more than it has.
struct CardRow: CustomStringConvertible {
    let profile: CardProfile
    let quirk: Quirk?

    var description: String { profile.name + (quirk.map { " with \($0)" } ?? "") }

    var quirks: [Quirk] { profile.quirks + (quirk.map { [$0] } ?? []) }

    /// Where the token is PIV's; else it is OpenPGP's.
    var isPIV: Bool { profile.hasPIV }

    func has(_ names: String...) -> Bool { quirks.contains { names.contains($0.name) } }

    // MARK: The card

    /// The keys' ids: 9A and 9C, or SIG and AUT.
    var ids: [UInt8] { isPIV ? [1, 2] : [1, 3] }

    /// The ids of the keys that sign.
    var signing: [UInt8] { ids }

    /// A key's place.
    var place: ObjectReference { ObjectReference(.privateKey, isPIV ? 0x9A : 1) }

    var pin: String { has("global-pin-alone") || profile.pinUsagePolicy == [0x60, 0x20] ? "654321" : "123456" }

    var administratorSecret: String {
        isPIV ? "010203040506070801020304050607080102030405060708" : "12345678"
    }

    /// Cards that have no curves.
    func isRSA(_ id: UInt8) -> Bool { Self.isRSA(profile) }

    private static func isRSA(_ profile: CardProfile) -> Bool {
        !profile.hasPIV && profile.openPGP.map { !$0.algorithms.contains(.p256) } ?? false
    }

    /// Before version 3 there is a certificate of AUT alone.
    func hasCertificate(_ id: UInt8) -> Bool {
        if has("certificate-unreadable") { return false }
        return isPIV || id == 3 || profile.openPGP?.isVersion(since: 3) == true
    }

    /// Whether another process can see a new key that has no certificate.
    var tellsNewKeys: Bool {
        !isPIV
            || profile.isYubiKey(since: 5, 3)
                && !has("metadata-6d00", "metadata-empty", "metadata-constant", "metadata-without-key")
    }

    /// A card with its keys; RSA keys are made once.
    static func card(_ profile: CardProfile, _ quirk: Quirk?) throws -> CardState {
        var state =
            try made.withLock { made in
                if let state = made[profile.name] { return state }
                let state = try CardState.with(
                    profile,
                    profile.hasPIV
                        ? ["9a": "p256", "9c": "p256"]
                        : isRSA(profile) ? ["sig": "rsa2048", "aut": "rsa2048"] : ["sig": "p256", "aut": "p256"])
                made[profile.name] = state
                return state
            }
        if let quirk {
            state.quirks.append(quirk)
            QuirkSet([quirk]).personalise(&state)
            // The quirk is what a card answers in that state.
            if quirk.name == "not-activated-6985" { state.openPGP?.isTerminated = true }
        }
        return state
    }

    private static let made = Made()

    /// The cards that were made already, for tests that run side by side.
    private final class Made: @unchecked Sendable {
        private let states = Guarded<[String: CardState]>([:])

        func withLock<R>(_ body: (inout [String: CardState]) throws -> R) rethrows -> R { try states.withLock(body) }
    }

    // MARK: Quirks

    /// The profiles on which a quirk is tried: it is of PIV, of OpenPGP, or of the way to the card.
    static func hosts(of quirk: Quirk) -> [CardProfile] {
        if (Quirk.openPGPData + Quirk.openPGPUse).contains(quirk) || quirk.name == "not-activated-6985" {
            return [.openPGP34]
        }
        switch quirk.name {
        case "global-pin-alone": return [.plainGlobal]
        // A card that does not tell of its fingerprint cannot be asked before.
        case "reset-refused": return [.yubiKeyBio]
        case "reset-by-pin": return [.yubiKey57]
        default: return [.yubiKey57, .plain]
        }
    }

    /// The jobs that a quirk bends.
    static func jobs(of quirk: Quirk) -> [CardJob] {
        if quirk.name.hasPrefix("reset") { return [.reset] }
        if Quirk.keyUse.contains(quirk) || quirk.name.hasPrefix("import") { return [.sign, .generate, .importKey] }
        if quirk.name.hasPrefix("pin-") || quirk.name.hasPrefix("change") { return [.logIn, .changePIN] }
        return [.list, .sign]
    }

    // MARK: What must come out

    /// Whether there are no commands beside the specification's.
    private var isPlain: Bool {
        isPIV && (profile.vendor == .none || has("metadata-constant") && !profile.isYubiKey)
    }

    private var takesNoPIN: Bool {
        has("no-pin-here-6982", "no-pin-here-6a81", "no-pin-here-6985", "no-pin-here-6984")
    }

    /// Why a card does not do what its administrator wants, or does not change its PIN; nil where it does.
    private func administration(_ job: CardJob) -> String? {
        switch job {
        case .generate:
            if has("no-management-key") { return "pinIncorrect(retriesLeft: nil)" }
            return has("generate-6d00") ? "unsupported" : nil
        case .certificate:
            if has("certificate-unreadable") { return "objectNotFound" }
            return has("no-management-key") ? "pinIncorrect(retriesLeft: nil)" : nil
        case .changePIN: return takesNoPIN ? "failed" : nil
        case .reset:
            // Plain PIV cards have none, nor has Swissbit's, whose version has four bytes.
            if isPlain || has("no-life-cycle") { return "unsupported" }
            return has("biometric-policies") ? "fingerprint" : takesNoPIN ? "failed" : nil
        case .importKey:
            if has("no-management-key") { return "pinIncorrect(retriesLeft: nil)" }
            if has("import-refused") { return "dataInvalid" }
            return isPlain || profile.name == "nitrokey3" ? "unsupported" : nil
        case .list, .logIn, .sign, .secondLogin: return nil
        }
    }

    /// What must come of a job; nearly always it is done.
    func expected(_ job: CardJob) -> CardOutcome {
        if has("not-activated-6985") {
            switch job {
            case .list: return .wrong("no public key 1")
            case .reset: return .done
            case .logIn, .sign, .secondLogin: return .refused(.functionFailed)
            case .generate, .certificate, .changePIN, .importKey: return .refusedBy("unsupported")
            }
        }
        // A key that is told of by its certificate alone.
        if has("certificate-unreadable"), !profile.isYubiKey(since: 5, 3) {
            switch job {
            case .list: return .wrong("no public key 1")
            case .sign, .secondLogin: return .wrong("no private key 1")
            case .logIn, .generate, .certificate, .changePIN, .reset, .importKey: break
            }
        }
        switch job {
        case .list: return .done
        case .logIn, .sign, .secondLogin:
            return takesNoPIN ? .refused(.deviceError) : .done
        case .generate, .certificate, .changePIN, .reset, .importKey:
            return administration(job).map { .refusedBy($0) } ?? .done
        }
    }
}
