import CardApplication
import HostCrypto
import ISO7816
import Token

/// Attestation of keys (Yubico, "OpenPGP Attestation"): YubiKeys from firmware 5.2 on, which are those that follow version
/// 3.4 of the specification.
extension OpenPGPToken {
    var attestsKeys: Bool { applicationIdentifier?.manufacturer == .yubico && version >= .threeFour }

    /// See `Token`.
    public func attestationPolicy(of key: ObjectReference) throws(TokenError) -> KeyPolicy {
        _ = try place(key)
        guard attestsKeys else { throw .unsupported }
        return KeyPolicy(
            pin: .once, touch: withCache { $0.related.value.attestationInteraction }?.touchPolicy ?? .never)
    }

    /// See `Token`: the card puts the attestation into the place of the key's certificate.
    public func attest(_ object: ObjectReference) throws(TokenError) -> [UInt8] {
        let key = try place(object)
        let (state, isSingle) = withCache {
            ($0.related.value.keys[key]?.state, $0.passwordStatus?.isValidForSeveralSignatures == false)
        }
        guard attestsKeys, state == .generated else { throw .unsupported }
        let attestation = try perform(isSingle ? .use(.signature, nil) : .login(.signature)) {
            (transaction) throws(CardError) -> Certificate? in
            withCache { $0.ledger.doubt(key.object(.certificate)) }
            try transaction.card.attest(key)
            return try certificate(of: key, transaction, isReadAnew: true)
        }
        guard let attestation else { throw .failed("the attestation is no certificate") }
        return attestation.der
    }

    /// The certificate of the attestation key, the maker's.
    func attestationCertificate(_ transaction: OpenPGPTransaction) throws(CardError) -> Certificate? {
        if let known = withCache({ $0.ledger.certificate(of: OpenPGPCatalogue.attestationCertificate) }),
            known.isFresh(at: now)
        {
            return known.value
        }
        let value = try transaction.believing { () throws(CardError) in
            try transaction.card.getData(.attestationCertificate)
        }
        let certificate = value.flatMap { try? Certificate(der: $0) }
        withCache { $0.ledger.note(certificate: certificate, of: OpenPGPCatalogue.attestationCertificate, at: now) }
        return certificate
    }
}
