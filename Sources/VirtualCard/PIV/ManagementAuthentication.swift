import APDU
import HostCrypto

/// What GENERAL AUTHENTICATE gave out for the management key and waits to see again.
struct PendingAuthentication {
    enum Step {
        /// A witness went out encrypted and has to come back in the clear (mutual authentication).
        case witness([UInt8])
        /// A challenge went out and has to come back encrypted (the host's authentication alone).
        case challenge([UInt8])
    }

    let step: Step
}

/// The management key's authentication (SP 800-73-5 part 2, appendix A.1).
extension PIVApplication {
    /// One of the four commands that prove the management key.
    func authenticateManagementKey(_ algorithm: UInt8, _ template: AuthenticationTemplate) throws(Refusal) -> [UInt8] {
        let key = state.managementKey
        // Algorithm 00 is the default one, Triple DES (SP 800-78-5, table 9).
        guard algorithm == key.algorithm.rawValue || algorithm == 0 && key.algorithm == .tripleDES else {
            throw Refusal(.incorrectParameters)
        }
        let pending = security.pending
        security.pending = nil
        let blockSize = key.algorithm.cipher.blockSize
        switch (template.witness, template.challenge, template.response, pending?.step) {
        case (.some(let witness), nil, nil, _) where witness.isEmpty:
            security.isAdministrator = false
            let random = try computing { () throws(HostCryptoError) in try Random.bytes(blockSize) }
            security.pending = PendingAuthentication(step: .witness(random))
            return AuthenticationTemplate.answer(0x80, try encrypt(random))
        case (nil, .some(let challenge), nil, _) where challenge.isEmpty:
            security.isAdministrator = false
            let random = try computing { () throws(HostCryptoError) in try Random.bytes(blockSize) }
            security.pending = PendingAuthentication(step: .challenge(random))
            return AuthenticationTemplate.answer(0x81, random)
        case (.some(let witness), .some(let challenge), _, .witness(let expected)):
            guard challenge.count == blockSize else { throw Refusal(.incorrectData) }
            guard witness == expected else { throw Refusal(.securityStatusNotSatisfied) }
            try finger.require(key.touchPolicy)
            security.isAdministrator = true
            return AuthenticationTemplate.answer(0x82, try encrypt(challenge))
        case (nil, nil, .some(let response), .challenge(let challenge)):
            guard response == (try encrypt(challenge)) else { throw Refusal(.securityStatusNotSatisfied) }
            try finger.require(key.touchPolicy)
            security.isAdministrator = true
            return []
        default:
            throw Refusal(.incorrectData)
        }
    }

    private func encrypt(_ block: [UInt8]) throws(Refusal) -> [UInt8] {
        let key = state.managementKey
        return try computing { () throws(HostCryptoError) in
            try key.algorithm.cipher.encrypt(block, key: key.value, mode: .ecb)
        }
    }
}
