import APDU

/// What PIV keys are good for, and how they are made and removed.
extension Quirk {
    static let keyUse = [
        noP384, noChallenge, noManagementKey, managementOnlyAgrees, newKeysRefused, policiesOfFIPS, emptyPlace6985,
        resetRefused, resetByPINAlone, wrongManagementKey6A80, bytesAfterAttestation, noAttestation, twoRetiredKeys,
        noObjectsForHistory, elevenRetiredKeys,
    ]

    static let noP384 = Quirk(
        "no-p384", "GENERATE of a P-384 key answers 6A80", source: "YubiKey NEO: OpenSC card-piv.c, CI_NO_EC384",
        .command { situation, command in
            guard case .generateKeyPair(_, let request) = situation.pivCommand(command), request.algorithm == .p384
            else { return nil }
            return refuse(0x6A80)
        })

    static let noChallenge = Quirk(
        "no-challenge", "GENERAL AUTHENTICATE gives no challenge for 9B: 6A80",
        source: "dual CACs, PIVKey: OpenSC card-piv.c, CI_NO_RANDOM",
        .command { situation, command in
            guard case .generalAuthenticate(.management, _, let template) = situation.pivCommand(command),
                template.challenge?.isEmpty == true, template.witness == nil
            else { return nil }
            return refuse(0x6A80)
        })

    static let noManagementKey = Quirk(
        "no-management-key", "there is no key 9B: 6A86",
        source: "PIVKey, issued badges: OpenSC card-piv.c, CI_NO_RANDOM",
        .command { situation, command in
            guard case .generalAuthenticate(.management, _, _) = situation.pivCommand(command) else { return nil }
            return refuse(0x6A86)
        })

    static let managementOnlyAgrees = Quirk(
        "9d-only-agrees", "EC keys in 9D and 82 to 95 agree on secrets and do not sign: 6A80",
        source: "SP 800-73-5 part 2, appendix A.4 and A.5: 9D establishes keys; trials of plain cards",
        .command { situation, command in
            guard case .generalAuthenticate(let reference, let algorithm, let template) = situation.pivCommand(command),
                reference == .keyManagement || KeyReference.retired.contains(reference),
                [0x11, 0x14].contains(algorithm), template.challenge?.isEmpty == false
            else { return nil }
            return refuse(0x6A80)
        })

    static let newKeysRefused = Quirk(
        "generate-6d00", "keys are made by the issuer alone: GENERATE answers 6D00",
        source: "issued badges: SP 800-73-5 part 2, section 3.3.2, is the issuer's",
        .command { situation, command in
            guard situation.piv != nil, command.header.ins == 0x47 else { return nil }
            return refuse(0x6D00)
        })

    static let policiesOfFIPS = Quirk(
        "fips-policies", "no PIN policy \"never\" outside 9E, no RSA-1024: 6985 and 6A80",
        source: "YubiKey FIPS: yubikit piv.py, check_key_support; Yubico's FIPS deployment guide",
        .command { situation, command in
            let wanted: KeyRequest
            switch situation.pivCommand(command) {
            case .generateKeyPair(_, let request), .yubico(.importKey(_, let request, _)): wanted = request
            default: return nil
            }
            if wanted.algorithm == .rsa1024 || wanted.algorithm == .x25519 { return refuse(0x6A80) }
            return wanted.pinPolicy == .never ? refuse(0x6985) : nil
        })

    static let emptyPlace6985 = Quirk(
        "empty-place-6985", "GENERAL AUTHENTICATE and ATTEST in a place without a key answer 6985",
        source: "CanoKey: canokey-core piv.c",
        .command { situation, command in
            switch situation.pivCommand(command) {
            case .generalAuthenticate(let reference, _, _), .yubico(.attest(let reference)):
                guard reference != .management, let piv = situation.piv, piv.state.keys[reference] == nil else {
                    return nil
                }
                return refuse(0x6985)
            default: return nil
            }
        })

    static let resetRefused = Quirk(
        "reset-refused", "RESET answers 6985 although PIN and PUK are blocked",
        source: "YubiKey Bio with a fingerprint enrolled: yubikit piv.py, reset",
        .command { situation, command in
            situation.pivCommand(command) == .yubico(.reset) ? refuse(0x6985) : nil
        })

    static let resetByPINAlone = Quirk(
        "reset-by-pin", "RESET wants the PIN blocked and not the PUK",
        source: "Nitrokey 3: piv-authenticator lib.rs, YubicoPivExtension::Reset",
        .command { situation, command in
            guard situation.pivCommand(command) == .yubico(.reset), let piv = situation.piv else { return nil }
            guard piv.state.applicationPIN.triesLeft == 0 else { return refuse(0x6985) }
            do throws(Refusal) {
                try piv.change { $0.wipe() }
            } catch {
                return ResponseAPDU(status: error.status)
            }
            piv.deselect()
            return ResponseAPDU(status: .success)
        })

    static let wrongManagementKey6A80 = Quirk(
        "wrong-management-key-6a80", "a wrong management key answers 6A80 in place of 6982",
        source: "Nitrokey 3: piv-authenticator lib.rs, mutual authentication",
        .answer { situation, command, answer in
            guard case .generalAuthenticate(.management, _, _) = situation.pivCommand(command),
                answer.status == .securityStatusNotSatisfied
            else { return answer }
            return refuse(0x6A80)
        })

    static let bytesAfterAttestation = Quirk(
        "bytes-after-attestation", "one byte follows the attestation certificate",
        source: "PivApplet: trial with jCardSim",
        .answer { situation, command, answer in
            guard case .yubico(.attest) = situation.pivCommand(command), answer.status == .success else {
                return answer
            }
            return ResponseAPDU(data: answer.data + [0x00], status: .success)
        })

    static let noAttestation = Quirk(
        "attest-6a81", "ATTEST answers 6A81", source: "Nitrokey 3: piv-authenticator lib.rs, FunctionNotSupported",
        .command { situation, command in
            guard case .yubico(.attest) = situation.pivCommand(command) else { return nil }
            return refuse(0x6A81)
        })

    /// The retired keys from this one on answer 6A86.
    private static func fewRetiredKeys(_ name: String, _ summary: String, from first: UInt8, source: String) -> Quirk {
        Quirk(
            name, "of the retired keys there are \(summary) only; the others answer 6A86", source: source,
            .command { situation, command in
                guard situation.piv != nil, [0x47, 0x87, 0xF7, 0xFE].contains(command.header.ins),
                    (first...0x95).contains(command.header.p2)
                else { return nil }
                return refuse(0x6A86)
            })
    }

    static let twoRetiredKeys = fewRetiredKeys(
        "two-retired-keys", "82 and 83", from: 0x84, source: "CanoKey: canokey-core piv.c, get_key_path")

    static let elevenRetiredKeys = fewRetiredKeys(
        "eleven-retired-keys", "82 to 8C", from: 0x8D, source: "PivApplet 0.9.0: PivApplet.java, MAX_HIST_SLOT")

    static let noObjectsForHistory = Quirk(
        "no-key-history", "there is no place for 5FC10C and 5FFF00: PUT DATA answers 6A82",
        source: "CanoKey: canokey-core piv.c, get_object_path_by_tag",
        .command { situation, command in
            guard case .putData(let tag, _) = situation.pivCommand(command), [0x5FC10C, 0x5FFF00].contains(tag) else {
                return nil
            }
            return refuse(0x6A82)
        })
}
