import ISO7816

/// The Key History Object (SP 800-73-5 part 1, section 3.3.3): how many retired keys there are.
package struct KeyHistory: Hashable {
    /// Retired keys whose certificates are on the card: they fill the containers from the first on.
    let keysWithOnCardCertificates: Int
    /// Retired keys whose certificates are elsewhere: they have the highest numbers.
    let keysWithOffCardCertificates: Int

    /// Parses the container's value: C1 and C2, one byte each. A count beyond twenty is cut to it.
    package init?(parsing bytes: [UInt8]) {
        let reader = TLVReader(bytes)
        guard let onCard = reader.first(0xC1)?.value.first else { return nil }
        keysWithOnCardCertificates = min(20, Int(onCard))
        keysWithOffCardCertificates = min(20, Int(reader.first(0xC2)?.value.first ?? 0))
    }

    /// The container's value that tells of the retired keys up to this one. What it holds of certificates elsewhere stays.
    ///
    /// The specification has the keys with a certificate fill the places from the first on, and counts them. Where a person
    /// has left gaps, or a key has no certificate yet, it is the highest number that has whoever reads it look at all.
    static func value(upTo number: Int, in old: [UInt8]?) -> [UInt8] {
        let reader = TLVReader(old ?? [])
        let elsewhere = Array(reader.first(0xC2)?.value ?? [0])
        let address = reader.first(0xF3).map { [UInt8](tag: 0xF3, $0.value) } ?? []
        return [UInt8](tag: 0xC1, [UInt8(number)]) + [UInt8](tag: 0xC2, elsewhere) + address + [0xFE, 0x00]
    }

    /// Whether the history tells of retired key number 1 to 20.
    package func tells(of number: Int) -> Bool {
        number <= keysWithOnCardCertificates || number > 20 - keysWithOffCardCertificates
    }
}
