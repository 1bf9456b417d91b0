import APDU

/// How SELECT is answered.
extension Quirk {
    static let selection = [
        selectBareRID, selectFullIdentifier, selectOtherVersion, selectEmpty, selectLosesLogin, notActivated,
    ]

    private static let rid: [UInt8] = [0xA0, 0x00, 0x00, 0x03, 0x08]

    /// An answer to SELECT of PIV.
    static func select(_ name: String, _ summary: String, source: String, _ data: [UInt8]) -> Quirk {
        Quirk(
            name, summary, source: source,
            .answer { situation, command, answer in
                guard situation.piv != nil, command.header.ins == 0xA4, answer.status == .success else { return answer }
                return ResponseAPDU(data: data, status: .success)
            })
    }

    /// No tag 4F in 79, and a PIX in another order.
    static let selectBareRID = select(
        "select-bare-rid", "SELECT of PIV answers 61 0F 4F 06 001000010000 79 05 A000000308",
        source: "G+D SCE7, \"DoD Alternate Token\" of 2025: OpenSC pull request 3702",
        BER.object(0x61, BER.object(0x4F, [0x00, 0x10, 0x00, 0x01, 0x00, 0x00]) + BER.object(0x79, rid)))

    static let selectFullIdentifier = select(
        "select-full-aid", "SELECT of PIV answers with the whole application identifier",
        source: "cards of SP 800-73-1: OpenSC pull request 2671; scdaemon's app-piv.c takes both",
        BER.object(
            0x61,
            BER.object(0x4F, rid + [0x00, 0x00, 0x10, 0x00, 0x01, 0x00]) + BER.object(0x79, BER.object(0x4F, rid))))

    static let selectOtherVersion = select(
        "select-other-version", "SELECT of PIV names the PIX 00100001",
        source: "Giesecke & Devrient: OpenSC card-piv.c, piv_aids (older versions list this name)",
        BER.object(
            0x61, BER.object(0x4F, [0x00, 0x10, 0x00, 0x01]) + BER.object(0x79, BER.object(0x4F, rid))))

    static let selectEmpty = select(
        "select-empty", "SELECT of PIV answers 9000 and nothing",
        source:
            "scdaemon app-piv.c, app_select_piv, reads a missing template as a card it does not know; OpenSC takes it",
        [])

    static let selectLosesLogin = Quirk(
        "select-loses-login", "SELECT of PIV itself forgets the PIN",
        source: "ActivIdentity dual CACs: OpenSC card-piv.c, CI_PIV_AID_LOSE_STATE",
        .answer { situation, command, answer in
            if command.header.ins == 0xA4, let piv = situation.piv { piv.deselect() }
            return answer
        })

    static let notActivated = Quirk(
        "not-activated-6985", "SELECT of OpenPGP answers 6985 until ACTIVATE FILE; so does every other command",
        source: "yubikit openpgp.py: a session is opened anew after ACTIVATE on 6285 and on 6985",
        .command { situation, command in
            // A card that was reset and never activated again; ACTIVATE FILE (44) brings it back.
            guard situation.openPGP?.state.isTerminated == true, command.header.ins != 0x44 else { return nil }
            return refuse(0x6985)
        })
}
