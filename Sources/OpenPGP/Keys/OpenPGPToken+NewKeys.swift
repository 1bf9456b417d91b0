import CardApplication
import HostCrypto
import ISO7816
import Keys
import Platform
import Token

/// Keys that are made and brought.
///
/// The order of what is written, and what a loss of power in between leaves:
///
/// 1. the user interaction flag, and whether PW1 is valid for several signatures, where they were asked for: the old key
///    stands with stricter or looser rules;
/// 2. the old key's fingerprint is taken away: until there is one again the key is one that is being changed;
/// 3. the algorithm attributes, where they are others: cards drop the old key then, so there is none;
/// 4. the key: the new one stands with the old one's date;
/// 5. the date, 6. the fingerprint, which tells of key and date;
/// 7. the deletion of a certificate that is not the new key's.
///
/// `unfinishedChanges` names a key from 2. to 6., unless it is gone, and a certificate that is of another key, or of none.
extension OpenPGPToken {
    /// See `Token`.
    public func generateKeyPair(
        _ algorithm: KeyType, at object: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8] {
        let key = try place(object)
        let attributes = try attributes(for: algorithm, of: key)
        if case .rsa = attributes, try makesWeakRSAKeys() { throw .algorithmNotSupported }
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
            let sent = Result { () throws(CardError) in
                try transaction.card.importKey(template(privateKey, key, attributes))
            }
            // SmartPGP wants the public point with the number, and does not say so in its attributes (its PGPKey.java).
            if case .failure(let error) = sent, error.status == .incorrectData, attributes.isOnCurve {
                try transaction.card.importKey(template(privateKey, key, attributes, .withPublicKey))
            } else {
                try sent.get()
            }
            return privateKey.publicKey
        }
    }

    private func replaceKey(
        _ key: OpenPGPKey, _ attributes: AlgorithmAttributes, _ request: KeyRequest,
        _ make: (OpenPGPTransaction) throws(CardError) -> PublicKey
    ) throws(TokenError) -> PublicKey {
        let rules = try rules(request, for: key)
        let time = request.creationTime ?? UInt32(clamping: WallClock.seconds())
        return try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.prove()
            for (object, value) in rules { try transaction.card.putData(object, value) }
            // Whatever comes of it, what was known of the old key is not to be relied on.
            withCache { $0.forget(key) }
            let fingerprint = withCache { $0.related.value.keys[key]?.fingerprint }
            if fingerprint != nil {
                try transaction.card.putData(key.fingerprint, [UInt8](repeating: 0, count: 20))
            }
            if withCache({ $0.related.value.keys[key]?.algorithm }).map({ !$0.isSameKind(as: attributes) }) ?? true {
                try keeping(fingerprint, of: key, transaction) { () throws(CardError) in
                    try transaction.card.putData(key.algorithmAttributes, attributes.bytes)
                }
                _ = try transaction.readRelatedData()
            }
            let publicKey = try keeping(fingerprint, of: key, transaction) { () throws(CardError) in
                try make(transaction)
            }
            try writeIdentity(of: key, publicKey, attributes, time: time, transaction)
            _ = try transaction.readRelatedData()
            withCache {
                $0.forget(key)
                $0.note(publicKey, of: key, transaction.now)
            }
            try deleteCertificate(of: key, unlessOf: publicKey, transaction)
            return publicKey
        }
    }

    /// Runs a step of replacing a key. Where the card refuses it, and says that the old key is still there, that gets its
    /// fingerprint back, by which people and programs know it.
    private func keeping<R>(
        _ fingerprint: [UInt8]?, of key: OpenPGPKey, _ transaction: OpenPGPTransaction,
        _ step: () throws(CardError) -> R
    ) throws(CardError) -> R {
        let outcome = Result { () throws(CardError) in try step() }
        let attributes = withCache { $0.related.value.keys[key]?.algorithm }
        if case .failure(let error) = outcome, error.isAnswer, let fingerprint,
            (try? transaction.card.readPublicKey(key, attributes: attributes)) != nil
        {
            try? transaction.card.putData(key.fingerprint, fingerprint)
            _ = try? transaction.readRelatedData()
        }
        return try outcome.get()
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

    private func template(
        _ privateKey: PrivateKey, _ key: OpenPGPKey, _ attributes: AlgorithmAttributes, _ format: ImportFormat? = nil
    ) throws(CardError) -> SecretBuffer {
        let told = withCache { $0.related.value.keys[key] }
        var exponentBits = 32
        if case .rsa(_, let bits)? = told?.algorithm { exponentBits = bits }
        do throws(HostCryptoError) {
            var numbers = try privateKey.numbers()
            defer { numbers.wipe() }
            return try PrivateKeyTemplate.encode(
                numbers, privateKey.publicKey, for: key, format ?? told?.importFormat ?? .standard,
                exponentBits: exponentBits)
        } catch {
            throw .refused(.failed("the private key: \(error)"))
        }
    }

    /// The data objects that a request asks for beside the key.
    private func rules(
        _ request: KeyRequest, for key: OpenPGPKey
    ) throws(TokenError) -> [(object: DataObject, value: [UInt8])] {
        var rules: [(object: DataObject, value: [UInt8])] = []
        let related = withCache { $0.related.value }
        if let touch = request.touch {
            guard related.keys[key]?.interaction != nil else { throw .unsupported }
            let flag: UserInteractionFlag =
                switch touch {
                case .never: .off
                case .always: .on
                case .cached: .cached
                }
            guard flag != .cached || applicationIdentifier?.manufacturer == .yubico else { throw .unsupported }
            if related.keys[key]?.interaction != flag {
                // 20: a button (general feature management, tag 7F74).
                rules.append((key.userInteractionFlag, [flag.rawValue, GeneralFeatures.button.rawValue]))
            }
        }
        switch (request.pin, key) {
        case (nil, _), (.once, .decryption), (.once, .authentication): break
        case (.once, .signature), (.always, .signature):
            rules.append((.passwordStatus, [request.pin == .once ? 1 : 0]))
        case (.never, _), (.always, .decryption), (.always, .authentication): throw .unsupported
        }
        return rules
    }
}

extension AlgorithmAttributes {
    /// Whether it is one of a curve.
    fileprivate var isOnCurve: Bool {
        if case .rsa = self { return false }
        return true
    }

    /// Whether it is the same algorithm, however long the exponent of an RSA key may be.
    func isSameKind(as other: AlgorithmAttributes) -> Bool {
        if case (.rsa(let bits, _), .rsa(let otherBits, _)) = (self, other) { return bits == otherBits }
        return self == other
    }
}
