import APDU

/// How OpenPGP's data objects are read.
extension Quirk {
    static let openPGPData = [
        informationTooLong, agreementAsEdwards, byteAfterCurve, selectDataOnce, selectDataWithLength,
        certificatePadded, certificateChain, noCertificate6A88, noLifeCycle,
    ]

    private static func reading(
        _ name: String, _ summary: String, source: String, _ tag: UInt16,
        _ bend: @escaping @Sendable (_ application: OpenPGPApplication, _ data: [UInt8]) -> ResponseAPDU
    ) -> Quirk {
        Quirk(
            name, summary, source: source,
            .answer { situation, command, answer in
                guard let application = situation.openPGP, answer.status == .success,
                    situation.openPGPCommand(command) == .getData(tag: tag)
                else { return answer }
                return bend(application, answer.data)
            })
    }

    static let informationTooLong = reading(
        "fa-two-bytes-more", "DO FA says that it has two bytes more than it has",
        source: "YubiKey 5: gnupg app-openpgp.c, OpenSC card-openpgp.c, yubikit openpgp.py (\"length is off by 2\")",
        0xFA
    ) { _, data in
        // FA and two length bytes, or one, as many as the content wants.
        guard let object = try? BER.objects(in: data[...]).first, object.tag == 0xFA else {
            return ResponseAPDU(data: data, status: .success)
        }
        let declared = BER.object(0xFA, [UInt8](repeating: 0, count: object.value.count + 2))
        return ResponseAPDU(
            data: declared.prefix(declared.count - object.value.count - 2) + Array(object.value), status: .success)
    }

    static let agreementAsEdwards = reading(
        "fa-x25519-as-eddsa", "DO FA lists X25519 with the algorithm EdDSA (16) in place of ECDH (12)",
        source: "YubiKey 5 before 5.6.1: gnupg app-openpgp.c, yubikit openpgp.py", 0xFA
    ) { _, data in
        let right: [UInt8] = [0x12, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]
        var bent = data
        for start in data.indices.dropLast(right.count - 1) where data[start...].starts(with: right) {
            bent[start] = 0x16
        }
        return ResponseAPDU(data: bent, status: .success)
    }

    static let byteAfterCurve = reading(
        "byte-after-curve", "in DO 6E a byte follows the curve's identifier in C1 to C3",
        source: "YubiKey 5.2 from the second insertion on: gnupg app-openpgp.c, parse_algorithm_attribute", 0x6E
    ) { _, data in
        // RSA is 01; the others name a curve.
        let bent = attributes(in: data[...]) { $0.first == 0x01 ? $0 : $0 + [0x00] }
        return ResponseAPDU(data: bent ?? data, status: .success)
    }

    /// Data objects with other algorithm attributes, C1 to C3, inside 6E, 73 and FA too; nil where they cannot be read.
    static func attributes(in bytes: ArraySlice<UInt8>, _ bend: ([UInt8]) -> [UInt8]) -> [UInt8]? {
        guard let objects = try? BER.objects(in: bytes) else { return nil }
        return objects.flatMap { object in
            switch object.tag {
            case 0x6E, 0x73, 0xFA:
                BER.object(object.tag, attributes(in: object.value, bend) ?? Array(object.value))
            case 0xC1, 0xC2, 0xC3: BER.object(object.tag, bend(Array(object.value)))
            default: BER.object(object.tag, object.value)
            }
        }
    }

    static let selectDataOnce = Quirk(
        "select-data-once", "SELECT DATA holds for the next command alone",
        source: "CanoKey: canokey-core openpgp.c, the occurrence is set back after each command",
        .answer { situation, command, answer in
            guard let application = situation.openPGP else { return answer }
            if command.header.ins != 0xA5 { application.security.selection.certificate = 0 }
            return answer
        })

    static let selectDataWithLength = Quirk(
        "select-data-with-length", "SELECT DATA wants a byte of length before its data",
        source: "YubiKey 5.2 to 5.4.3: yubikit openpgp.py, _select_certificate",
        .command { situation, command in
            guard let application = situation.openPGP, command.header.ins == 0xA5 else { return nil }
            guard let first = command.data.first, Int(first) == command.data.count - 1 else { return refuse(0x6A80) }
            var plain = command
            plain.data = Array(command.data.dropFirst())
            return application.process(plain)
        })

    static let noLifeCycle = reading(
        "no-life-cycle", "the historical bytes in DO 6E say that the application cannot be terminated",
        source: "Gnuk before 1.2.5, which a reset destroys: open-keychain pull requests 1914 and 2206", 0x6E
    ) { application, data in
        let told = application.features.historicalBytes
        var bent = data
        for start in data.indices.dropLast(told.count - 1) where data[start...].starts(with: told) {
            bent[start + told.count - 3] = 0
        }
        return ResponseAPDU(data: bent, status: .success)
    }

    static let certificatePadded = reading(
        "certificate-padded", "zeros follow the certificate in DO 7F21", source: "containers of a fixed size: trials",
        0x7F21
    ) { _, data in
        ResponseAPDU(data: data.isEmpty ? data : data + [UInt8](repeating: 0, count: 32), status: .success)
    }

    static let certificateChain = reading(
        "certificate-chain", "DO 7F21 holds the certificate twice, as a chain would stand there",
        source: "trials: gpg writes what it is given, and OpenSC shows the first", 0x7F21
    ) { _, data in ResponseAPDU(data: data + data, status: .success) }

    static let noCertificate6A88 = Quirk(
        "no-certificate-6a88", "GET DATA of 7F21 without a certificate answers 6A88",
        source: "Gnuk: OpenSC card-openpgp.c; gnuk openpgp-do.c",
        .answer { situation, command, answer in
            guard situation.openPGPCommand(command) == .getData(tag: 0x7F21), answer.data.isEmpty else { return answer }
            return refuse(0x6A88)
        })
}
