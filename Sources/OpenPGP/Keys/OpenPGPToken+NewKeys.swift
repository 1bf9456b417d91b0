import CardApplication
import HostCrypto
import ISO7816
import Keys
import Platform
import Token

/// Keys that are generated and imported.
///
/// The order of what is written, and what a loss of power in between leaves:
///
/// 1. the user interaction flag, and whether PW1 is valid for several signatures, where they were asked for: the old key
///    stands with stricter or looser rules;
/// 2. the algorithm attributes, where they are others: cards drop the old key then, so there is none, perhaps with the old
///    one's fingerprint;
/// 3. the old key's fingerprint is taken away: until there is one again the key is one that is being changed;
/// 4. the key: the new one stands with the old one's date;
/// 5. the date, 6. the fingerprint, which tells of key and date;
/// 7. the deletion of a certificate that is not the new key's.
///
/// `unfinishedChanges` names a key from 3. to 6., unless it is gone, and a certificate that is of another key, or of none.
/// What the card refuses up to 4. leaves the old key as it was, unless its algorithm was changed: `OpenPGPToken+Replacing`.
extension OpenPGPToken {
    /// See `Token`.
    public func generateKeyPair(
        _ algorithm: KeyType, at object: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8] {
        let key = try place(object)
        let attributes = try attributes(for: algorithm, of: key)
        if case .rsa = attributes, try yubiKeyFirmware()?.makesWeakRSAKeys == true { throw .algorithmNotSupported }
        let publicKey = try replaceKey(key, attributes, request) { (transaction) throws(CardError) in
            try transaction.card.generateKeyPair(key, attributes: attributes)
        }
        return publicKey.subjectPublicKeyInfo
    }

    /// See `Token`.
    public func importPrivateKey(
        _ privateKeyInfo: RawSpan, at object: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) {
        let key = try place(object)
        guard withCache({ $0.related.value.capabilities?.features.contains(.keyImport) }) ?? true else {
            throw .unsupported
        }
        let privateKey: PrivateKey
        do throws(HostCryptoError) {
            privateKey = try PrivateKey.pkcs8(privateKeyInfo)
        } catch {
            throw error == .unsupported ? .algorithmNotSupported : .dataInvalid
        }
        let attributes = try attributes(for: privateKey.type, of: key)
        guard fits(privateKey, attributes, of: key) else { throw .dataInvalid }
        _ = try replaceKey(key, attributes, request) { (transaction) throws(CardError) in
            try importKey(privateKey, key, transaction)
            return privateKey.publicKey
        }
    }

    /// Date and fingerprint, by which GnuPG knows a key.
    func writeIdentity(
        of key: OpenPGPKey, _ publicKey: PublicKey, _ attributes: AlgorithmAttributes, time: UInt32,
        _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let date = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: time >> $0) }
        let fingerprint = try fingerprint(of: publicKey, attributes, date)
        try transaction.card.putData(key.timestamp, date)
        try transaction.card.putData(key.fingerprint, fingerprint)
    }

    func fingerprint(
        of publicKey: PublicKey, _ attributes: AlgorithmAttributes, _ date: [UInt8]
    ) throws(CardError) -> [UInt8] {
        do throws(HostCryptoError) {
            return try KeyFingerprint.of(publicKey, attributes, time: date)
        } catch {
            throw .refused(.failed("fingerprint: \(error)"))
        }
    }

    /// Whether the numbers of a key have room in the template. Nothing on the card must have changed before that is known.
    private func fits(_ privateKey: PrivateKey, _ attributes: AlgorithmAttributes, of key: OpenPGPKey) -> Bool {
        guard case .rsa(let modulus, let exponent) = privateKey.publicKey else { return true }
        guard var numbers = try? privateKey.numbers() else { return false }
        defer { numbers.wipe() }
        let current = withCache { $0.related.value.keys[key]?.algorithm }
        guard case .rsa(_, let bits) = current.flatMap({ $0.isSameKind(as: attributes) ? $0 : nil }) ?? attributes
        else {
            return false
        }
        return exponent.count <= (bits + 7) / 8 && numbers.values.allSatisfy { $0.count <= (modulus.count + 1) / 2 }
    }

    /// In the form that the attributes tell. Some cards want the public point too and do not tell so (SmartPGP).
    private func importKey(
        _ privateKey: PrivateKey, _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let told = withCache { $0.related.value.keys[key]?.importFormat ?? .standard }
        let outcome = Result { () throws(CardError) in
            try transaction.card.importKey(template(privateKey, key, told))
        }
        if case .failure(.answered(_, .incorrectData)) = outcome, !privateKey.type.isRSA, !told.hasPublicKey {
            return try transaction.card.importKey(template(privateKey, key, .withPublicKey))
        }
        try outcome.get()
    }

    private func template(
        _ privateKey: PrivateKey, _ key: OpenPGPKey, _ format: ImportFormat
    ) throws(CardError) -> SecretBuffer {
        var exponentBits = 32
        if case .rsa(_, let bits)? = withCache({ $0.related.value.keys[key]?.algorithm }) { exponentBits = bits }
        do throws(HostCryptoError) {
            var numbers = try privateKey.numbers()
            defer { numbers.wipe() }
            return try PrivateKeyTemplate.encode(
                numbers, privateKey.publicKey, for: key, format, exponentBits: exponentBits)
        } catch {
            throw .refused(.failed("the private key: \(error)"))
        }
    }
}

extension KeyType {
    fileprivate var isRSA: Bool { if case .rsa = self { true } else { false } }
}

extension AlgorithmAttributes {
    /// Whether it is the same algorithm, however long the exponent of an RSA key may be.
    func isSameKind(as other: AlgorithmAttributes) -> Bool {
        if case (.rsa(let bits, _), .rsa(let otherBits, _)) = (self, other) { return bits == otherBits }
        return self == other
    }
}
