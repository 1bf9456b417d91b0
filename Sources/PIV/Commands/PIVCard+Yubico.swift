import CardApplication
import ISO7816
import Token

/// What GET METADATA tells of a PIN or the PUK.
typealias PINMetadata = (tries: PINStatus, isFactoryValue: Bool)

/// Commands that YubiKeys, and some others, have beside the specification.
extension PIVCard {
    /// GET SERIAL (INS F8; Yubico PIV extensions, firmware 5.0): the serial number that is printed on the key.
    func getSerial() throws(CardError) -> UInt32 {
        let answer = try send(.getSerial, CommandHeader(ins: 0xF8, p1: 0, p2: 0), ne: 256)
        guard answer.data.count == 4 else { throw .malformed(.getSerial, "not four bytes") }
        return answer.data.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// GET METADATA (INS F7; Yubico PIV extensions, firmware 5.3) of a key.
    ///
    /// - Returns: nil where the key reference holds no key.
    func getMetadata(_ key: PIVKeyReference) throws(CardError) -> KeyMetadata? {
        let answer = try send(
            .getMetadata, CommandHeader(ins: 0xF7, p1: 0, p2: key.rawValue), ne: 65_536,
            accepting: [.success, .referenceNotFound, .notFound])
        guard answer.status == .success, !KeyMetadata.isOfEmptyPlace(answer.data) else { return nil }
        guard let metadata = KeyMetadata(parsing: answer.data) else {
            throw .malformed(.getMetadata, "not the metadata of a key")
        }
        return metadata
    }

    /// GET VERSION (INS FD; Yubico PIV extensions): the firmware's major, minor and patch number.
    func getVersion() throws(CardError) -> FirmwareVersion {
        let answer = try send(.getVersion, CommandHeader(ins: 0xFD, p1: 0, p2: 0), ne: 256)
        guard let version = FirmwareVersion(parsing: answer.data) else {
            throw .malformed(.getVersion, "not three bytes")
        }
        return version
    }

    /// RESET (INS FB; Yubico PIV extensions): once PIN and PUK are blocked the application becomes as it left the factory.
    func reset() throws(CardError) {
        _ = try send(.reset, CommandHeader(ins: 0xFB, p1: 0, p2: 0))
    }

    /// SET MANAGEMENT KEY (INS FF; Yubico PIV extensions). P2 says whether it wants a touch; the data field is the cipher,
    /// the key reference, and the key behind its length.
    func setManagementKey(
        _ key: CardManagementKey, _ algorithm: CardManagementAlgorithm, needsTouch: Bool
    ) throws(CardError) {
        try key.withBytes { (bytes) throws(CardError) in
            var data = [UInt8]()
            data.reserveCapacity(3 + bytes.byteCount)
            defer { data.wipe() }
            data.append(algorithm.rawValue)
            data.append(PIVKeyReference.cardManagement.rawValue)
            data.append(UInt8(truncatingIfNeeded: bytes.byteCount))
            data.append(contentsOf: bytes)
            let header = CommandHeader(ins: 0xFF, p1: 0xFF, p2: needsTouch ? 0xFE : 0xFF)
            try sendSecret(.setManagementKey, header, data.span.bytes)
        }
    }

    /// GET METADATA of the fingerprints, 96 (YubiKey Bio): tag 07 says whether one is enrolled (yubikit, `BioMetadata`).
    func hasFingerprint() throws(CardError) -> Bool {
        let answer = try send(.getMetadata, CommandHeader(ins: 0xF7, p1: 0, p2: 0x96), ne: 256)
        return TLVReader(answer.data).first(0x07)?.value.first == 1
    }

    /// GET METADATA of a PIN or the PUK: tag 05 says whether it is the maker's, tag 06 how many tries there are in all, and
    /// how many are left.
    ///
    /// - Returns: nil where the card tells of no tries.
    func getMetadata(_ reference: PINReference) throws(CardError) -> PINMetadata? {
        let answer = try send(.getMetadata, CommandHeader(ins: 0xF7, p1: 0, p2: reference.rawValue), ne: 256)
        let reader = TLVReader(answer.data)
        guard let tries = reader.first(0x06)?.value, tries.count == 2 else { return nil }
        let status = PINStatus(
            retriesLeft: Int(tries[tries.startIndex + 1]), retriesInAll: Int(tries[tries.startIndex]))
        return (status, reader.first(0x05)?.value.first == 1)
    }
}
