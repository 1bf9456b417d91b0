import APDU

/// How GET METADATA and its like are answered by cards that have Yubico's commands and are no YubiKeys.
extension Quirk {
    static let metadata = [
        metadataEmpty, metadata6F00Imported, metadataOfEmptyPlaces, metadataConstant, metadataWithoutKey, metadata6D00,
        biometricPolicies, metadataOriginReversed,
    ]

    private static func metadataAnswer(
        _ name: String, _ summary: String, source: String,
        _ bend: @escaping @Sendable (PIVApplication, KeyReference, ResponseAPDU) -> ResponseAPDU
    ) -> Quirk {
        Quirk(
            name, summary, source: source,
            .answer { situation, command, answer in
                guard let piv = situation.piv, case .yubico(.getMetadata(let reference)) = situation.pivCommand(command)
                else { return answer }
                return bend(piv, reference, answer)
            })
    }

    /// Policies and origin in Yubico's tags, and nothing of an algorithm or a key.
    private static let policiesAlone = BER.object(0x02, [0x02, 0x01]) + BER.object(0x03, [0x00])

    static let metadataEmpty = metadataAnswer(
        "metadata-empty", "GET METADATA answers 9000 and nothing; of 9E 02 02 01 00",
        source: "Nitrokey 3: piv-authenticator lib.rs, GetMetadata, which is not finished"
    ) { _, reference, _ in
        ResponseAPDU(data: reference == .cardAuthentication ? [0x02, 0x02, 0x01, 0x00] : [], status: .success)
    }

    static let metadata6F00Imported = metadataAnswer(
        "metadata-6f00-imported", "GET METADATA of an imported key answers 6F00",
        source: "PivApplet: trial with jCardSim"
    ) { piv, reference, answer in
        piv.state.keys[reference]?.origin == .imported ? refuse(0x6F00) : answer
    }

    static let metadataOfEmptyPlaces = metadataAnswer(
        "metadata-of-empty-places",
        "GET METADATA of a place without a key answers 02 02 02 01 03 01 00 in place of 6A88",
        source: "PivApplet 0.9.0: PivApplet.java, processGetMetadata; Token2: keyroost's notes on PivApplet-based cards"
    ) { _, _, answer in
        answer.status == .referenceNotFound ? ResponseAPDU(data: policiesAlone, status: .success) : answer
    }

    static let metadataConstant = metadataAnswer(
        "metadata-constant", "GET METADATA answers 01 01 14 02 02 00 01 03 01 14 for every place, filled or not",
        source: "Swissbit iShield 2: keyroost issue 113"
    ) { _, _, _ in
        ResponseAPDU(data: [0x01, 0x01, 0x14, 0x02, 0x02, 0x00, 0x01, 0x03, 0x01, 0x14], status: .success)
    }

    static let metadataWithoutKey = metadataAnswer(
        "metadata-without-key", "GET METADATA tells the algorithm and the policies and not the public key",
        source: "CanoKey before 3.0; PivApplet: its metadata has 04 for keys made on the card alone"
    ) { piv, reference, answer in
        guard let key = piv.state.keys[reference] else { return answer }
        return ResponseAPDU(
            data: BER.object(0x01, [key.algorithm.rawValue])
                + BER.object(0x02, [key.pinPolicy.rawValue, key.touchPolicy.rawValue]), status: .success)
    }

    static let metadata6D00 = metadataAnswer(
        "metadata-6d00", "there is no GET METADATA: 6D00", source: "YubiKey before 5.3: Yubico's PIV manual"
    ) { _, _, _ in refuse(0x6D00) }

    static let metadataOriginReversed = metadataAnswer(
        "metadata-origin-reversed",
        "GET METADATA tells the origin 01 of a key that was brought, and 00 of one that was made",
        source: "PivApplet 0.9.0: PivApplet.java, processGetMetadata, slot.imported"
    ) { piv, reference, answer in
        guard let key = piv.state.keys[reference], let objects = try? BER.objects(in: answer.data[...]) else {
            return answer
        }
        let bent = objects.flatMap { object in
            BER.object(object.tag, object.tag == 0x03 ? [key.origin == .imported ? 1 : 0] : Array(object.value))
        }
        return ResponseAPDU(data: bent, status: answer.status)
    }

    static let biometricPolicies = metadataAnswer(
        "biometric-policies",
        "keys with the PIN policies 4 (match once) and 5 (match always); metadata of the fingerprint, 96",
        source: "YubiKey Bio, multi-protocol edition: yubikit piv.py, PIN_POLICY.MATCH_ONCE and BioMetadata"
    ) { piv, reference, answer in
        // 07: configured; 06: tries left; 08: no temporary PIN.
        if reference.rawValue == 0x96 {
            return ResponseAPDU(data: [0x07, 0x01, 0x01, 0x06, 0x01, 0x03, 0x08, 0x01, 0x00], status: .success)
        }
        guard let key = piv.state.keys[reference], key.pinPolicy != .never else { return answer }
        guard let objects = try? BER.objects(in: answer.data[...]) else { return answer }
        let bent = objects.flatMap { object in
            object.tag == 0x02
                ? BER.object(0x02, [key.pinPolicy == .once ? 0x04 : 0x05, key.touchPolicy.rawValue])
                : BER.object(object.tag, object.value)
        }
        return ResponseAPDU(data: bent, status: .success)
    }
}
