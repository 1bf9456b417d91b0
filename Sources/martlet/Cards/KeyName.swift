import ArgumentParser
import PIV
import Token

/// A key as people name it on the command line: by its key reference on PIV, by its use on OpenPGP. The name tells the
/// application too.
struct KeyName: Hashable {
    let application: CardApplication
    /// The application's own number of the key.
    let number: UInt32

    /// OpenPGP's names; `gpg` counts the same keys 1 to 3. The last one is the attestation key of a YubiKey, by the tag of
    /// its certificate.
    static let openPGPNames: KeyValuePairs<String, UInt32> = ["sig": 1, "dec": 2, "aut": 3, "att": 0xFC]

    private static let pivKeys: [PIVKeyReference] =
        [.authentication, .signature, .keyManagement, .cardAuthentication] + PIVKeyReference.retired + [.attestation]

    var privateKey: ObjectReference { ObjectReference(.privateKey, number) }

    var certificate: ObjectReference { ObjectReference(.certificate, number) }

    /// The name in capital letters.
    var text: String { application.name(ofKey: number) }
}

extension KeyName: ExpressibleByArgument {
    init?(argument: String) {
        let name = argument.lowercased()
        if let number = Self.openPGPNames.first(where: { $0.key == name })?.value {
            self.init(application: .openPGP, number: number)
        } else if let number = UInt8(name, radix: 16), Self.pivKeys.contains(PIVKeyReference(rawValue: number)) {
            self.init(application: .piv, number: UInt32(number))
        } else {
            return nil
        }
    }

    static var defaultCompletionKind: CompletionKind {
        .list(pivKeys.map { String($0.rawValue, radix: 16) } + openPGPNames.map(\.key))
    }
}

/// The argument that names a key.
extension ArgumentHelp {
    static let key: ArgumentHelp = ArgumentHelp(
        "9a, 9c, 9d, 9e, 82 to 95 or f9 (PIV), sig, dec, aut or att (OpenPGP).", valueName: "key")
}
