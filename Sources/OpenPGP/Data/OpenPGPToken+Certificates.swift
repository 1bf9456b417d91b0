import CardApplication
import HostCrypto
import ISO7816
import Token

/// The three cardholder certificates (7F21), of which SELECT DATA chooses one.
extension OpenPGPToken {
    /// The certificate of a key. One that cannot be parsed counts as absent.
    func certificate(
        of key: OpenPGPKey, _ transaction: OpenPGPTransaction, isReadAnew: Bool = false
    ) throws(CardError) -> Certificate? {
        if !isReadAnew, let known = withCache({ $0.ledger.certificate(of: key.object(.certificate)) }),
            known.isFresh(at: now)
        {
            return known.value
        }
        var held: [UInt8]?
        if isReachable(key), withCache({ $0.related.value.capabilities?.maximumCertificate }) != 0 {
            held = try transaction.believing { () throws(CardError) -> [UInt8]? in
                guard try select(key, transaction) else { return nil }
                return try readCertificate(transaction)
            }
        }
        // What stands behind the certificate is left over: padding, or a chain.
        let certificate = held.flatMap { try? Certificate(leading: $0) }
        withCache {
            $0.ledger.note(certificate: certificate, of: key.object(.certificate), at: now)
            $0.unreadableCertificates[key] = certificate == nil && held?.contains { $0 != 0 } == true ? held : nil
            if let bytes = $0.unreadableCertificates[key] {
                $0.notices.note("the certificate of \(key) cannot be read: \(Self.problem(bytes))")
            }
        }
        return certificate
    }

    /// Chooses the certificate of a key. On some cards that holds for the next command only (CanoKey), so it stands directly
    /// before each command that reads or writes one.
    ///
    /// - Returns: whether that could be done: a card that does not choose has the one of the authentication key.
    func select(_ key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        guard isReachable(key) else { return false }
        if version < .three { return true }
        switch withCache({ $0.certificateSelection(at: transaction.now) }) {
        case .none: break
        case .standard: try selectData(key, .standard, transaction)
        case .withLengthByte: try selectData(key, .withLengthByte, transaction)
        case .unknown: return try findSelection(key, transaction)
        }
        return true
    }

    /// Whether there may be a certificate of this key: before version 3, and on cards without SELECT DATA, there is the
    /// one of the authentication key.
    private func isReachable(_ key: OpenPGPKey) -> Bool {
        key == .authentication || version >= .three && withCache { $0.certificateSelection(at: now) } != .none
    }

    /// See `Token`.
    public func unreadableCertificate(at object: ObjectReference) throws(TokenError) -> [UInt8]? {
        guard object.kind == .certificate, let key = OpenPGPKey(object) else { return nil }
        return try perform { (transaction) throws(CardError) in try unreadableCertificate(of: key, transaction) }
    }

    /// The bytes in the place of a key's certificate, where they are more than zeros and no certificate.
    func unreadableCertificate(
        of key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> [UInt8]? {
        guard try certificate(of: key, transaction) == nil,
            let held = withCache({ $0.unreadableCertificates[key] })
        else { return nil }
        return held
    }

    private static func problem(_ bytes: [UInt8]) -> String { "its \(bytes.count) bytes are no X.509 certificate" }

    /// See `Token`.
    public func unreadableCertificates() -> [ObjectReference: String] {
        let unreadable = withCache { $0.unreadableCertificates }
        return Dictionary(
            uniqueKeysWithValues: unreadable.map { ($0.key.object(.certificate), Self.problem($0.value)) })
    }

    private func readCertificate(_ transaction: OpenPGPTransaction) throws(CardError) -> [UInt8]? {
        do throws(CardError) {
            return try transaction.card.getData(.certificate)
        } catch {
            // A card without this object refuses it in many ways.
            guard error.isAnswer, transaction.isProven else { throw error }
            return nil
        }
    }

    private func selectData(
        _ key: OpenPGPKey, _ selection: CertificateSelection, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        try transaction.card.selectData(
            .certificate, occurrence: key.certificateOccurrence, hasLengthByte: selection == .withLengthByte)
        transaction.noteOccurrence(key.certificateOccurrence)
    }

    /// Tries what the card takes, and remembers it. A refusal is believed only from the OpenPGP application.
    private func findSelection(_ key: OpenPGPKey, _ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        for choice in [CertificateSelection.standard, .withLengthByte] {
            guard let refusal = try refusal(of: choice, key, transaction) else {
                withCache { $0.note(choice, at: transaction.now) }
                return true
            }
            // A card without the command knows no other form of it.
            if refusal == .instructionNotSupported || refusal == .classNotSupported { break }
        }
        withCache { $0.note(CertificateSelection.none, at: transaction.now) }
        return key == .authentication
    }

    private func refusal(
        of choice: CertificateSelection, _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> StatusWord? {
        do throws(CardError) {
            try selectData(key, choice, transaction)
            return nil
        } catch {
            guard let status = error.status else { throw error }
            if try transaction.prove() { return status }
            return try refusal(of: choice, key, transaction)
        }
    }
}
