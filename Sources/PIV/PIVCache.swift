import HostCrypto
import Token

/// What has been read from the card. An entry that holds nil says that the card has no such thing.
struct PIVCache {
    var properties: ApplicationProperties?
    var information: TokenInformation?
    /// Which objects were looked for, and whether they were found.
    var presence: [ObjectReference: Bool] = [:]
    /// Major, minor, patch, where the card told.
    var version: [UInt8]?
    /// The values of the containers, as `PIVCard.getData` returns them.
    var containers: [PIVContainer: [UInt8]?] = [:]
    /// The certificates in the containers, uncompressed.
    var certificates: [PIVKeyReference: Certificate?] = [:]
    var metadata: [PIVKeyReference: KeyMetadata?] = [:]
    /// Whether the card has GET METADATA; nil as long as nobody asked.
    var hasMetadata: Bool?
    /// The PIN's tries and when, in seconds of the monotonic clock, the card told them.
    var pinStatus: (retriesLeft: Int?, time: Int)?

    /// Drops what was read with the user's PIN.
    mutating func forgetPrivate() {
        for object in presence.keys where PIVCatalogue.needsPIN(object) {
            presence[object] = nil
            containers[PIVContainer(rawValue: object.number)] = nil
        }
    }
}
