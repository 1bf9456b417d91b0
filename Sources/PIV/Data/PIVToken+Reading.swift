import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// Reading for the cache: what is believed, and for how long, is said in `PIVCache`.
extension PIVToken {
    /// The value of a container. One that the card refuses, with whatever status word but for want of the PIN, counts as empty
    /// for the lifetime; one that cannot be parsed is not read again for as long.
    func container(_ container: PIVContainer, _ transaction: PIVTransaction) throws(CardError) -> [UInt8]? {
        let (known, failure) = withCache { ($0.value(in: container), $0.failure(of: container)) }
        if let failure, failure.isFresh(at: transaction.now) {
            guard failure.value.status != nil else { throw failure.value }
            return nil
        }
        if let known, known.isFresh(at: transaction.now) { return known.value }
        return try readContainer(container, transaction)
    }

    /// Reads a container, however old the cache is.
    func readContainer(_ container: PIVContainer, _ transaction: PIVTransaction) throws(CardError) -> [UInt8]? {
        var value: [UInt8]?
        do throws(CardError) {
            value = try transaction.read(container)
            withCache { $0.note(nil, of: container, at: transaction.now) }
        } catch {
            // What may come of a reset is asked again.
            guard error.isAnswer, transaction.isProven, !PIVCatalogue.needsPIN(container.object),
                !transaction.card.exchange.mayComeOfReset(error.status)
            else { throw error }
            let wasThere = withCache {
                $0.note(error, of: container, at: transaction.now)
                return $0.value(in: container)?.value != nil
            }
            // What cannot be parsed is there; and one refusal ends nothing that was there before.
            if error.status == nil { throw error }
            if wasThere { return nil }
        }
        // A management key in the place of the Printed Information is neither shown nor kept.
        let isKey = container == .printedInformation && value.map { CardManagementKey.isStored(in: $0) } == true
        if isKey { value?.wipe() }
        let held = value?.isEmpty == true ? nil : value
        guard let key = withCache({ $0.keyContradicted(by: held, in: container) }) else {
            withCache { $0.note(held, in: container, at: transaction.now) }
            return held
        }
        // Nothing is noted before the card was asked, so that a failure leaves the contradiction for the next time.
        let metadata = try readMetadata(key, transaction)
        withCache {
            let before = $0.belief(in: key)
            $0.note(held, in: container, at: transaction.now)
            if let metadata { $0.note(metadata, of: key) } else { $0.believeCertificate(of: key) }
            $0.settle(key, since: before)
        }
        return held
    }

    /// The certificate of a key reference. One that cannot be parsed counts as absent.
    func certificate(
        of key: PIVKeyReference, _ transaction: PIVTransaction
    ) throws(CardError) -> Certificate? {
        guard let place = key.certificateContainer else { return nil }
        _ = try container(place, transaction)
        return withCache { $0.certificate(of: key) }
    }

    /// The card's attestation of a key; nil where it gives none, as of a key that was imported.
    func attestation(of key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) -> Certificate? {
        if let known = withCache({ $0.ledger.certificate(of: key.object(.attestation)) }),
            known.isFresh(at: transaction.now)
        {
            return known.value
        }
        guard withCache({ !$0.attests.isRefused(at: transaction.now) }) else { return nil }
        var attestation: Certificate?
        do throws(CardError) {
            let der = try transaction.card.attest(key)
            attestation = try? Certificate(leading: der)
            if attestation != nil {
                transaction.noteProof()
                withCache { $0.attests.note(true) }
            } else if !transaction.isProven {
                throw .malformed(.attest, "the answer is no certificate")
            }
        } catch {
            guard error.isAnswer, transaction.isProven else { throw error }
            if error.isUnknownCommand { withCache { $0.attests.noteRefusal(at: transaction.now) } }
        }
        return withCache {
            $0.note(attestation: attestation, of: key, at: transaction.now)
            return $0.ledger.certificate(of: key.object(.attestation))?.value
        }
    }

    /// The metadata of a key reference; nil where it has no key, or the card no such command.
    func metadata(of key: PIVKeyReference, _ transaction: PIVTransaction) throws(CardError) -> KeyMetadata? {
        let (known, isSilent) = withCache { ($0.metadata[key], $0.isSilent(key, at: transaction.now)) }
        if let known, known.value != nil || known.isFresh(at: transaction.now) { return known.value }
        guard !isSilent else { return nil }
        guard let reading = try readMetadata(key, transaction) else { return nil }
        withCache {
            let before = $0.belief(in: key)
            $0.note(reading, of: key)
            // What a certificate said before was handed out as the key's.
            if let old = before.publicKey, let told = reading.value?.publicKey, told != old {
                $0.settle(key, since: before)
            }
        }
        return reading.value
    }

