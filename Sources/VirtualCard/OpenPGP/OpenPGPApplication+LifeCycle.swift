import APDU

/// The end of the application's life, and its next one (sections 7.2.16 and 7.2.17).
extension OpenPGPApplication {
    /// TERMINATE DF: after PW3, or where neither PW1 nor PW3 has tries left.
    func terminate() throws(Refusal) {
        let isLocked = state.userPassword.triesLeft == 0 && state.administratorPassword.triesLeft == 0
        guard isLocked || security.verified.contains(.administrator) else {
            throw Refusal(.securityStatusNotSatisfied)
        }
        try change { $0.isTerminated = true }
        security = OpenPGPSecurity()
    }

    /// ACTIVATE FILE: a terminated application becomes as it came from the factory; another one stays as it is.
    func activate() throws(Refusal) {
        guard state.isTerminated else { return }
        var fresh = OpenPGPState(features)
        // What the maker has put there stays.
        fresh.attestation = state.attestation
        try change { [fresh] in $0 = fresh }
    }
}
