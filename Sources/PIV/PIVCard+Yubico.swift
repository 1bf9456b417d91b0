import ISO7816
import Token

/// Commands that YubiKeys, and some others, have beside the specification.
extension PIVCard {
    /// GET SERIAL (INS F8; Yubico PIV extensions, firmware 5.0): the serial number that is printed on the key.
    func getSerial() throws(CardError) -> UInt32 {
        let answer = try send("GET SERIAL", CommandHeader(ins: 0xF8, p1: 0, p2: 0), ne: 256, accepting: [.success])
        guard answer.data.count == 4 else { throw CardError("GET SERIAL", .malformed("not four bytes")) }
        return answer.data.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// GET METADATA (INS F7; Yubico PIV extensions, firmware 5.3) of a key.
    ///
    /// - Returns: nil where the key reference holds no key.
    func getMetadata(_ key: PIVKeyReference) throws(CardError) -> KeyMetadata? {
        let answer = try send(
            "GET METADATA", CommandHeader(ins: 0xF7, p1: 0, p2: key.rawValue), ne: 65_536,
            accepting: [.success, .referenceNotFound, .notFound])
        guard answer.status == .success else { return nil }
        guard let metadata = KeyMetadata(parsing: answer.data) else {
            throw CardError("GET METADATA", .malformed("not the metadata of a key"))
        }
        return metadata
    }

    /// GET METADATA of the PIN: tag 06 holds how many tries there are in all, and how many are left.
    ///
    /// - Returns: nil where the card does not tell.
    func getPINMetadata() throws(CardError) -> PINStatus? {
        let answer = try answer("GET METADATA", CommandHeader(ins: 0xF7, p1: 0, p2: 0x80), ne: 65_536)
        guard answer.status == .success, let tries = TLVReader(answer.data).first(0x06)?.value, tries.count == 2 else {
            return nil
        }
        return PINStatus(
            retriesLeft: Int(tries[tries.startIndex + 1]), retriesInAll: Int(tries[tries.startIndex]))
    }
}
