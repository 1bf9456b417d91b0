import CardApplication
import HostCrypto
import ISO7816
import Keys
import Platform
import Token

/// Keys that are generated, imported, moved and deleted.
///
/// The order of what is written, and what a loss of power in between leaves:
///
/// - A key that is generated or imported: first the Card Holder Unique Identifier and the Card Capability Container where there
///   are none, which change nothing for a key; then the key; then the certificate that was the old key's is deleted. In
///   between the new key stands beside the old certificate: the card tells its keys, so `unfinishedChanges` names the
///   certificate. A card that does not tell them would pass the old public key for the new one's; there the certificate is
///   deleted first, and in between the old key stands without one.
/// - A key that is moved: its certificate is copied, the key moved, the first certificate deleted. In between there is a
///   copy of the certificate in the place without a key, which `unfinishedChanges` names.
///
/// The Key History is written before all that, and after it: see `PIVToken+KeyHistory`.
extension PIVToken {
    /// See `Token`.
    public func generateKeyPair(
        _ algorithm: KeyType, at object: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8] {
        let key = try place(object)
        guard let algorithm = PIVAlgorithm(algorithm), try mayHave(algorithm, isNew: true) else {
            throw .algorithmNotSupported
        }
        if request.pin != nil || request.touch != nil {
            guard try extendsPIV() else { throw .unsupported }
        }
        let publicKey = try noting(algorithm, at: key) { () throws(TokenError) in
            try perform(.administration) { (transaction) throws(CardError) in
                try replaceKey(key, transaction) { () throws(CardError) in
                    let publicKey = try transaction.card.generateKeyPair(algorithm, key, request)
                    return KeyMetadata(algorithm, .generated, publicKey, request)
                }
            }
        }
        return publicKey.subjectPublicKeyInfo
    }

    /// See `Token`: IMPORT ASYMMETRIC KEY is Yubico's; other cards take keys in ways of their makers' own.
    public func importPrivateKey(
        _ privateKeyInfo: RawSpan, at object: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) {
        let key = try place(object)
        guard try extendsPIV() else { throw .unsupported }
        let publicKey: PublicKey
        var secrets: PrivateNumbers
        do throws(HostCryptoError) {
            let privateKey = try PrivateKey.pkcs8(privateKeyInfo)
            publicKey = privateKey.publicKey
            secrets = try privateKey.numbers()
        } catch {
            throw error == .unsupported ? .algorithmNotSupported : .dataInvalid
        }
        defer { secrets.wipe() }
        guard let algorithm = PIVAlgorithm(for: publicKey), try mayHave(algorithm) else {
            throw .algorithmNotSupported
        }
        // The card is not told the exponent, and reckons with 65537.
        if case .rsa(_, let exponent) = publicKey, exponent != [0x01, 0x00, 0x01] { throw .dataInvalid }
        guard secrets.values.allSatisfy({ $0.count <= algorithm.numberSize }) else { throw .dataInvalid }
        _ = try noting(algorithm, at: key) { () throws(TokenError) in
            try perform(.administration) { (transaction) throws(CardError) in
                try replaceKey(key, transaction) { () throws(CardError) in
                    try transaction.card.importKey(algorithm, key, secrets, request)
                    return KeyMetadata(algorithm, .imported, publicKey, request)
                }
            }
        }
    }

