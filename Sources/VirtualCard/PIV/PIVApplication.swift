import APDU
import HostCrypto

/// The PIV card application (SP 800-73-5 part 2), with Yubico's extensions where the profile has them.
final class PIVApplication: CardApplication {
    /// SP 800-73-5 part 1, section 2.2: RID, PIX and version 1.0.
    let identifier: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00]

    private let memory: CardMemory
    /// What is forgotten without power.
    var security = SecurityStatus()
    var finger: Finger

    init(_ memory: CardMemory, touch: Touch) {
        self.memory = memory
        finger = Finger(touch)
    }

    /// What is kept without power.
    var state: CardState { memory.state }
    var profile: CardProfile { state.profile }

    /// The application property template (SP 800-73-5 part 2, table 4). A YubiKey's has the PIX and the authority
    /// alone; Yubico's PIV manual shows its bytes.
    func select() -> ResponseAPDU {
        let rid = Array(identifier.prefix(5))
        var content = BER.object(0x4F, identifier.dropFirst(5))
        content += BER.object(0x79, BER.object(0x4F, rid))
        if !profile.isYubiKey {
            content += BER.object(0x50, Array("Personal Identity Verification Card".utf8))
            content += BER.object(0x5F50, Array("http://csrc.nist.gov/npivp".utf8))
        }
        return ResponseAPDU(data: BER.object(0x61, content), status: .success)
    }

    func deselect() {
        security = SecurityStatus()
        finger.forget()
    }

    func process(_ command: CommandAPDU) -> ResponseAPDU {
        do throws(Refusal) {
            let parsed = try PIVCommand(command)
            if !profile.isYubiKey { security.noteCommand(parsed) }
            return ResponseAPDU(data: try perform(parsed), status: .success)
        } catch {
            return ResponseAPDU(status: error.status)
        }
    }

    private func perform(_ command: PIVCommand) throws(Refusal) -> [UInt8] {
        switch command {
        case .getData(let tag): return try getData(tag)
        case .putData(let tag, let value): try putData(tag, value)
        case .getStatus(let reference): try getStatus(reference)
        case .verify(let reference, let value): try verify(reference, value)
        case .resetStatus(let reference): try resetStatus(reference)
        case .changeReferenceData(let reference, let current, let new):
            try changeReferenceData(reference, current: current, new: new)
        case .resetRetryCounter(let unblockingKey, let newPIN):
            try resetRetryCounter(unblockingKey: unblockingKey, newPIN: newPIN)
        case .generalAuthenticate(let reference, let algorithm, let template):
            return try generalAuthenticate(reference, algorithm, template)
        case .generateKeyPair(let reference, let request): return try generateKeyPair(reference, request)
        case .yubico(let command):
            guard command.exists(on: profile) else { throw Refusal(.instructionNotSupported) }
            return try perform(command)
        }
        return []
    }

    /// Changes the state and puts it away; where it cannot be put away, nothing has changed.
    func change(_ body: (inout CardState) -> Void) throws(Refusal) { try memory.change(body) }

    /// What commands that change the card ask for: a proof of the management key.
    func requireAdministrator() throws(Refusal) {
        guard security.isAdministrator else { throw Refusal(.securityStatusNotSatisfied) }
    }
}

/// What the application has been shown since it was selected.
struct SecurityStatus {
    /// The PIN references that were verified.
    var verified: Set<KeyReference> = []
    /// Whether a PIN was verified and no key with the policy "always" used since.
    var hasFreshPIN = false
    /// Whether the management key was proven.
    var isAdministrator = false
    /// The challenge or witness that GENERAL AUTHENTICATE gave out and waits to see again.
    var pending: PendingAuthentication?

    /// SP 800-73-5 part 1, table 5, note on "PIN Always": on a card that takes it to the letter, the PIN counts only
    /// for the command that comes right after VERIFY.
    mutating func noteCommand(_ command: PIVCommand) {
        if case .generalAuthenticate = command { return }
        hasFreshPIN = false
    }
}
