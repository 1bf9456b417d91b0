import HostCrypto
import Token

/// What everybody knows of a new card.
extension CardApplication {
    /// The PIN (Yubico's manual of PIV; OpenPGP card 3.4.1, section 4.3.1).
    var factoryPIN: String { "123456" }

    /// The PUK of PIV; an OpenPGP card has no reset code until somebody sets one.
    var factoryUnblockingCode: String? { self == .piv ? "12345678" : nil }

    /// The management key of PIV, the admin PIN of OpenPGP.
    var factoryAdministratorSecret: String {
        switch self {
        case .piv: String(repeating: "0102030405060708", count: 3)
        case .openPGP: "12345678"
        }
    }
}

extension TypedPIN {
    /// A secret that everybody knows.
    convenience init(known text: String) throws(CommandFailure) {
        try self.init(Array(text.utf8).span.bytes)
    }

    /// Digits drawn at random, none of those that people try first.
    static func drawn(digits count: Int) throws(CommandFailure) -> TypedPIN {
        while true {
            var drawn = [UInt8]()
            drawn.reserveCapacity(count)
            defer { drawn.wipe() }
            while drawn.count < count {
                let byte = try computing { () throws(HostCryptoError) in try Random.bytes(1)[0] }
                // 250 is the last multiple of ten: each digit is as likely as another.
                if byte < 250 { drawn.append(UInt8(ascii: "0") + byte % 10) }
            }
            let steps = zip(drawn, drawn.dropFirst()).map { Int($1) - Int($0) }
            // All the same, or up or down by one each time.
            guard Set(steps).count > 1 else { continue }
            return try TypedPIN(drawn.span.bytes)
        }
    }
}
