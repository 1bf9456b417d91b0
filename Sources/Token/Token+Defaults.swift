import Keys

/// What an application answers that cannot do a thing.
extension Token {
    /// See the requirement: most readers have no keys.
    public func pinPad() throws(TokenError) -> (any TokenPINPad)? { nil }

    /// See the requirement: nothing.
    public func unreadableCertificate(at object: ObjectReference) throws(TokenError) -> [UInt8]? { nil }

    /// See the requirement: none.
    public func unreadableCertificates() -> [ObjectReference: String] { [:] }

    /// See the requirement: no such card is known.
    public func isKnownWeak(_ key: ObjectReference) throws(TokenError) -> Bool { false }

    /// See the requirement: nothing.
    public func takeNotices() -> [String] { [] }

    /// See the requirement: most cards have none.
    public func printedNumber() throws(TokenError) -> String? { nil }

    /// See the requirement: what is known of the token says it.
    public func firmware() throws(TokenError) -> TokenInformation.Version? {
        let version = try information().firmwareVersion
        return version.major == 0 && version.minor == 0 ? nil : version
    }

    /// See the requirement: all keys of the application want the PIN.
    public func learnPolicies(of keys: [ObjectReference]) throws(TokenError) {}

    /// See the requirement: nothing replaces a key.
    public func isUnchanged(_ key: ObjectReference) throws(TokenError) -> Bool { true }

    /// See the requirement: nothing is kept.
    public func wipeExpiredPINs() {}

    /// See the requirement.
    public func loginAdministrator(secret: RawSpan) throws(TokenError) { throw .unsupported }

    /// See `Token`: the card knows no other secret of the administrator's.
    public func proveAdministrator(secret: RawSpan) throws(TokenError) { try loginAdministrator(secret: secret) }

    /// See the requirement: the card is written to in other ways.
    public func write(_ value: [UInt8], to object: ObjectReference, ifStill revision: UInt64?) throws(TokenError) {
        throw .readOnly
    }

    /// See the requirement.
    public func delete(_ object: ObjectReference, ifStill revision: UInt64) throws(TokenError) { throw .readOnly }

    /// See the requirement: the host pads.
    public var padsRSA: Bool { false }

    /// See the requirement: PKCS#1 v1.5 has eleven bytes of its own (RFC 8017, section 9.2).
    public func mostToPad(modulusSize: Int) -> Int { modulusSize - 11 }

    /// See the requirement.
    public func decipher(
        with key: ObjectReference, ciphertext: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] { throw .unsupported }

    /// See the requirement.
    public func sharedSecret(
        with key: ObjectReference, point: [UInt8], authorization: (any UseAuthorization)?
    ) throws(TokenError) -> [UInt8] { throw .unsupported }

    /// See the requirement: there is no AES key.
    public func cipher(
        _ blocks: [UInt8], iv: [UInt8], with key: ObjectReference, isEncrypting: Bool
    ) throws(TokenError) -> [UInt8] { throw .objectNotFound }

    /// See the requirement: there is no generator.
    public func randomBytes(atMost count: Int) throws(TokenError) -> [UInt8] { [] }
}

/// What an application answers that sets nothing up.
extension TokenAdministration {
    /// See the requirement: most cards do not tell.
    public func factorySecrets() throws(TokenError) -> [FactorySecret]? { nil }

    /// See the requirement: most cards have no place for it.
    public func changeAdministratorSecret(
        from old: RawSpan, toOneBehindPIN new: RawSpan
    ) throws(TokenError) { throw .unsupported }

    /// The reset that leaves the maker's secrets.
    public func reset() throws(TokenError) { try reset(administratorSecret: nil) }

    /// See the requirement.
    public func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func initializePIN(to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func administratorTouchPolicy() throws(TokenError) -> KeyPolicy.TouchPolicy { .never }

    /// See the requirement.
    public func changeUnblockingCode(from old: RawSpan?, to new: RawSpan) throws(TokenError) { throw .unsupported }

    /// See the requirement: the card does not tell.
    public func unblockingStatus() throws(TokenError) -> PINStatus { PINStatus(retriesLeft: nil) }

    /// See the requirement.
    public func reset(administratorSecret secret: RawSpan?) throws(TokenError) { throw .unsupported }

    /// See the requirement: the card does not tell.
    public func content(of place: ObjectReference) throws(TokenError) -> PlaceContent { .untold }

    /// See the requirement.
    public func emptyPlace(for algorithm: KeyType) throws(TokenError) -> ObjectReference? { throw .unsupported }

    /// See the requirement: the card makes and takes no keys.
    public func keyAlgorithms(at key: ObjectReference) throws(TokenError) -> [KeyType] { [] }

    /// See the requirement: those that it is known to have.
    public func mayHave(_ algorithm: KeyType, at key: ObjectReference) throws(TokenError) -> Bool {
        try keyAlgorithms(at: key).contains(algorithm)
    }

    /// See the requirement.
    public func generateKeyPair(
        _ algorithm: KeyType, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8] { throw .unsupported }

    /// See the requirement.
    public func importPrivateKey(
        _ privateKeyInfo: RawSpan, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) { throw .unsupported }

    /// See the requirement.
    public func moveKey(from source: ObjectReference, to target: ObjectReference) throws(TokenError) {
        throw .unsupported
    }

    /// See the requirement.
    public func attestationPolicy(of key: ObjectReference) throws(TokenError) -> KeyPolicy { throw .unsupported }

    /// See the requirement.
    public func attest(_ key: ObjectReference) throws(TokenError) -> [UInt8] { throw .unsupported }

    /// See the requirement: no change takes several steps.
    public func unfinishedChanges() throws(TokenError) -> [ObjectReference] { [] }

    /// See the requirement.
    public func finishChanges() throws(TokenError) {}
}
