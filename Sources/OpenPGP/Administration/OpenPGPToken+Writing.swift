import CardApplication
import HostCrypto
import ISO7816
import Token

/// Certificates and the data objects for private use, written with the login that the card wants (OpenPGP card 3.4.1,
/// section 4.4.2).
extension OpenPGPToken {
    /// See `Token`.
    public func write(
        _ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?
    ) throws(TokenError) {
        guard !value.isEmpty else { throw .dataInvalid }
        try put(value, to: object, ifStill: revision)
    }

    /// See `Token`. An empty value deletes (OpenPGP card 3.4.1, section 7.2.8).
    public func delete(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError) {
        try put([], to: object, ifStill: revision)
    }

    private func put(_ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?) throws(TokenError) {
        switch object.kind {
        case .publicKey, .privateKey, .secretKey, .attestation: throw .readOnly
        case .certificate where object == OpenPGPCatalogue.attestationCertificate: throw .readOnly
        case .data: try put(value, to: DataObject(rawValue: object.number), ifStill: revision)
        case .certificate:
            guard let key = OpenPGPKey(object) else { throw .objectNotFound }
            try put(certificate: value, of: key, ifStill: revision)
        }
    }

    private func put(_ value: [UInt8], to name: DataObject, ifStill revision: UInt64?) throws(TokenError) {
        guard DataObject.privateUse.contains(name) else { throw .objectNotFound }
        let capabilities = withCache { $0.related.value.capabilities }
        guard capabilities?.features.contains(.privateUse) ?? true else { throw .readOnly }
        guard value.count <= capabilities?.maximumSpecialObject ?? .max else { throw .memoryFull }
        try performWriting(OpenPGPCatalogue.writeAccess(name)) { (transaction) throws(CardError) in
            try transaction.prove()
            if let revision {
                let isThere = try read(name, transaction, isReadAnew: true) != nil
                try require(isThere, ObjectReference(.data, name.rawValue), revision)
            }
            let object = ObjectReference(.data, name.rawValue)
            withCache { $0.ledger.doubt(object) }
            let isOpen = OpenPGPCatalogue.readAccess(name) == .none
            try transaction.card.putData(name, value, secrecy: isOpen ? [] : .command)
            withCache { $0.ledger.note(value.isEmpty ? nil : value, of: object, at: now, isWritten: true) }
        }
    }

    private func put(
        certificate value: [UInt8], of key: OpenPGPKey, ifStill revision: UInt64?
    ) throws(TokenError) {
        let certificate = value.isEmpty ? nil : try? Certificate(der: value)
        guard value.isEmpty || certificate != nil else { throw .dataInvalid }
        let maximum = withCache { $0.related.value.capabilities?.maximumCertificate }
        guard value.count <= maximum ?? .max else { throw .memoryFull }
        try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.prove()
            // Whether the card chooses is found out before anything is asked in vain.
            if [.unknown, .refused].contains(withCache({ $0.certificateSelection(at: transaction.now) })) {
                guard try select(key, transaction, isForWriting: true) else { throw .refused(.readOnly) }
            }
            if let wanted = certificate?.publicKey, let known = try publicKey(of: key, transaction), known != wanted {
                throw .refused(.certificateOfAnotherKey)
            }
            if let revision {
                let isThere = try self.certificate(of: key, transaction, isReadAnew: true) != nil
                try require(isThere, ObjectReference(.certificate, UInt32(key.rawValue)), revision)
            }
            try putCertificate(certificate, of: key, transaction)
        }
    }

    /// Writes the certificate of a key, or deletes it with nil.
    func putCertificate(
        _ certificate: Certificate?, of key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let isToldApart = try isToldApart(key, transaction)
        guard isToldApart != false else { throw .refused(.failed(Self.doesNotChoose)) }
        guard try select(key, transaction, isForWriting: true) else { throw .refused(.readOnly) }
        withCache { $0.ledger.doubt(key.object(.certificate)) }
        try transaction.card.putData(.certificate, certificate?.der ?? [])
        if isToldApart == nil, certificate != nil { try requireChoice(of: key, transaction) }
        withCache { $0.ledger.note(certificate: certificate, of: key.object(.certificate), at: now, isWritten: true) }
    }

    /// Another process may have deleted or replaced the object since it was found.
    private func require(_ isThere: Bool, _ object: ObjectReference, _ revision: UInt64) throws(CardError) {
        guard isThere, withCache({ $0.ledger.revision(of: object) }) == revision else {
            throw .refused(.objectNotFound)
        }
    }

    /// Runs what this login, or the administrator's, may write.
    func performWriting<R>(
        _ permission: OpenPGPCatalogue.Permission, _ body: (OpenPGPTransaction) throws(CardError) -> R
    ) throws(TokenError) -> R {
        do throws(TokenError) {
            return try perform(permission.access, body)
        } catch .notLoggedIn where permission == .administrator {
            throw .administratorNeeded
        }
    }
}
