import HostCrypto
import ISO7816
import OpenPGP
import PIV

/// Every parser of what a card says, each given the same bytes.
public enum CardData {
    /// Reads all objects, and those inside constructed ones, down to a depth.
    public static func readInDepth(_ bytes: [UInt8]) { read(bytes[...], depth: 0) }

    private static func read(_ bytes: ArraySlice<UInt8>, depth: Int) {
        guard depth < 8 else { return }
        var reader = TLVReader(bytes)
        while let object = try? reader.next() {
            _ = [UInt8](tag: object.tag, Array(object.value))
            read(object.value, depth: depth + 1)
        }
    }

    /// What PIV cards say.
    public static func parsePIV(_ bytes: [UInt8]) {
        _ = ApplicationProperties(parsing: bytes)
        _ = DiscoveryObject(parsing: bytes)
        if let history = KeyHistory(parsing: bytes) { for number in 0...30 { _ = history.tells(of: number) } }
        _ = CardholderUniqueIdentifier(parsing: bytes)
        _ = KeyMetadata(parsing: bytes)
        _ = AdministrationData(parsing: bytes)
        _ = CertificateContainer.certificate(in: bytes)
    }

    /// What OpenPGP cards say.
    public static func parseOpenPGP(_ bytes: [UInt8]) {
        let related = ApplicationRelatedData(parsing: bytes)
        for key in OpenPGPKey.allCases { _ = related.keys[key]?.state }
        _ = related.identifier?.fullSerialNumber
        _ = SelectAnswer(parsing: bytes, isTerminated: false)
        _ = PasswordStatus(parsing: bytes)
        _ = UserInteractionFlag(parsing: bytes)
        _ = AlgorithmInformation(parsing: bytes)
        _ = KeyDerivation(parsing: bytes)
        _ = CardholderData(parsing: bytes)
        _ = SecuritySupport(parsing: bytes)
        for attributes in Self.attributes { _ = PublicKeyTemplate(parsing: bytes, attributes: attributes) }
        // Attributes of the card's own, and a public key with them.
        let count = Int(bytes.first ?? 0) % 16
        let attributes = AlgorithmAttributes(parsing: bytes.prefix(count))
        _ = PublicKeyTemplate(parsing: Array(bytes.dropFirst(count)), attributes: attributes)
        _ = HistoricalBytes(answerToReset: bytes)
    }

    /// P-256 (ECDSA), Ed25519, X25519 and RSA-2048, as algorithm attributes have them (OpenPGP card 3.4, section 4.4.3.9).
    private static let attributes: [AlgorithmAttributes] = [
        [0x13, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07],
        [0x16, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01],
        [0x12, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01], [0x01, 0x08, 0x00, 0x00, 0x20, 0x00],
    ].map { AlgorithmAttributes(parsing: $0) }

    /// A certificate, as it is or compressed.
    public static func parseCertificate(_ bytes: [UInt8]) {
        let inflated = try? Gzip.inflate(bytes, limit: 1 << 16)
        guard let certificate = try? Certificate(der: inflated ?? bytes) else { return }
        _ = try? PublicKey(subjectPublicKeyInfo: certificate.subjectPublicKeyInfo)
    }
}