    /// See `Token`: YubiKeys from firmware 5.7 on, and CanoKey. Another card refuses it, and then the certificate's copy goes.
    public func moveKey(from source: ObjectReference, to target: ObjectReference) throws(TokenError) {
        let (from, to) = (try place(source), try place(target))
        guard from != to else { return }
        let isDone = try perform(.administration) { (transaction) throws(CardError) in
            guard try mayMoveKeys(transaction) else { return false }
            guard let metadata = try transaction.readMetadata(from) else {
                throw .refused(.objectNotFound)
            }
            guard try transaction.readMetadata(to) == nil else {
                throw .refused(.dataInvalid)
            }
            try extendKeyHistory(to: to, transaction)
            var copied: PIVContainer?
            if let place = from.certificateContainer, let copy = to.certificateContainer {
                let certificate = try readContainer(place, transaction), there = try readContainer(copy, transaction)
                // One that is there already is that of a move that was broken off, or it is another key's.
                guard there == nil || there == certificate else {
                    throw .refused(.dataInvalid)
                }
                // What the card refuses to give now is there, perhaps: nothing is written over it, and none left behind.
                guard withCache({ $0.isKnown(place) && $0.isKnown(copy) }) else {
                    let names = [from, to].map { hexadecimal([$0.rawValue]).uppercased() }
                    throw .refused(
                        .failed("the card does not give the certificates of \(names[0]) and \(names[1]) just now"))
                }
                if let certificate, there == nil {
                    try put(certificate, copy, transaction)
                    copied = copy
                }
            }
            do throws(CardError) {
                try move(from, to: to, transaction)
            } catch {
                // The key is where it was, and so is its certificate.
                if let copied, error.status != nil { try? put([], copied, transaction) }
                if error.status != nil { try? shortenKeyHistory(after: to, transaction) }
                guard error.meansNoMoveKey else { throw error }
                return false
            }
            withCache {
                $0.noteKeyGone(from, at: transaction.now)
                $0.noteNewKey(to, metadata, at: transaction.now)
            }
            try deleteCertificate(of: from, transaction)
            try shortenKeyHistory(after: from, transaction)
            return true
        }
        guard isDone else { throw .unsupported }
    }

    /// Deletes a private key, where the card can: YubiKeys from firmware 5.7 on.
    func deleteKey(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError) {
        let key = try place(object)
        let isDone = try perform(.administration) { (transaction) throws(CardError) in
            guard try mayMoveKeys(transaction) else { return false }
            // Another process may have replaced it since.
            let metadata = try transaction.readMetadata(key)
            withCache { $0.settle(key, by: Reading(metadata, at: transaction.now)) }
            guard metadata != nil, withCache({ $0.ledger.revision(of: object) == revision }) else {
                throw .refused(.objectNotFound)
            }
            do throws(CardError) {
                try move(key, to: nil, transaction)
            } catch {
                guard error.meansNoMoveKey else { throw error }
                return false
            }
            withCache { $0.noteKeyGone(key, at: transaction.now) }
            try shortenKeyHistory(after: key, transaction)
            return true
        }
        guard isDone else { throw .readOnly }
    }

    /// MOVE KEY, and what that tells of the card.
    private func move(
        _ key: PIVKeyReference, to target: PIVKeyReference?, _ transaction: PIVTransaction
    ) throws(CardError) {
        do throws(CardError) {
            try changing(key, transaction) { () throws(CardError) in
                try transaction.card.moveKey(from: key, to: target)
            }
            withCache { $0.moves.note(true) }
        } catch {
            if error.meansNoMoveKey { withCache { $0.moves.noteRefusal(at: transaction.now) } }
            throw error
        }
    }

    /// See `Token`: nothing.
    public func attestationPolicy(of key: ObjectReference) throws(TokenError) -> KeyPolicy { KeyPolicy(pin: .never) }

    /// See `Token`: YubiKeys from firmware 4.3 on, for keys that they made.
    public func attest(_ key: ObjectReference) throws(TokenError) -> [UInt8] {
        let reference = try place(key)
        let der = try perform { (transaction) throws(CardError) in try transaction.card.attest(reference) }
        guard let certificate = try? Certificate(leading: der) else {
            throw .failed("the attestation is no certificate")
        }
        return certificate.der
    }