    package func isBelieved(_ key: ObjectReference, at now: Int) -> Bool {
        withCache { $0.isBelieved(PIVKeyReference(key), at: now) }
    }

    package func readAnew(_ key: ObjectReference, _ transaction: PIVTransaction) throws(CardError) {
        let key = PIVKeyReference(key)
        let metadata = try readMetadata(key, transaction)
        if let metadata { withCache { $0.settle(key, by: metadata) } }
        // A key that is told of without its public half has that of its certificate.
        guard metadata == nil || metadata?.value.map({ $0.publicKey == nil }) == true,
            let place = key.certificateContainer
        else { return }
        _ = try readContainer(place, transaction)
    }

    /// Asks the card for the metadata of a key reference, and notes nothing but whether it can tell.
    ///
    /// - Returns: nil where the card has no such command, or does not tell of this key.
    func readMetadata(
        _ key: PIVKeyReference, _ transaction: PIVTransaction
    ) throws(CardError) -> Reading<KeyMetadata?>? {
        guard withCache({ $0.hasMetadata }) != false else { return nil }
        let told = try transaction.believingRefusal { () throws(CardError) in try transaction.readMetadata(key) }
        switch told {
        case .success(let metadata):
            if metadata == nil, try !tellsMetadata(transaction) {
                withCache { $0.noteSilence(of: key, isUnknown: false, at: transaction.now) }
                return nil
            }
            withCache { $0.noteMetadataTold(of: key, metadata) }
            return Reading(metadata, at: transaction.now)
        case .failure(let error):
            withCache { $0.noteSilence(of: key, isUnknown: error.isUnknownCommand, at: transaction.now) }
            return nil
        }
    }

    /// Whether "no such key" is an answer of GET METADATA, and not of a card that answers so to a command that it does not
    /// have. A card with the command tells of its management key.
    private func tellsMetadata(_ transaction: PIVTransaction) throws(CardError) -> Bool {
        if hasOnePIN || withCache({ $0.hasMetadata }) == true { return true }
        do throws(CardError) {
            return try transaction.card.getMetadata(.cardManagement) != nil
        } catch {
            guard error.isAnswer else { throw error }
            return false
        }
    }

    /// What GET METADATA tells of a PIN or the PUK; nil where the card does not tell.
    func readMetadata(
        of reference: PINReference, _ transaction: PIVTransaction
    ) throws(CardError) -> PINMetadata? {
        guard withCache({ $0.hasMetadata }) != false else { return nil }
        let told = try transaction.believingRefusal { () throws(CardError) in
            try transaction.card.getMetadata(reference)
        }
        switch told {
        case .success(let metadata?):
            transaction.noteProof()
            withCache { $0.noteMetadataOfPINTold() }
            return metadata
        case .success(nil): return nil
        case .failure(let error):
            if error.isUnknownCommand { withCache { $0.noteMetadataUnknown(at: transaction.now) } }
            return nil
        }
    }

    /// Asks about a key that the card has just refused to use: it may be another one now, or none.
    ///
    /// - Throws: `objectNotFound` where it is.
    func reconsider(
        _ key: PIVKeyReference, after error: CardError, _ transaction: PIVTransaction
    ) throws(CardError) {
        guard transaction.isProven, let status = error.status, Self.meansMissingKey.contains(status) else { return }
        let object = ObjectReference(.privateKey, UInt32(key.rawValue))
        let revision = revision(of: object)
        if let metadata = try readMetadata(key, transaction) {
            withCache { $0.settle(key, by: metadata) }
        } else if status.meansNotThere {
            withCache { $0.settle(key, by: Reading(nil, at: transaction.now)) }
        } else if let place = key.certificateContainer {
            _ = try readContainer(place, transaction)
        }
        let isOther = withCache { $0.ledger.revision(of: object) != revision || !$0.belief(in: key).isThere }
        if isOther { throw .refused(.objectNotFound) }
    }

    /// What cards answer to GENERAL AUTHENTICATE with a key that is not there, or is not of that algorithm: the
    /// specification names 6A80 and 6A86 (SP 800-73-5 part 2, section 3.2.4), and ISO/IEC 7816-4 6A88 for it; 6700 where
    /// the key has another size.
    private static let meansMissingKey: Set<StatusWord> = [
        .referenceNotFound, .notFound, .incorrectData, .incorrectParameters, .wrongParameters, .wrongLength,
    ]
}
