import CPKCS11
import HostCrypto
import Platform

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
}

/// A derivation with all that it needs.
struct Derivation {
    let scheme: DerivationScheme
    let parameter: Mechanism.Parameter
    let base: StoredSecret
    /// The key that the parameter names: the second one, or the salt.
    let other: StoredSecret?

    /// What a parameter names a second key by, or nil where it names none.
    static func otherHandle(_ scheme: DerivationScheme, _ parameter: Mechanism.Parameter) -> UInt? {
        switch (scheme, parameter) {
        case (.baseAndKey, .number(let handle)): handle
        case (.hkdf, .hkdf(let parameters)), (.hkdfData, .hkdf(let parameters)):
            if parameters.extracts, case .key(let handle) = parameters.salt { handle } else { nil }
        default: nil
        }
    }

    /// What the new key has of those that it comes from, whatever the template says.
    func inheritedAttributes(of parents: [SessionObject]) -> [Attribute] {
        guard scheme.keepsSensitivity else { return [] }
        var inherited: [Attribute] = []
        if parents.contains(where: { $0.flag(CKA_SENSITIVE) }) { inherited.append(Attribute(CKA_SENSITIVE, [1])) }
        if !parents.allSatisfy({ $0.flag(CKA_EXTRACTABLE) }) { inherited.append(Attribute(CKA_EXTRACTABLE, [0])) }
        return inherited
    }

    /// The value of the new key: as long as is wanted, or as the mechanism makes it.
    func value(_ wanted: Int?) throws(ReturnCode) -> StoredSecret {
        var bytes = try computed(wanted)
        guard let wanted else { return try StoredSecret(wiping: &bytes) }
        guard wanted <= bytes.count else {
            bytes.wipe()
            throw .templateInconsistent
        }
        bytes.truncate(to: wanted)
        return try StoredSecret(wiping: &bytes)
    }

    private func computed(_ wanted: Int?) throws(ReturnCode) -> [UInt8] {
        switch (scheme, parameter) {
        case (.hash(let digest), .none):
            return try base.using { (bytes) throws(HostCryptoError) in try digest.hash(bytes) }
        case (.hkdf, .hkdf(let parameters)), (.hkdfData, .hkdf(let parameters)):
            return try hkdf(parameters, wanted)
        case (.baseAndKey, .number):
            var second = other?.copy() ?? []
            defer { second.wipe() }
            return base.withBytes { joined($0, second.span.bytes) }
        case (.baseAndData, .bytes(let data)): return base.withBytes { joined($0, data.span.bytes) }
        case (.dataAndBase, .bytes(let data)): return base.withBytes { joined(data.span.bytes, $0) }
        case (.exclusiveOr, .bytes(let data)):
            guard !data.isEmpty else { throw .mechanismParameterInvalid }
            return base.withBytes { bytes in
                (0..<min(bytes.byteCount, data.count)).map { bytes.byte($0) ^ data[$0] }
            }
        case (.extract, .number(let position)): return try extract(position, wanted)
        default: throw .mechanismParameterInvalid
        }
    }

    private func hkdf(_ parameters: HKDFParameters, _ wanted: Int?) throws(ReturnCode) -> [UInt8] {
        guard parameters.extracts || parameters.expands, let digest = MechanismCatalogue.digest(parameters.hash) else {
            throw .mechanismParameterInvalid
        }
        // The template should say how much is expanded to; as long as the hash is what it would be without that step.
        let count = wanted ?? digest.size
        guard !parameters.expands || (1...255 * digest.size).contains(count) else { throw .attributeValueInvalid }
        guard parameters.expands || count == digest.size else { throw .templateInconsistent }
        var salt: [UInt8] =
            switch parameters.salt {
            case .none: []
            case .data(let data): data
            case .key: other?.copy() ?? []
            }
        defer { salt.wipe() }
        return try base.using { (bytes) throws(HostCryptoError) in
            guard parameters.extracts else {
                return try HKDF.expand(bytes, info: parameters.info, count: count, digest: digest)
            }
            var key = try HKDF.extract(bytes, salt: salt.span.bytes, digest: digest)
            guard parameters.expands else { return key }
            defer { key.wipe() }
            return try HKDF.expand(key.span.bytes, info: parameters.info, count: count, digest: digest)
        }
    }

    /// Bits of the base key, round its end where they reach it (section 6.43.7).
    private func extract(_ position: UInt, _ wanted: Int?) throws(ReturnCode) -> [UInt8] {
        guard let wanted else { throw .templateIncomplete }
        guard let position = Int(exactly: position), position < 8 * base.count else {
            throw .mechanismParameterInvalid
        }
        guard wanted <= base.count else { throw .templateInconsistent }
        let (first, shift) = (position / 8, UInt8(position % 8))
        return base.withBytes { bytes in
            (0..<wanted).map { index in
                let high = bytes.byte((first + index) % bytes.byteCount)
                let low = bytes.byte((first + index + 1) % bytes.byteCount)
                return high << shift | (shift == 0 ? 0 : low >> (8 - shift))
            }
        }
    }

    private func joined(_ one: RawSpan, _ other: RawSpan) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(one.byteCount + other.byteCount)
        bytes.append(contentsOf: one)
        bytes.append(contentsOf: other)
        return bytes
    }
}

extension RawSpan {
    /// One of the bytes.
    fileprivate func byte(_ index: Int) -> UInt8 { unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}