    /// Replaces a key: before it, beside it and after it is what the order of writing says. Where the card refuses the new
    /// one, the history tells of it no more.
    private func replaceKey(
        _ key: PIVKeyReference, _ transaction: PIVTransaction, _ make: () throws(CardError) -> KeyMetadata
    ) throws(CardError) -> PublicKey {
        try makeCardObjects(transaction)
        try extendKeyHistory(to: key, transaction)
        if withCache({ $0.hasMetadata }) == nil { _ = try readMetadata(key, transaction) }
        var deleted: [UInt8]?
        if withCache({ $0.hasMetadata }) == false {
            deleted = try deleteCertificate(of: key, ifReadable: true, transaction)
        }
        let outcome = Result { () throws(CardError) in try changing(key, transaction, make) }
        if case .failure(let error) = outcome, error.isAnswer {
            // The old key is still there, and so is its certificate.
            if let deleted, error.status != nil, let place = key.certificateContainer {
                try? put(deleted, place, transaction)
            }
            try? shortenKeyHistory(after: key, transaction)
        }
        let made = try outcome.get()
        // The card tells what the policies came to be.
        let told = (try? readMetadata(key, transaction))??.value
        withCache { $0.noteNewKey(key, told ?? made, at: transaction.now) }
        do throws(CardError) {
            try deleteCertificate(of: key, unlessOf: made.publicKey, transaction)
        } catch {
            // The key is there all the same: `unfinishedChanges` finds a certificate that the card keeps.
            guard error.isAnswer, error.status != .securityStatusNotSatisfied else { throw error }
        }
        guard let publicKey = made.publicKey else { throw .malformed(.generateKeyPair, "no public key") }
        return publicKey
    }

    /// Runs a command that changes which key lies in a place. One that the card refuses has changed nothing, unless the card
    /// says otherwise; whatever else comes of it, what was known of the old key is not to be relied on.
    private func changing<R>(
        _ key: PIVKeyReference, _ transaction: PIVTransaction, _ command: () throws(CardError) -> R
    ) throws(CardError) -> R {
        let outcome = Result { () throws(CardError) in try command() }
        guard case .failure(let error) = outcome else { return try outcome.get() }
        switch error.status {
        case nil: withCache { $0.doubtKey(key) }
        case .securityStatusNotSatisfied: break
        default: if transaction.isProven { try? readAnew(key.object(.privateKey), transaction) }
        }
        return try outcome.get()
    }

    /// Deletes the certificate in a key's place, unless it is for this public key.
    ///
    /// - Parameter ifReadable: whether one whose key cannot be read, and so not compared, is left alone.
    /// - Returns: the container's value before, where it was deleted.
    @discardableResult
    private func deleteCertificate(
        of key: PIVKeyReference, unlessOf publicKey: PublicKey? = nil, ifReadable: Bool = false,
        _ transaction: PIVTransaction
    ) throws(CardError) -> [UInt8]? {
        guard let place = key.certificateContainer, let value = try readContainer(place, transaction) else {
            return nil
        }
        let certified = withCache { $0.certificate(of: key)?.publicKey }
        if ifReadable || publicKey != nil, certified == nil { return nil }
        if let publicKey, certified == publicKey { return nil }
        try put([], place, transaction)
        return value
    }

    /// Makes the Card Holder Unique Identifier and the Card Capability Container where there are none: some hosts take a
    /// card without them for none (Windows).
    private func makeCardObjects(_ transaction: PIVTransaction) throws(CardError) {
        for container in [PIVContainer.cardholderUniqueIdentifier, .cardCapabilities] {
            let value = try readable(transaction) { () throws(CardError) in try self.container(container, transaction) }
            guard value == nil, withCache({ $0.isKnown(container) }) else { continue }
            let random: [UInt8]
            do throws(HostCryptoError) {
                random = try Random.bytes(16)
            } catch {
                throw .refused(.failed("no random bytes"))
            }
            let made =
                container == .cardCapabilities
                ? CardCapabilityContainer.value(random: random) : CardholderUniqueIdentifier.value(random: random)
            try putIfTaken(made, container, transaction)
        }
    }

    /// Writes a container that no key depends on: a card that does not take it (6A82, 6A84, 6A86) keeps its keys all the same.
    func putIfTaken(
        _ value: [UInt8], _ container: PIVContainer, _ transaction: PIVTransaction
    ) throws(CardError) {
        do throws(CardError) {
            try put(value, container, transaction)
        } catch {
            guard let status = error.status, status != .securityStatusNotSatisfied, !error.isUnknownCommand else {
                throw error
            }
        }
    }

}

extension CardError {
    /// Whether the card has no MOVE KEY.
    fileprivate var meansNoMoveKey: Bool { isUnknownCommand || status == .functionNotSupported }
}
