import HostCrypto
import Keys
import Platform

/// How a key is made from another one (PKCS#11 3.2, sections 6.20 to 6.31, 6.43 and 6.62), with all that it needs.
public struct KeyDerivation {
    /// What is computed.
    public enum Function {
        /// HKDF (RFC 5869).
        case hkdf(HKDFSteps)
        /// The base key with another key or with data after or before it.
        case baseAndKey(StoredSecret)
        case baseAndData([UInt8])
        case dataAndBase([UInt8])
        /// The base key and data combined by exclusive or.
        case exclusiveOr([UInt8])
        /// A part of the base key, from this bit on.
        case extract(UInt)
        /// The hash of the base key.
        case hash(Digest)
    }

    private let function: Function
    private let base: StoredSecret

    /// A derivation from a base key.
    public init(_ function: Function, from base: StoredSecret) {
        self.function = function
        self.base = base
    }

    /// The value of the new key: as long as is wanted, or as the mechanism makes it. `lengthTooGreat` for more than it makes, or
    /// than a key may have.
    public func value(_ wanted: Int?) throws(SoftTokenError) -> StoredSecret {
        var bytes = try computed(wanted)
        let count = wanted ?? bytes.count
        guard count <= min(bytes.count, SecretBuffer.maximumCount) else {
            bytes.wipe()
            throw .lengthTooGreat
        }
        bytes.truncate(to: count)
        return try StoredSecret(wiping: &bytes)
    }

    private func computed(_ wanted: Int?) throws(SoftTokenError) -> [UInt8] {
        switch function {
        case .hash(let digest): return try base.using { (bytes) throws(HostCryptoError) in try digest.hash(bytes) }
        case .hkdf(let parameters): return try hkdf(parameters, wanted)
        case .baseAndKey(let other):
            var second = other.copy()
            defer { second.wipe() }
            return base.withBytes { joined($0, second.span.bytes) }
        case .baseAndData(let data): return base.withBytes { joined($0, data.span.bytes) }
        case .dataAndBase(let data): return base.withBytes { joined(data.span.bytes, $0) }
        case .exclusiveOr(let data):
            guard !data.isEmpty else { throw .parameterInvalid }
            return base.withBytes { bytes in
                (0..<min(bytes.byteCount, data.count)).map { bytes.byte($0) ^ data[$0] }
            }
        case .extract(let position): return try extract(position, wanted)
        }
    }

    private func hkdf(_ parameters: HKDFSteps, _ wanted: Int?) throws(SoftTokenError) -> [UInt8] {
        guard parameters.extracts || parameters.expands else { throw .parameterInvalid }
        let digest = parameters.digest
        // The template should say how much is expanded to; as long as the hash is what it would be without that step.
        let count = wanted ?? digest.size
        guard !parameters.expands || (1...255 * digest.size).contains(count) else { throw .lengthInvalid }
        guard parameters.expands || count == digest.size else { throw .lengthTooGreat }
        var salt: [UInt8] =
            switch parameters.salt {
            case .none: []
            case .data(let data): data
            case .key(let key): key.copy()
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
    private func extract(_ position: UInt, _ wanted: Int?) throws(SoftTokenError) -> [UInt8] {
        guard let wanted else { throw .lengthMissing }
        guard let position = Int(exactly: position), position < 8 * base.count else {
            throw .parameterInvalid
        }
        guard wanted <= base.count else { throw .lengthTooGreat }
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

/// Which steps of HKDF are taken, and with what.
public struct HKDFSteps {
    /// The salt of the first step.
    public enum Salt {
        /// As many zeros as the hash has bytes.
        case none
        /// These bytes.
        case data([UInt8])
        /// The value of a key.
        case key(StoredSecret)
    }

    /// Whether a key is extracted from the base key, and whether the result is expanded; one of them at least.
    public let extracts, expands: Bool
    /// The hash function.
    public let digest: Digest
    /// The salt.
    public let salt: Salt
    /// The information that the result is bound to.
    public let info: [UInt8]

    /// The steps.
    public init(extracts: Bool, expands: Bool, digest: Digest, salt: Salt, info: [UInt8]) {
        self.extracts = extracts
        self.expands = expands
        self.digest = digest
        self.salt = salt
        self.info = info
    }
}
