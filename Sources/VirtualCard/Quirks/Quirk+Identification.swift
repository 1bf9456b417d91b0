import APDU

/// What a card says of itself.
extension Quirk {
    static let identification = [
        noCHUID, fascnOfZeros, fascnOfAgencyZero, guidOfZeros, serialConstant,
    ]

    private static func chuid(
        _ name: String, _ summary: String, source: String, number: [UInt8]? = nil, guid: [UInt8]? = nil
    ) -> Quirk {
        Quirk(
            name, summary, source: source,
            .personalisation { state in
                guard let old = state.objects[0x5FC102], let objects = try? BER.objects(in: old[...]) else { return }
                state.objects[0x5FC102] = objects.flatMap { object in
                    switch object.tag {
                    case 0x30: BER.object(0x30, number ?? Array(object.value))
                    case 0x34: BER.object(0x34, guid ?? Array(object.value))
                    default: BER.object(object.tag, object.value)
                    }
                }
            })
    }

    static let noCHUID = Quirk(
        "no-chuid", "there is no CHUID", source: "Nitrokey 3 as it comes: nitrokey-3-firmware issue 647",
        .personalisation { $0.objects[0x5FC102] = nil })

    static let fascnOfZeros = chuid(
        "fascn-zeros", "the CHUID's FASC-N is 25 zeros", source: "Token2 R3.3: OpenSC pull request 3559",
        number: [UInt8](repeating: 0, count: 25))

    static let fascnOfAgencyZero = chuid(
        "fascn-agency-0000", "the CHUID's FASC-N is that of agency 0000, the same on every card",
        source: "cards set up by pivy: OpenSC pull request 3270",
        number: [
            0xD0, 0x42, 0x10, 0xD8, 0x21, 0x08, 0x6C, 0x10, 0x84, 0x21, 0x0D, 0x83, 0x60, 0xDA, 0x08, 0x42, 0x10, 0x84,
            0x21, 0x08, 0x42, 0x10, 0xC3, 0xF5, 0x00,
        ])

    static let guidOfZeros = chuid(
        "guid-zeros", "the CHUID's GUID is 16 zeros", source: "cards of SP 800-73-2 and older: OpenSC pkcs15-piv.c",
        guid: [UInt8](repeating: 0, count: 16))

    static let serialConstant = Quirk(
        "serial-constant", "GET SERIAL answers 0052F743 on every card",
        source: "Nitrokey 3: piv-authenticator lib.rs, GetSerial",
        .command { situation, command in
            situation.pivCommand(command) == .yubico(.getSerialNumber)
                ? ResponseAPDU(data: [0x00, 0x52, 0xF7, 0x43], status: .success) : nil
        })
}
