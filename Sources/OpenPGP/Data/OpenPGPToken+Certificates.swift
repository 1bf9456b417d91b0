import CardApplication
import HostCrypto
import ISO7816
import Token

/// The three cardholder certificates (7F21), of which SELECT DATA chooses one.
extension OpenPGPToken {
    /// The certificate of a key. One that cannot be parsed counts as absent.
    ///
    /// - Parameter isReadAnew: whether it is read for something to be written: then whatever is believed counts for nothing,
    ///   and a card that refuses to choose for once is not taken for one that never does.
    func certificate(
        of key: OpenPGPKey, _ transaction: OpenPGPTransaction, isReadAnew: Bool = false
    ) throws(CardError) -> Certificate? {
        if !isReadAnew, let known = withCache({ $0.ledger.certificate(of: key.object(.certificate)) }),
            known.isFresh(at: now)
        {
            return known.value
        }
        var (held, isTold) = ([UInt8]?.none, true)
        if isReachable(key, isReadAnew), withCache({ $0.related.value.capabilities?.maximumCertificate }) != 0 {
            held = try transaction.believing { () throws(CardError) -> [UInt8]? in
                guard try select(key, transaction, isForWriting: isReadAnew) else { return nil }
                return try readCertificate(transaction, &isTold)
            }
        }
        if !isTold, withCache({ $0.ledger.certificate(of: key.object(.certificate))?.value }) != nil {
            // It is not to be had now, and may be the same one still.
            withCache { $0.ledger.doubt(key.object(.certificate)) }
            return nil
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
    func select(
        _ key: OpenPGPKey, _ transaction: OpenPGPTransaction, isForWriting: Bool = false
    ) throws(CardError) -> Bool {
        guard isReachable(key, isForWriting) else { return false }
        if version < .three { return true }
        switch withCache({ $0.certificateSelection(at: transaction.now) }) {
        case .none: break
        case .refused where !isForWriting: break
        case .standard: try selectData(key, .standard, transaction)
        case .withLengthByte: try selectData(key, .withLengthByte, transaction)
        case .unknown, .refused: return try findSelection(key, transaction, isForWriting)
        }
        return true
    }

    /// Whether there may be a certificate of this key: before version 3, and on cards without SELECT DATA, there is the
    /// one of the authentication key.
    private func isReachable(_ key: OpenPGPKey, _ isForWriting: Bool) -> Bool {
        if key == .authentication { return true }
        guard version >= .three else { return false }
        switch withCache({ $0.certificateSelection(at: now) }) {
        case .unknown, .standard, .withLengthByte: return true
        case .none: return false
        case .refused: return isForWriting
        }
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

    /// GET DATA of the certificate that is chosen.
    ///
    /// - Parameter isTold: whether the card gave it, or said that there is none.
    func readCertificate(
        _ transaction: OpenPGPTransaction, _ isTold: inout Bool
    ) throws(CardError) -> [UInt8]? {
        do throws(CardError) {
            isTold = true
            return try transaction.card.getData(.certificate)
        } catch {
            // A card without this object refuses it in many ways.
            guard error.isAnswer, transaction.isProven else { throw error }
            isTold = false
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

    /// Tries what the card takes, and remembers it. A refusal is believed only from the OpenPGP application. One that does
    /// not say that there is no such command may be a fault, after which another certificate may be the selected one: then
    /// nothing is written.
    private func findSelection(
        _ key: OpenPGPKey, _ transaction: OpenPGPTransaction, _ isForWriting: Bool
    ) throws(CardError) -> Bool {
        var (lacksCommand, last) = (false, CardError?.none)
        for choice in [CertificateSelection.standard, .withLengthByte] {
            guard let refusal = try refusal(of: choice, key, transaction) else {
                withCache { $0.note(choice, at: transaction.now) }
                return true
            }
            lacksCommand = lacksCommand || refusal.status?.meansNoSelectData == true
            last = refusal
            // A card without the command knows no other form of it.
            if refusal.isUnknownCommand { break }
        }
        withCache { $0.note(lacksCommand ? .none : .refused, at: transaction.now) }
        if isForWriting, !lacksCommand, let last { throw last }
        return key == .authentication
    }

    /// Why the card does not take a choice; nil where it does.
    private func refusal(
        of choice: CertificateSelection, _ key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) -> CardError? {
        do throws(CardError) {
            try selectData(key, choice, transaction)
            return nil
        } catch {
            guard error.status != nil else { throw error }
            if try transaction.prove() { return error }
            return try refusal(of: choice, key, transaction)
        }
    }
}

extension StatusWord {
    /// Whether a card answers so that has no SELECT DATA.
    fileprivate var meansNoSelectData: Bool {
        switch self {
        case .instructionNotSupported, .classNotSupported, .functionNotSupported, .incorrectParameters,
            .wrongParameters:
            true
        default: false
        }
    }
}
