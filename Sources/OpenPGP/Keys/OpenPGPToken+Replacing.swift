import CardApplication
import HostCrypto
import ISO7816
import Keys
import Platform
import Token

/// A key takes the place of another one; `OpenPGPToken+NewKeys` has the order of what is written.
extension OpenPGPToken {
    /// A data object that is written before the key, and what it held.
    private struct Change {
        let object: DataObject
        let value: [UInt8]
        /// Nil where the card did not tell.
        let old: [UInt8]?
    }

    /// - Parameter make: makes or imports the key, and returns its public half.
    func replaceKey(
        _ key: OpenPGPKey, _ attributes: AlgorithmAttributes, _ request: KeyRequest,
        _ make: (OpenPGPTransaction) throws(CardError) -> PublicKey
    ) throws(TokenError) -> PublicKey {
        // What no key can have is refused before a login is asked for.
        _ = try rules(request, for: key)
        let time = request.creationTime ?? UInt32(clamping: WallClock.seconds())
        return try performWriting(.administrator) { (transaction) throws(CardError) in
            try transaction.refreshRelatedData()
            var done: [Change] = []
            let outcome = Result { () throws(CardError) in
                try prepare(key, for: attributes, request, &done, transaction)
                return try make(transaction)
            }
            if case .failure(let error) = outcome { takeBack(done, after: error, of: key, transaction) }
            let publicKey = try outcome.get()
            // Whatever comes of the rest, what was known of the old key is not to be relied on.
            withCache { $0.forget(key) }
            try writeIdentity(of: key, publicKey, attributes, time: time, transaction)
            _ = try transaction.readRelatedData()
            withCache {
                $0.forget(key)
                $0.note(publicKey, of: key, transaction.now)
            }
            try deleteLeftOverCertificate(of: key, made: publicKey, transaction)
            return publicKey
        }
    }

    /// Writes what comes before the key.
    ///
    /// - Parameter done: what the old key gets back where the card refuses the next step.
    private func prepare(
        _ key: OpenPGPKey, for attributes: AlgorithmAttributes, _ request: KeyRequest, _ done: inout [Change],
        _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        let asked = Result { () throws(TokenError) in try rules(request, for: key) }
        for rule in try asked.mapError({ CardError.refused($0) }).get() {
            try transaction.card.putData(rule.object, rule.value)
            done.append(rule)
        }
        let told = withCache { $0.related.value.keys[key] }
        let isChanged = told?.algorithm.map { !$0.isSameKind(as: attributes) } ?? true
        if isChanged {
            try writeAttributes(attributes, of: key, transaction)
            // The old key is gone.
            done = []
            withCache { $0.forget(key) }
            _ = try transaction.readRelatedData()
        }
        guard let old = told?.fingerprint else { return }
        let none = Change(object: key.fingerprint, value: [UInt8](repeating: 0, count: old.count), old: old)
        try transaction.card.putData(none.object, none.value)
        if !isChanged { done.append(none) }
    }

    /// The old key stands where the card has refused something, and gets back what was taken from it. Where nobody knows
    /// what has become of it, nothing that was known of it is relied on.
    private func takeBack(
        _ done: [Change], after error: CardError, of key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) {
        switch error {
        // 65: what the card keeps has changed (ISO 7816-4, section 5.6).
        case .answered(.generateKeyPair, let status) where status.rawValue >> 8 == 0x65,
            .answered(.importKey, let status) where status.rawValue >> 8 == 0x65:
            withCache { $0.forget(key) }
        case .channel, .malformed: withCache { $0.forget(key) }
        case .answered, .refused:
            for change in done.reversed() {
                if let old = change.old { try? transaction.card.putData(change.object, old) }
            }
        }
    }

    /// Writes algorithm attributes in the form that the card has them in. One that it refuses loses nothing, so the next one
    /// is tried.
    private func writeAttributes(
        _ attributes: AlgorithmAttributes, of key: OpenPGPKey, _ transaction: OpenPGPTransaction
    ) throws(CardError) {
        var first: CardError?
        for form in forms(of: attributes, key) {
            let outcome = Result { () throws(CardError) in
                try transaction.card.putData(key.algorithmAttributes, form)
            }
            switch outcome {
            case .success: return
            case .failure(.answered(let command, .incorrectData)):
                first = first ?? .answered(command, .incorrectData)
            case .failure(.answered(let command, .wrongLength)): first = first ?? .answered(command, .wrongLength)
            case .failure(let error): throw error
            }
        }
        if let first { throw first }
    }

    /// The bytes that may say what a key is to be: as the card lists it (FA), as it has it in this key or in the others, and
    /// then as the specification and SmartPGP have it.
    private func forms(of attributes: AlgorithmAttributes, _ key: OpenPGPKey) -> [[UInt8]] {
        let (keys, listed) = withCache { ($0.related.value.keys, $0.algorithmInformation?.value) }
        var told: [(attributes: AlgorithmAttributes, format: ImportFormat)] = []
        if let listed { told += zip(listed.choices[key] ?? [], listed.formats[key] ?? []).map { ($0, $1) } }
        let same = told.filter { $0.attributes.isSameKind(as: attributes) }
        let own = [key] + OpenPGPKey.allCases.filter { $0 != key }
        let had = own.compactMap { key in keys[key].flatMap { told in told.algorithm.map { ($0, told.importFormat) } } }
        var forms: [[UInt8]] = []
        if case .rsa(let bits, _) = attributes {
            var kinds = (same + had).compactMap { told -> (bits: Int, format: ImportFormat)? in
                if case .rsa(_, let bits) = told.0 { (bits, told.1) } else { nil }
            }
            kinds += [(32, .standard), (17, .withModulusAndCRT)]
            forms = kinds.map { AlgorithmAttributes.rsa(modulusBits: bits, exponentBits: $0.bits).bytes($0.format) }
        } else {
            let isFull = same.contains { $0.format.hasPublicKey } || keys[key]?.importFormat.hasPublicKey == true
            let formats: [ImportFormat] = isFull ? [.withPublicKey, .standard] : [.standard, .withPublicKey]
            forms = formats.map { attributes.bytes($0) }
        }
        var distinct: [[UInt8]] = []
        for form in forms where !distinct.contains(form) { distinct.append(form) }
        return distinct
    }

    /// The data objects that a request asks for beside the key.
    private func rules(_ request: KeyRequest, for key: OpenPGPKey) throws(TokenError) -> [Change] {
        var rules: [Change] = []
        let (related, status) = withCache { ($0.related.value, $0.passwordStatus) }
        if let touch = request.touch {
            guard let interaction = related.keys[key]?.interaction else { throw .unsupported }
            let flag: UserInteractionFlag =
                switch touch {
                case .never: .off
                case .always: .on
                case .cached: .cached
                }
            guard flag != .cached || applicationIdentifier?.manufacturer == .yubico else { throw .unsupported }
            if interaction != flag {
                // 20: a button (general feature management, tag 7F74).
                let values = [flag, interaction].map { [$0.rawValue, GeneralFeatures.button.rawValue] }
                rules.append(Change(object: key.userInteractionFlag, value: values[0], old: values[1]))
            }
        }
        switch (request.pin, key) {
        case (nil, _), (.once, .decryption), (.once, .authentication): break
        case (.once, .signature), (.always, .signature):
            let old: [UInt8]? = status.map { [$0.isValidForSeveralSignatures ? 1 : 0] }
            rules.append(Change(object: .passwordStatus, value: [request.pin == .once ? 1 : 0], old: old))
        case (.never, _), (.always, .decryption), (.always, .authentication): throw .unsupported
        }
        return rules
    }
}
