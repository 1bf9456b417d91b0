import CardApplication
import HostCrypto
import ISO7816
import Token

/// What the administrator, or a user behind whose PIN the management key is kept, writes: one command once that is
/// proven.
extension PIVToken {
    /// See `Token`.
    public func write(
        _ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?
    ) throws(TokenError) {
        // Longer than any command's data field; what fits is the card's to say.
        guard !value.isEmpty, value.count <= Self.longestValue else { throw .dataInvalid }
        guard PIVCatalogue.isWritable(object) else { throw .readOnly }
        switch object.kind {
        case .data:
            try put(value, PIVContainer(rawValue: object.number), of: object, ifStill: revision)
        case .certificate:
            guard let container = PIVKeyReference(object).certificateContainer else { throw .readOnly }
            guard let certificate = try? Certificate(der: value) else { throw .dataInvalid }
            try put(
                CertificateContainer.value(for: value), container, of: object, ifStill: revision,
                certificate: certificate)
        case .publicKey, .privateKey, .secretKey, .attestation:
            throw .readOnly
        }
    }

    /// See `Token`. An object without a value is none (SP 800-73-5 part 2, section 3.3.1).
    public func delete(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError) {
        if object.kind == .privateKey { return try deleteKey(object, ifStill: revision) }
        guard PIVCatalogue.isWritable(object) else { throw .readOnly }
        switch object.kind {
        case .data:
            try put([], PIVContainer(rawValue: object.number), of: object, ifStill: revision)
        case .certificate:
            guard let container = PIVKeyReference(object).certificateContainer else { throw .readOnly }
            try put([], container, of: object, ifStill: revision)
        case .publicKey, .privateKey, .secretKey, .attestation:
            throw .readOnly
        }
    }

    /// The longest value that fits a command of 65535 bytes with the tags around it.
    private static let longestValue = 65_000

    /// - Parameter certificate: the one in the value. One that does not fit into the card as it is goes in compressed.
    private func put(
        _ value: [UInt8], _ container: PIVContainer, of object: ObjectReference, ifStill revision: UInt64?,
        certificate: Certificate? = nil
    ) throws(TokenError) {
        try perform(.administration) { (transaction) throws(CardError) in
            // A management key that only the card knows would be lost with it; so what is believed is not enough.
            if container == .printedInformation, try isKeyStored(transaction, isReadAnew: true) {
                throw .refused(.readOnly)
            }
            if let certificate, try isOfAnotherKey(certificate, PIVKeyReference(object), transaction) {
                throw .refused(.certificateOfAnotherKey)
            }
            if let revision, !PIVCatalogue.needsPIN(object) || withLogin({ $0.isUser }) {
                // Another process may have deleted or replaced it since.
                let held = try readContainer(container, transaction)
                guard held != nil, withCache({ $0.ledger.revision(of: object) == revision }) else {
                    throw .refused(.objectNotFound)
                }
            }
            if certificate != nil { try extendKeyHistory(to: PIVKeyReference(object), transaction) }
            do throws(CardError) {
                try put(value, container, transaction)
            } catch {
                guard let certificate, error.meansTooLong,
                    let packed = CertificateContainer.compressedValue(for: certificate.der), packed.count < value.count
                else { throw error }
                try put(packed, container, transaction)
            }
            if value.isEmpty, object.kind == .certificate {
                try shortenKeyHistory(after: PIVKeyReference(object), transaction)
            }
        }
    }

    /// Whether the card tells of another key in the certificate's place. What is believed may be of an old key, so it is
    /// asked again before anybody is refused.
    private func isOfAnotherKey(
        _ certificate: Certificate, _ key: PIVKeyReference, _ transaction: PIVTransaction
    ) throws(CardError) -> Bool {
        guard let wanted = certificate.publicKey, let known = try metadata(of: key, transaction)?.publicKey,
            known != wanted
        else { return false }
        guard let reading = try readMetadata(key, transaction) else { return false }
        withCache { $0.settle(key, by: reading) }
        return reading.value?.publicKey.map { $0 != wanted } ?? false
    }

    /// Writes a container, and notes what that means for the key whose certificate it holds.
    func put(
        _ value: [UInt8], _ container: PIVContainer, _ transaction: PIVTransaction
    ) throws(CardError) {
        let isPrivate = PIVCatalogue.needsPIN(container.object)
        do throws(CardError) {
            try transaction.card.putData(container, value, secrecy: isPrivate ? .command : [])
        } catch {
            withCache { $0.doubt(container) }
            throw error
        }
        let held = value.isEmpty ? nil : value
        let key = withCache { $0.keyContradicted(by: held, in: container) }
        // The key itself was not touched: what the card said of it holds on. Where the old certificate alone told of
        // it, the card is asked, and no answer is no reason to call the writing a failure.
        var metadata: Reading<KeyMetadata?>?
        if let key, withCache({ $0.metadata[key] }) == nil { metadata = try? readMetadata(key, transaction) }
        withCache {
            guard let key else { return $0.note(held, in: container, at: transaction.now, isWritten: true) }
            let before = $0.belief(in: key)
            $0.note(held, in: container, at: transaction.now, isWritten: true)
            if let metadata { $0.note(metadata, of: key) } else { $0.believeCertificate(of: key) }
            $0.settle(key, since: before)
        }
    }
}

extension CardError {
    /// Whether the card has no room for what was written, or takes no command of its length.
    fileprivate var meansTooLong: Bool {
        switch status {
        case .notEnoughMemory, .memoryFailure, .wrongLength, .incorrectData: true
        default: false
        }
    }
}
