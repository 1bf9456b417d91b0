import APDU

/// How OpenPGP's passwords are compared and its keys used.
extension Quirk {
    static let openPGPUse = [
        statusOfEitherMode, signatureWithDERZeros, blocked6982, noSHA1, missingKey6985, importFormat3, wantsPublicPoint,
        importRefused,
    ]

    static let statusOfEitherMode = Quirk(
        "status-of-either-mode", "VERIFY without data says 9000 for PW1 in mode 82 after VERIFY in mode 81",
        source: "CanoKey: canokey-core openpgp.c, one flag for both modes in the query",
        .command { situation, command in
            guard let application = situation.openPGP else { return nil }
            switch situation.openPGPCommand(command) {
            case .getStatus(.signature), .getStatus(.user):
                let isEither = !application.security.verified.isDisjoint(with: [.signature, .user])
                return isEither ? ResponseAPDU(status: .success) : nil
            default: return nil
            }
        })

    static let signatureWithDERZeros = Quirk(
        "signature-with-zeros", "r and s are both as long as the longer one with its zero of DER: 66 bytes for P-256",
        source: "SmartPGP: trial with jCardSim; the applet cuts r and s out of the card's DER",
        .answer { situation, command, answer in
            switch situation.openPGPCommand(command) {
            case .sign, .internalAuthenticate: break
            default: return answer
            }
            guard answer.status == .success, let application = situation.openPGP else { return answer }
            let slot: OpenPGPKeySlot = command.header.ins == 0x88 ? .authentication : .signature
            guard case .ec = application.state[slot].key?.type else { return answer }
            let half = answer.data.count / 2
            let zero = answer.data[0] >= 0x80 || answer.data[half] >= 0x80 ? [UInt8(0)] : []
            return ResponseAPDU(
                data: zero + answer.data.prefix(half) + zero + answer.data.suffix(half), status: .success)
        })

    static let blocked6982 = Quirk(
        "blocked-6982", "VERIFY of a blocked password answers 6982 and never 6983; DO C4 knows",
        source: "SmartPGP: SmartPGPApplet.java, processVerify; trial",
        .answer { situation, command, answer in
            guard situation.openPGP != nil, answer.status == .authenticationMethodBlocked else { return answer }
            return refuse(0x6982)
        })

    static let noSHA1 = Quirk(
        "no-sha1", "a DigestInfo of SHA-1 answers 6985", source: "SmartPGP: SmartPGPApplet.java; trial",
        .command { situation, command in
            let data: [UInt8]
            switch situation.openPGPCommand(command) {
            case .sign(let given), .internalAuthenticate(let given): data = given
            default: return nil
            }
            // DigestInfo of 1.3.14.3.2.26.
            return data.starts(with: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A])
                ? refuse(0x6985) : nil
        })

    static let missingKey6985 = Quirk(
        "missing-key-6985", "a key that is not there answers 6985 when it is read or used",
        source: "SmartPGP: SmartPGPApplet.java; YubiKey answers other odd status words: gnupg app-openpgp.c",
        .answer { situation, _, answer in
            guard situation.openPGP != nil, answer.status == .referenceNotFound else { return answer }
            return refuse(0x6985)
        })

    static let importRefused = Quirk(
        "import-refused", "a key that is brought answers 6A80, and the old one stays",
        source:
            "SmartPGP: PGPKey.java refuses a template in another form than it has; gnupg app-openpgp.c knows more forms",
        .command { situation, command in
            guard case .importKey = situation.openPGPCommand(command) else { return nil }
            return refuse(0x6A80)
        })

    static let importFormat3 = Quirk(
        "import-format-3", "RSA attributes are those with import format 03; others answer 6A80",
        source: "SmartPGP: Constants.java and PGPKey.java",
        .command { situation, command in
            guard case .putData(let tag, let value) = situation.openPGPCommand(command), (0xC1...0xC3).contains(tag),
                value.first == 0x01, value.last != 0x03
            else { return nil }
            return refuse(0x6A80)
        },
        .answer { situation, command, answer in
            guard case .getData(let tag) = situation.openPGPCommand(command), [0x6E, 0xFA].contains(tag),
                let bent = attributes(in: answer.data[...], { $0.first == 0x01 ? $0.dropLast() + [0x03] : $0 })
            else { return answer }
            return ResponseAPDU(data: bent, status: answer.status)
        })

    static let wantsPublicPoint = Quirk(
        "import-wants-point", "an EC key is imported with its public point, tag 99; without it 6A80",
        source: "SmartPGP: PGPKey.java, importKey",
        .command { situation, command in
            guard case .importKey(let template) = situation.openPGPCommand(command),
                let application = situation.openPGP,
                application.state[template.slot].attributes.algorithm.curveIdentifier != nil,
                template.elements[0x99] == nil
            else { return nil }
            return refuse(0x6A80)
        })
}
