import CPKCS11
import HostCrypto
import PKCS11Provider

/// What a token shows under one CKA_ID before anybody logs in: a public key, a certificate, or both.
struct KeyPair {
    let id: [UInt8]
    let label: String
    let publicKey: PublicKey?
    let certificate: Certificate?

    /// All key pairs of a token, in the token's order.
    static func all(in session: ProviderSession) throws(ProviderError) -> [KeyPair] {
        var labels: [(id: [UInt8], text: String)] = []
        var keys: [[UInt8]: PublicKey] = [:]
        var certificates: [[UInt8]: Certificate] = [:]
        for object in try session.objects(CKO_PUBLIC_KEY) {
            let (id, label) = try identity(of: object, session)
            labels.append((id, label))
            let info = try session.attribute(CKA_PUBLIC_KEY_INFO, of: object)
            keys[id] = info.flatMap { try? PublicKey(subjectPublicKeyInfo: $0) }
        }
        for object in try session.objects(CKO_CERTIFICATE) {
            let (id, label) = try identity(of: object, session)
            if !labels.contains(where: { $0.id == id }) { labels.append((id, label)) }
            let der = try session.attribute(CKA_VALUE, of: object)
            certificates[id] = der.flatMap { try? Certificate(der: $0) }
        }
        return labels.map { entry in
            KeyPair(
                id: entry.id, label: entry.text, publicKey: certificates[entry.id]?.publicKey ?? keys[entry.id],
                certificate: certificates[entry.id])
        }
    }

    /// CKA_ID and CKA_LABEL.
    static func identity(
        of object: CK_OBJECT_HANDLE, _ session: ProviderSession
    ) throws(ProviderError) -> (id: [UInt8], label: String) {
        let label = try session.attribute(CKA_LABEL, of: object) ?? []
        return (try session.attribute(CKA_ID, of: object) ?? [], String(decoding: label, as: UTF8.self))
    }

    /// The number by which other programs name a PIV key, for the ids that OpenSC gave them: 01 to 04, then 05 to 09
    /// and 10 to 24, whose digits are decimal.
    var pivSlot: String {
        guard id.count == 1, ["PIV AUTH", "SIGN", "KEY MAN", "CARD AUTH", "Retired"].contains(where: label.hasPrefix)
        else { return "" }
        let number = Int(id[0] >> 4) * 10 + Int(id[0] & 15)
        switch number {
        case 1: return "9A"
        case 2: return "9C"
        case 3: return "9D"
        case 4: return "9E"
        case 5...24: return String(0x82 + number - 5, radix: 16, uppercase: true)
        default: return ""
        }
    }
}
