import Keys
import Platform
import Token

/// Setting up, of which the stand-in notes that it was asked for it.
extension StandInToken {
    func changePIN(from old: RawSpan, to new: RawSpan) throws(TokenError) { try note("changePIN") }

    func changeOrUnblockPIN(from old: RawSpan, to new: RawSpan) throws(TokenError) { try note("changeOrUnblockPIN") }

    func unblockPIN(with code: RawSpan, to new: RawSpan) throws(TokenError) { try note("unblockPIN") }

    func initializePIN(to new: RawSpan) throws(TokenError) { try note("initializePIN") }

    func changeAdministratorSecret(from old: RawSpan, to new: RawSpan) throws(TokenError) {
        try note("changeAdministratorSecret")
    }

    func administratorTouchPolicy() throws(TokenError) -> KeyPolicy.TouchPolicy { .never }

    func changeUnblockingCode(from old: RawSpan?, to new: RawSpan) throws(TokenError) {
        try note("changeUnblockingCode")
    }

    func unblockingStatus() throws(TokenError) -> PINStatus { PINStatus(retriesLeft: nil) }

    func reset(administratorSecret secret: RawSpan?) throws(TokenError) { try note("reset") }

    func content(of place: ObjectReference) throws(TokenError) -> PlaceContent { .untold }

    func emptyPlace(for algorithm: KeyType) throws(TokenError) -> ObjectReference? { try emptyPlace.get() }

    func keyAlgorithms(at key: ObjectReference) throws(TokenError) -> [KeyType] { [.ec(.p256)] }

    func generateKeyPair(
        _ algorithm: KeyType, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) -> [UInt8] {
        try note("generateKeyPair")
        requests.append(request)
        return try subjectPublicKeyInfo(of: key)
    }

    func importPrivateKey(
        _ privateKeyInfo: RawSpan, at key: ObjectReference, _ request: KeyRequest
    ) throws(TokenError) {
        try note("importPrivateKey")
        imported.append([UInt8](privateKeyInfo))
    }

    func moveKey(from source: ObjectReference, to target: ObjectReference) throws(TokenError) { throw .unsupported }

    func attestationPolicy(of key: ObjectReference) throws(TokenError) -> KeyPolicy { throw .unsupported }

    func attest(_ key: ObjectReference) throws(TokenError) -> [UInt8] { throw .unsupported }

    func unfinishedChanges() throws(TokenError) -> [ObjectReference] { [] }

    func finishChanges() throws(TokenError) {}
}
