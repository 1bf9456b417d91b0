import CardApplication
import HostCrypto

/// What is known of the administrator's login, and of the management key that a user's login leads to.
package struct PIVAdministration: LoginDetails {
    /// The management key of the administrator's login; nil where that was made with the PUK.
    var key: CardManagementKey?
    /// The last proof of a management key: the administrator's, or the one behind the user's PIN.
    fileprivate(set) var proof: AdministratorProof?
    /// Whether the card refused the management key that it keeps behind the PIN; it is tried once for one login.
    var isStoredKeyRefused = false

    package init() {}

    package static var isOneLogin: Bool { true }
}

/// A proof of the management key at the card.
struct AdministratorProof: Hashable {
    let algorithm: CardManagementAlgorithm
    /// Whether the key is known to ask for a touch.
    let needsTouch: Bool
}

extension Login<PIVAdministration> {
    /// The PUK of the administrator's login, where it was that.
    var unblockingKey: StoredPIN? {
        guard details.key == nil, case .pin(let code)? = secret(of: .administrator) else { return nil }
        return code
    }

    /// Notes that the administrator has logged in, which ends the user's login.
    mutating func begin(administrator key: CardManagementKey, _ proof: AdministratorProof, in epoch: UInt64) {
        begin(.administrator, with: .pin(key.secret))
        details.key = key
        note(proof, in: epoch)
    }

    /// Notes that the card has seen a proof.
    mutating func note(_ proof: AdministratorProof, in epoch: UInt64) {
        details.proof = proof
        noteVerified(.administrator, in: epoch)
    }

    /// Notes that the management key has another value, which the card was just shown: the login goes on with it.
    mutating func replace(administrator key: CardManagementKey, _ proof: AdministratorProof, in epoch: UInt64) {
        if details.key != nil {
            replace(.administrator, by: .pin(key.secret))
            details.key = key
        }
        note(proof, in: epoch)
        details.isStoredKeyRefused = false
    }
}
