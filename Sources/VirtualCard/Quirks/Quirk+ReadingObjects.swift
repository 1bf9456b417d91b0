import APDU

/// How PIV's data objects are read.
extension Quirk {
    static let readingObjects =
        discoveryRefusals + missingObjectAnswers + [
            emptyObject, emptyZeros, emptyCertificate, absentPrivateObject, bytesAfterObject, noDiscovery,
        ]

    /// The status words with which cards answer GET DATA of the Discovery object.
    static let discoveryRefusals = ([0x6A80, 0x6A86, 0x6985, 0x6982, 0x6D00, 0x6F00] as [UInt16]).map { status in
        Quirk(
            "discovery-\(digits(status))", "GET DATA of the Discovery object answers \(digits(status))",
            source: "6A80: DoD CACs in PIV mode, OpenSC issues 570, 2434 and pull request 1256; any status: card-piv.c,"
                + " CI_DISCOVERY_USELESS",
            .command { situation, command in
                situation.pivCommand(command) == .getData(tag: 0x7E) ? refuse(status) : nil
            })
    }

    /// The status words with which cards answer GET DATA of an object that is not there.
    static let missingObjectAnswers =
        ([
            0x6A80, 0x6A81, 0x6A86, 0x6A87, 0x6A88, 0x6982, 0x6985, 0x6400, 0x6700, 0x6B00, 0x6D00, 0x6F00,
        ] as [UInt16]).map { status in
            Quirk(
                "missing-\(digits(status))", "GET DATA of an object that is not there answers \(digits(status))",
                source: "6400: Nitrokey 3, OpenSC issue 3538; the others: OpenSC card-piv.c and its issues",
                .answer { situation, command, answer in
                    guard case .getData = situation.pivCommand(command), answer.status == .notFound else {
                        return answer
                    }
                    return refuse(status)
                })
        }

    /// An answer in place of "not found", for the containers of certificates.
    private static func empty(_ name: String, _ summary: String, _ data: [UInt8]) -> Quirk {
        Quirk(
            name, summary,
            source: "cards whose containers exist from the start: OpenSC card-piv.c, piv_get_cached_data",
            .answer { situation, command, answer in
                guard case .getData(let tag) = situation.pivCommand(command), answer.status == .notFound,
                    isCertificate(tag)
                else { return answer }
                return ResponseAPDU(data: data, status: .success)
            })
    }

    static let emptyObject = empty("empty-53", "an empty certificate container reads as 53 00", [0x53, 0x00])
    static let emptyZeros = empty(
        "empty-zeros", "an empty certificate container reads as sixteen zeros",
        [UInt8](repeating: 0, count: 16))
    static let emptyCertificate = empty(
        "empty-certificate", "an empty certificate container reads as 53 07 70 00 71 01 00 FE 00",
        [0x53, 0x07, 0x70, 0x00, 0x71, 0x01, 0x00, 0xFE, 0x00])

    static let absentPrivateObject = Quirk(
        "absent-private-9000", "an absent object that wants the PIN reads as 9000 and nothing after the PIN",
        source: "NIST's test cards: OpenSC pull request 624",
        .answer { situation, command, answer in
            guard case .getData(let tag) = situation.pivCommand(command), answer.status == .notFound,
                let piv = situation.piv, [0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121].contains(tag)
            else { return answer }
            return piv.isPINVerified ? ResponseAPDU(status: .success) : refuse(0x6982)
        })

    static let bytesAfterObject = Quirk(
        "bytes-after-53", "two bytes follow the data object that GET DATA answers",
        source: "OpenSC issue 1837 and trials",
        .answer { situation, command, answer in
            guard case .getData = situation.pivCommand(command), answer.status == .success else { return answer }
            return ResponseAPDU(data: answer.data + [0x00, 0xFF], status: .success)
        })

    static let noDiscovery = Quirk(
        "no-discovery", "there is no Discovery object: 6A82",
        source: "cards of SP 800-73-1 and -2; PIVKey: OpenSC card-piv.c",
        .command { situation, command in
            situation.pivCommand(command) == .getData(tag: 0x7E) ? refuse(0x6A82) : nil
        })

    /// Whether an object is the container of a key's certificate.
    static func isCertificate(_ tag: UInt32) -> Bool {
        [0x5FC101, 0x5FC105, 0x5FC10A, 0x5FC10B].contains(tag) || (0x5FC10D...0x5FC120).contains(tag)
    }
}
