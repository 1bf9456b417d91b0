import APDU
import HostCrypto

/// The OpenPGP card application (sections 4 and 7).
final class OpenPGPApplication: CardApplication {
    private let memory: CardMemory
    let features: OpenPGPFeatures
    /// What is forgotten without power.
    var security = OpenPGPSecurity()
    var finger: Finger

    init(_ memory: CardMemory, _ features: OpenPGPFeatures, touch: Touch) {
        self.memory = memory
        self.features = features
        finger = Finger(touch)
    }

    /// What is kept without power.
    var state: OpenPGPState { memory.state.openPGP ?? OpenPGPState(features) }

    /// Section 4.2.1: the RID of the Free Software Foundation Europe, application 01, version, manufacturer, serial
    /// number, and two bytes for later. The serial number's decimal digits are written as hexadecimal ones, as on a
    /// YubiKey, so that they are what a person reads; a longer one is written as a number.
    var identifier: [UInt8] {
        let shown = UInt32(String(serialNumber), radix: 16) ?? serialNumber
        let manufacturer = [UInt8(features.manufacturer >> 8), UInt8(features.manufacturer & 0xFF)]
        return [0xD2, 0x76, 0x00, 0x01, 0x24, 0x01] + features.version + manufacturer
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: shown >> $0) } + [0x00, 0x00]
    }

    /// Section 7.2.1: no answer, but for 6285 where the application was terminated.
    func select() -> ResponseAPDU {
        security.selection = OpenPGPSecurity().selection
        return ResponseAPDU(status: state.isTerminated ? .terminated : .success)
    }

    func deselect() {
        security = OpenPGPSecurity()
        finger.forget()
    }

    func process(_ command: CommandAPDU) -> ResponseAPDU {
        do throws(Refusal) {
            return ResponseAPDU(data: try perform(try OpenPGPCommand(command)), status: .success)
        } catch {
            return ResponseAPDU(status: error.status)
        }
    }

    private func perform(_ command: OpenPGPCommand) throws(Refusal) -> [UInt8] {
        // Section 7.2.16: after TERMINATE DF only ACTIVATE FILE is left.
        guard !state.isTerminated || command == .activate else { throw Refusal(.terminated) }
        switch command {
        case .getData(let tag): return try getData(tag)
        case .getNextData(let tag): return try getNextData(tag)
        case .selectData(let occurrence, let tag): try selectData(occurrence, tag)
        case .putData(let tag, let value): try putData(tag, value)
        case .importKey(let template): try importKey(template)
        case .getStatus(let reference): try getStatus(reference)
        case .verify(let reference, let value): try verify(reference, value)
        case .resetStatus(let reference): try resetStatus(reference)
        case .changeReferenceData(let reference, let both): try changeReferenceData(reference, both)
        case .resetRetryCounter(let withCode, let data): try resetRetryCounter(withCode: withCode, data)
        case .generateKeyPair(let slot): return try generateKeyPair(slot)
        case .readPublicKey(let slot): return try readPublicKey(slot)
        case .sign(let data): return try sign(data)
        case .decipher(let cryptogram): return try decipher(cryptogram)
        case .encipher(let data): return try encipher(data)
        case .internalAuthenticate(let data): return try internalAuthenticate(data)
        case .manageEnvironment(let operation, let slot): try manageEnvironment(operation, slot)
        case .getChallenge(let count): return try getChallenge(count)
        case .terminate: try terminate()
        case .activate: try activate()
        case .yubico(let command):
            guard features.isYubiKey else { throw Refusal(.instructionNotSupported) }
            return try perform(command)
        }
        return []
    }

    /// Changes the state and puts it away; where it cannot be put away, nothing has changed.
    func change(_ body: (inout OpenPGPState) -> Void) throws(Refusal) {
        try memory.change { [features] card in
            var state = card.openPGP ?? OpenPGPState(features)
            body(&state)
            card.openPGP = state
        }
    }

    /// The firmware of a YubiKey: major, minor and patch number.
    var firmware: [UInt8] {
        guard case .yubico(let major, let minor, let patch) = memory.state.profile.vendor else { return [] }
        return [major, minor, patch]
    }

    var serialNumber: UInt32 { memory.state.serialNumber }

    func takesProprietaryClass(of instruction: UInt8) -> Bool {
        features.isYubiKey && instruction == OpenPGPCommand.attestInstruction
    }

    /// A YubiKey's own commands. GET VERSION and SET PIN RETRIES are those of yubikit's openpgp.py: the version's numbers
    /// are packed decimal ones; new tries keep the passwords.
    private func perform(_ command: OpenPGPCommand.YubicoCommand) throws(Refusal) -> [UInt8] {
        switch command {
        case .getVersion: return firmware.map { $0 / 10 % 10 << 4 | $0 % 10 }
        case .setTries(let tries):
            try require(.administrator)
            guard tries.count == 3, tries.allSatisfy({ $0 > 0 }) else { throw Refusal(.incorrectData) }
            try change { state in
                state.userPassword.setTries(Int(tries[0]))
                state.resettingCode.setTries(Int(tries[1]))
                state.administratorPassword.setTries(Int(tries[2]))
            }
            return []
        case .attest(let slot):
            try attest(slot)
            return []
        }
    }
}

/// What the application has been shown since it was selected.
struct OpenPGPSecurity {
    /// The references of passwords that were verified.
    var verified: Set<PasswordReference> = []
    /// What SELECT DATA and MANAGE SECURITY ENVIRONMENT chose.
    var selection = Selection()

    struct Selection {
        /// The occurrence of DO 7F21.
        var certificate = 0
        /// The key of PSO: DECIPHER.
        var decryption = OpenPGPKeySlot.decryption
        /// The key of INTERNAL AUTHENTICATE.
        var authentication = OpenPGPKeySlot.authentication
    }
}

extension StatusWord {
    /// 6285: the selected file is in termination state (section 7.2.1).
    static let terminated = StatusWord(rawValue: 0x6285)
}
