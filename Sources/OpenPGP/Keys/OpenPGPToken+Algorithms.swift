import CardApplication
import HostCrypto
import ISO7816
import Keys
import Token

/// Which keys the card can have.
extension OpenPGPToken {
    /// See `Token`: of what the three keys are and can become.
    public func cardAlgorithms() throws(TokenError) -> CardAlgorithms {
        var all: [AlgorithmAttributes] = []
        for key in OpenPGPKey.allCases { all += try choices(for: key) + current(of: key) }
        func sizes(_ isCounted: (AlgorithmAttributes) -> Bool) -> ClosedRange<Int>? {
            let sizes = all.filter(isCounted).compactMap(\.size)
            guard let least = sizes.min(), let most = sizes.max() else { return nil }
            return least...most
        }
        return CardAlgorithms(
            rsa: sizes { if case .rsa = $0 { true } else { false } },
            ecdsa: sizes { if case .ecdsa = $0 { true } else { false } },
            edDSA: sizes { if case .eddsa = $0 { true } else { false } },
            agreement: sizes { if case .ecdh(.known(.ec)) = $0 { true } else { false } },
            montgomery: sizes { if case .ecdh(.known(.montgomery)) = $0 { true } else { false } },
            hasAES: hasSymmetricKeys)
    }

    /// See `Token`.
    public func keyAlgorithms(at object: ObjectReference) throws(TokenError) -> [KeyType] {
        let key = try place(object)
        return try choices(for: key).compactMap(\.keyAlgorithm)
    }

    /// What a key can become: what the card lists (tag FA), or else what the key is now, and RSA where it can be changed.
    func choices(for key: OpenPGPKey) throws(TokenError) -> [AlgorithmAttributes] {
        let current = current(of: key)
        guard withCache({ $0.related.value.capabilities?.features.contains(.algorithmChange) }) == true else {
            return current
        }
        if let listed = try algorithmInformation()?.choices[key] {
            return listed.filter { $0.keyAlgorithm.flatMap { AlgorithmAttributes($0, of: key) } != nil }
        }
        var exponentBits = 32
        if case .rsa(_, let bits)? = current.first { exponentBits = bits }
        let rsa = [2048, 3072, 4096].map { AlgorithmAttributes.rsa(modulusBits: $0, exponentBits: exponentBits) }
        return current + rsa.filter { !current.contains($0) }
    }

    /// What a key is now.
    private func current(of key: OpenPGPKey) -> [AlgorithmAttributes] {
        withCache { $0.related.value.keys[key]?.algorithm.map { [$0] } ?? [] }
    }

    /// What the card lists, read once. That it lists nothing is believed for some seconds.
    private func algorithmInformation() throws(TokenError) -> AlgorithmInformation? {
        if let known = withCache({ $0.algorithmInformation }), known.value != nil || known.isFresh(at: now) {
            return known.value
        }
        let told = try perform { (transaction) throws(CardError) in
            try transaction.believing { () throws(CardError) in try self.listed(transaction.card) }
        }
        withCache { $0.algorithmInformation = Reading(told, at: now) }
        return told
    }

    /// Cards before version 3.4 have no such object, and as many words for that.
    private func listed(_ card: OpenPGPCard) throws(CardError) -> AlgorithmInformation? {
        let answer = Result { () throws(CardError) in try card.getData(.algorithmInformation) }
        if case .failure(let error) = answer, error.isAnswer { return nil }
        let information = try answer.get().map { AlgorithmInformation(parsing: $0) }
        return information?.choices.isEmpty == false ? information : nil
    }
}

extension AlgorithmAttributes {
    /// The length of the modulus, or of a field element, in bits; nil for an unknown one.
    fileprivate var size: Int? { keyAlgorithm?.bits }
}
