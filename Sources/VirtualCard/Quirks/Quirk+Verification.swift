import APDU

/// How PINs are asked about, compared and changed.
extension Quirk {
    static let verification =
        [verify630X, statusNeverVerified, statusVerifiedAfterSelect, globalPINAlone, changePIN6300, pinTooSimple]
        + noPINHere + [noShortPIN]

    static let verify630X = Quirk(
        "verify-630x", "a wrong PIN answers 630x in place of 63Cx",
        source: "YubiKey NEO: OpenSC card-piv.c, CI_VERIFY_630X",
        .answer { situation, command, answer in
            guard situation.piv != nil, command.header.ins == 0x20, let left = answer.status.triesLeft else {
                return answer
            }
            return refuse(0x6300 | UInt16(left))
        })

    static let statusNeverVerified = Quirk(
        "status-never-9000", "VERIFY without data tells the tries left after the PIN too",
        source: "NEO, dual CACs, PIVKey, YubiKey before 4.3.2: OpenSC card-piv.c, CI_VERIFY_LC0_FAIL",
        .answer { situation, command, answer in
            guard let piv = situation.piv, case .getStatus = situation.pivCommand(command), answer.status == .success
            else { return answer }
            return refuse(0x63C0 | UInt16(min(piv.state.applicationPIN.triesLeft, 15)))
        })

    static let statusVerifiedAfterSelect = Quirk(
        "status-9000-after-select",
        "a new SELECT locks the keys, and VERIFY without data still says 9000",
        source: "PivApplet: trial with jCardSim; its PIN object keeps its validation over SELECT",
        .command { situation, command in
            guard let piv = situation.piv else { return nil }
            if command.header.ins == 0xA4, piv.isPINVerified {
                piv.security.verified = []
                piv.security.hasFreshPIN = false
                piv.security.saysVerified = true
            }
            switch situation.pivCommand(command) {
            case .getStatus where piv.security.saysVerified: return ResponseAPDU(status: .success)
            case .verify, .resetStatus: piv.security.saysVerified = false
            default: break
            }
            return nil
        })

    static let globalPINAlone = Quirk(
        "global-pin-alone", "the application PIN, 80, answers 6A86; the global PIN, 00, opens the keys",
        source: "CACs: OpenSC issues 570, 816 and 1328",
        .command { situation, command in
            guard situation.piv != nil, [0x20, 0x24, 0x2C].contains(command.header.ins), command.header.p2 == 0x80
            else { return nil }
            return refuse(0x6A86)
        })

    static let changePIN6300 = Quirk(
        "change-pin-6300", "CHANGE REFERENCE DATA with a wrong PIN answers 6300 without the tries left",
        source: "Nitrokey 3: piv-authenticator lib.rs, change_pin: Status::VerificationFailed",
        .answer { situation, command, answer in
            guard situation.piv != nil, command.header.ins == 0x24, answer.status.triesLeft != nil else {
                return answer
            }
            return refuse(0x6300)
        })

    static let pinTooSimple = Quirk(
        "pin-complexity", "a new PIN or PUK of one repeated character, or 123456 and its kind, answers 6985",
        source: "YubiKey 5.7 with PIN complexity: Yubico's 5.7 manual; Token2: OpenSC issue 3545",
        .command { situation, command in
            let new: ArraySlice<UInt8>
            switch (situation.pivCommand(command), situation.openPGPCommand(command)) {
            case (.changeReferenceData(_, _, let value), _), (.resetRetryCounter(_, let value), _): new = value[...]
            case (_, .changeReferenceData(let reference, let both)):
                guard let state = situation.openPGP?.state else { return nil }
                let old = reference == .administrator ? state.administratorPassword : state.userPassword
                guard both.starts(with: old.value) else { return nil }
                new = both.dropFirst(old.value.count)
            default: return nil
            }
            let text = Array(new.prefix { $0 != 0xFF })
            let isCommon = ["123456", "1234567", "12345678", "abc123"].contains { Array($0.utf8) == text }
            return Set(text).count < 2 || isCommon ? refuse(0x6985) : nil
        })

    /// A card that takes no PIN over this interface.
    static let noPINHere = ([0x6982, 0x6A81, 0x6985, 0x6984] as [UInt16]).map { status in
        Quirk(
            "no-pin-here-\(digits(status))", "VERIFY with a PIN answers \(digits(status)): not over this interface",
            source: "contactless PIV cards: OpenSC card-piv.c, piv_pin_cmd; SP 800-73-5 part 1, table 3",
            .command { situation, command in
                guard situation.piv != nil, command.header.ins == 0x20, !command.data.isEmpty else { return nil }
                return refuse(status)
            })
    }

    static let noShortPIN = Quirk(
        "pin-of-eight", "a new PIN of fewer than eight characters answers 6985",
        source: "YubiKey FIPS 5.7: yubikit piv.py and Yubico's technical manual",
        .command { situation, command in
            switch situation.pivCommand(command) {
            case .changeReferenceData(_, _, let new), .resetRetryCounter(_, let new):
                return new.contains(0xFF) ? refuse(0x6985) : nil
            default: return nil
            }
        })
}
