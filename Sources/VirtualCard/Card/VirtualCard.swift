import APDU

/// A simulated card: takes the bytes of command APDUs and answers as the card of its profile does. Used from one
/// thread at a time.
public final class VirtualCard: PoweredCard {
    /// What kind of card this is.
    public let profile: CardProfile
    private let applications: [any CardApplication]
    private var selected: (any CardApplication)?
    private var chain: CommandChain
    private var framing: ResponseFraming
    private let quirks: QuirkSet

    /// A card with these applications, which nobody has powered yet.
    ///
    /// - Parameter added: quirks beyond those of the profile.
    public init(profile: CardProfile, applications: [any CardApplication], quirks added: [Quirk] = []) {
        quirks = QuirkSet(profile.quirks + added)
        self.profile = profile
        self.applications = applications
        chain = CommandChain(limit: profile.maximumDataLength)
        framing = ResponseFraming(isT0: profile.isT0)
    }

    /// The card of a state, which `save` puts away after each change; where that throws, the command is
    /// answered with 6581 (memory failure).
    public convenience init(
        state: CardState, touch: Touch = .immediate, save: @escaping (CardState) throws -> Void = { _ in }
    ) {
        let profile = state.profile
        let memory = CardMemory(state, save: save)
        var applications: [any CardApplication] = []
        if profile.hasPIV { applications.append(PIVApplication(memory, touch: touch)) }
        if let features = profile.openPGP {
            applications.append(OpenPGPApplication(memory, features, touch: touch))
        }
        applications += profile.otherApplications(memory)
        self.init(profile: profile, applications: applications, quirks: state.quirks)
    }

    /// The answer to reset.
    public var answerToReset: [UInt8] { profile.answerToReset }

    /// Power on, power off or a warm reset: no application is selected, nothing is proven, nothing waits.
    public func reset() {
        selected?.deselect()
        selected = nil
        chain.drop()
        framing.drop()
    }

    /// Does one command APDU and returns the answer: data and two status bytes. Never traps, whatever the bytes.
    public func process(_ bytes: [UInt8]) -> [UInt8] {
        if let answer = quirks.answer(toMessage: bytes) {
            chain.drop()
            framing.drop()
            return answer
        }
        guard let command = CommandAPDU(parsing: bytes), profile.supportsExtendedLength || !command.isExtended else {
            chain.drop()
            framing.drop()
            return ResponseAPDU(status: .wrongLength).encoded
        }
        return answer(command).encoded
    }

    private func answer(_ command: CommandAPDU) -> ResponseAPDU {
        let header = command.header
        if header.ins == Instruction.getResponse && header.cla == 0 { return framing.next(for: command) }
        framing.drop()
        let isProprietary = header.cla == 0x80 && selected?.takesProprietaryClass(of: header.ins) == true
        guard header.cla & ~CommandHeader.chainingBit == 0 || isProprietary else {
            chain.drop()
            let securesMessages = header.cla & 0xE0 == 0 && header.cla & 0x0C != 0
            return ResponseAPDU(status: securesMessages ? .secureMessagingNotSupported : .classNotSupported)
        }
        switch chain.take(command) {
        case .more: return ResponseAPDU(status: .success)
        case .tooLong: return ResponseAPDU(status: .wrongLength)
        case .whole(let whole): return framing.frame(dispatch(whole), to: quirks.limited(whole))
        }
    }

    private func dispatch(_ command: CommandAPDU) -> ResponseAPDU {
        let isSelect = command.header.ins == Instruction.select
        // A quirk of an application sees the SELECT that chooses it, and not the one that leaves it.
        let target = isSelect ? application(named: command) : selected
        if let answer = quirks.answer(to: command, of: target) {
            if isSelect, let target { choose(target) }
            return answer
        }
        let answer =
            isSelect ? select(command) : selected?.process(command) ?? ResponseAPDU(status: .instructionNotSupported)
        return quirks.bent(answer, to: command, of: target)
    }

    /// The application that a SELECT names (ISO/IEC 7816-4, section 11.2.2), where it is here.
    private func application(named command: CommandAPDU) -> (any CardApplication)? {
        guard (5...16).contains(command.data.count) else { return nil }
        return applications.first { $0.identifier.starts(with: command.data) }
    }

    private func choose(_ application: any CardApplication) {
        if let selected, selected !== application { selected.deselect() }
        selected = application
    }

    /// SELECT by name (ISO/IEC 7816-4, section 11.2.2). A name that no application has leaves the one that is
    /// selected as it is.
    private func select(_ command: CommandAPDU) -> ResponseAPDU {
        guard command.header.p1 == 0x04, command.header.p2 == 0x00 else {
            return ResponseAPDU(status: .incorrectParameters)
        }
        guard let found = application(named: command) else { return ResponseAPDU(status: .notFound) }
        choose(found)
        return found.select()
    }
}

/// Instruction bytes that the card itself looks at.
private enum Instruction {
    static let select: UInt8 = 0xA4
    static let getResponse: UInt8 = 0xC0
}
