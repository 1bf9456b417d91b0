import HostCrypto
import Token

/// The certificates and data objects that were read, and what tells one object from the next in its place.
package struct ObjectLedger {
    private var values: [ObjectReference: Reading<[UInt8]?>] = [:]
    private var certificates: [ObjectReference: Reading<Certificate?>] = [:]
    private var revisions: [ObjectReference: UInt64] = [:]

    /// An empty ledger.
    package init() {}

    /// See `Token.revision(of:)`.
    package func revision(of object: ObjectReference) -> UInt64 { revisions[object] ?? 0 }

    /// What a data object was last known to hold: nil inside where it was not there.
    package func value(of object: ObjectReference) -> Reading<[UInt8]?>? { values[object] }

    /// The certificate that was last known: nil inside where there was none, or none that can be parsed.
    package func certificate(of object: ObjectReference) -> Reading<Certificate?>? { certificates[object] }

    /// Whether a certificate or data object is there; nil where the card must be asked.
    package func presence(of object: ObjectReference, at now: Int) -> Bool? {
        if object.kind == .data {
            guard let known = values[object], known.isFresh(at: now) else { return nil }
            return known.value != nil
        }
        guard let known = certificates[object], known.isFresh(at: now) else { return nil }
        return known.value != nil
    }

    /// Notes the value of a data object as it was read or written. Another value makes no other object; being gone, or
    /// there again, does.
    package mutating func note(
        _ value: [UInt8]?, of object: ObjectReference, at time: Int, isWritten: Bool = false
    ) {
        let known = values[object]
        values[object] = Reading(value, at: time)
        let comesOrGoes = known.map { ($0.value == nil) != (value == nil) } ?? (isWritten && value == nil)
        if comesOrGoes { raise(object) }
    }

    /// Notes a certificate as it was read or written: another one is another object.
    package mutating func note(
        certificate: Certificate?, of object: ObjectReference, at time: Int, isWritten: Bool = false
    ) {
        let known = certificates[object]
        certificates[object] = Reading(certificate, at: time)
        if isWritten || known.map({ $0.value != certificate }) == true { raise(object) }
    }

    /// Notes that nobody knows what an object is now.
    package mutating func doubt(_ object: ObjectReference) {
        values[object]?.doubt()
        certificates[object]?.doubt()
    }

    /// Notes that another object, or none, is in this place.
    package mutating func raise(_ object: ObjectReference) { revisions[object, default: 0] += 1 }

    /// Drops what a certificate was.
    package mutating func forgetCertificate(of object: ObjectReference) { certificates[object] = nil }

    /// Drops the values of these data objects.
    package mutating func forgetValues(_ isForgotten: (ObjectReference) -> Bool) {
        values = values.filter { !isForgotten($0.key) }
    }

    /// Drops everything. Whatever is found after that is another object.
    package mutating func forgetAll(_ objects: [ObjectReference]) {
        (values, certificates) = ([:], [:])
        for object in objects { raise(object) }
    }
}
