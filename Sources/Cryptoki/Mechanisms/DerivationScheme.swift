import CPKCS11
import HostCrypto
import Keys
import SoftToken

/// How a mechanism makes a key from another one (PKCS#11 3.2, sections 6.20 to 6.31, 6.43 and 6.62).
enum DerivationScheme {
    /// HKDF; its result is a key, or a data object.
    case hkdf, hkdfData
    /// The base key with another key or with data after or before it.
    case baseAndKey, baseAndData, dataAndBase
    /// The base key and data combined by exclusive or.
    case exclusiveOr
    /// A part of the base key, from some bit on.
    case extract
    /// The hash of the base key.
    case hash(Digest)

    /// The base keys that it takes. RFC 5869 takes input keying material of any length, and so does this module.
    var demand: SecretKeyDemand {
        switch self {
        case .hkdf, .hkdfData: .hkdf
        default: .any
        }
    }

    /// Whether the new key must be as well kept as those that it comes from (section 6.43).
    var keepsSensitivity: Bool {
        switch self {
        case .baseAndKey, .baseAndData, .dataAndBase, .exclusiveOr, .extract: true
        case .hkdf, .hkdfData, .hash: false
        }
    }

    /// How many bytes data have that may stand for the base key; nil where none may. HKDF extracts from them.
    func dataSize(_ parameter: Mechanism.Parameter) -> Int? {
        switch (self, parameter) {
        case (.hkdf, .hkdf(let parameters)), (.hkdfData, .hkdf(let parameters)):
            parameters.extracts ? MechanismCatalogue.digest(parameters.hash)?.size : nil
        default: nil
        }
    }

    /// What a parameter names a second key by, or nil where it names none.
    func otherHandle(_ parameter: Mechanism.Parameter) -> UInt? {
        switch (self, parameter) {
        case (.baseAndKey, .number(let handle)): handle
        case (.hkdf, .hkdf(let parameters)), (.hkdfData, .hkdf(let parameters)):
            if parameters.extracts, case .key(let handle) = parameters.salt { handle } else { nil }
        default: nil
        }
    }

    /// What is computed, or CKR_MECHANISM_PARAM_INVALID.
    ///
    /// - Parameter other: the key that the parameter names: the second one, or the salt.
    func function(
        _ parameter: Mechanism.Parameter, _ other: StoredSecret?
    ) throws(ReturnCode) -> KeyDerivation.Function {
        switch (self, parameter, other) {
        case (.hash(let digest), .none, _): return .hash(digest)
        case (.hkdf, .hkdf(let parameters), _), (.hkdfData, .hkdf(let parameters), _):
            return .hkdf(try parameters.steps(other))
        case (.baseAndKey, .number, let other?): return .baseAndKey(other)
        case (.baseAndData, .bytes(let data), _): return .baseAndData(data)
        case (.dataAndBase, .bytes(let data), _): return .dataAndBase(data)
        case (.exclusiveOr, .bytes(let data), _): return .exclusiveOr(data)
        case (.extract, .number(let position), _): return .extract(position)
        default: throw .mechanismParameterInvalid
        }
    }

    /// The fewest bytes of a key that may not be read which may go into another one: of fewer a check value, a code or a
    /// ciphertext would tell what they are, and so the whole key piece by piece. A shorter key may go in as a whole.
    static let leastPart = 16

    /// Throws CKR_KEY_SIZE_RANGE where the new key would have a piece of a key that may not be read.
    ///
    /// - Parameter wanted: how long the new key is to be, where the template says so.
    func checkPieces(
        _ wanted: Int?, _ parameter: Mechanism.Parameter, of base: SecretKeyUse, _ other: SecretKeyUse?
    ) throws(ReturnCode) {
        guard keepsSensitivity else { return }
        let dataCount = if case .bytes(let data) = parameter { data.count } else { 0 }
        let (baseCount, otherCount) = (base.secret.count, other?.secret.count ?? 0)
        let fromBase: Int
        var fromOther = 0
        switch self {
        case .baseAndKey:
            fromBase = min(wanted ?? baseCount, baseCount)
            fromOther = (wanted ?? baseCount + otherCount) - fromBase
        case .baseAndData: fromBase = min(wanted ?? baseCount, baseCount)
        case .dataAndBase: fromBase = max(0, (wanted ?? dataCount + baseCount) - dataCount)
        case .exclusiveOr: fromBase = wanted ?? min(baseCount, dataCount)
        case .extract: fromBase = wanted ?? 0
        case .hkdf, .hkdfData, .hash: return
        }
        for (key, count) in [(base, fromBase), (other ?? base, fromOther)] where count > 0 && !key.object.isReadable {
            guard count >= min(Self.leastPart, key.secret.count) else { throw .keySizeRange }
        }
    }

    /// What the new key has of those that it comes from, whatever the template says.
    func inheritedAttributes(of parents: [SessionObject]) -> [Attribute] {
        guard keepsSensitivity else { return [] }
        var inherited: [Attribute] = []
        if parents.contains(where: { $0.flag(CKA_SENSITIVE) }) { inherited.append(Attribute(CKA_SENSITIVE, [1])) }
        if !parents.allSatisfy({ $0.flag(CKA_EXTRACTABLE) }) { inherited.append(Attribute(CKA_EXTRACTABLE, [0])) }
        return inherited
    }
}

extension HKDFParameters {
    /// What they say, or CKR_MECHANISM_PARAM_INVALID.
    fileprivate func steps(_ saltKey: StoredSecret?) throws(ReturnCode) -> HKDFSteps {
        guard let digest = MechanismCatalogue.digest(hash) else { throw .mechanismParameterInvalid }
        let salt: HKDFSteps.Salt =
            switch (self.salt, saltKey) {
            case (.none, _): .none
            case (.data(let data), _): .data(data)
            case (.key, let key?): .key(key)
            case (.key, nil): .none
            }
        return HKDFSteps(extracts: extracts, expands: expands, digest: digest, salt: salt, info: info)
    }
}
