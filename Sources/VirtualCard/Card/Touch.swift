import APDU
import CLibrary
import FoundationEssentials

/// What the finger does when a key whose policy asks for a touch is used.
public enum Touch: Hashable, Sendable {
    /// It is there at once.
    case immediate
    /// It comes after so many milliseconds, during which the card does not answer.
    case delayed(milliseconds: UInt32)
    /// It does not come. A YubiKey answers 6982 then (Yubico's PIV manual, "Authenticate: sign").
    case denied(status: UInt16)
}

/// The finger on an application's card, and when it was last there.
struct Finger {
    private let touch: Touch
    /// In seconds of the monotonic clock.
    private var last: Int?

    init(_ touch: Touch) { self.touch = touch }

    /// Waits for it as the policy says.
    mutating func require(_ policy: TouchPolicy) throws(Refusal) {
        let now = Int(ProcessInfo.processInfo.systemUptime)
        switch policy {
        case .never: return
        case .cached:
            if let last, now - last < 15 { return }
        case .always: break
        }
        switch touch {
        case .immediate: break
        case .delayed(let milliseconds): usleep(milliseconds * 1000)
        case .denied(let status): throw Refusal(StatusWord(rawValue: status))
        }
        last = now
    }

    /// The last touch counts no more.
    mutating func forget() { last = nil }
}
