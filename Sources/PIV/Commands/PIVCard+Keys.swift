import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// The commands that generate, import, move and describe keys.
extension PIVCard {
    /// GENERATE ASYMMETRIC KEY PAIR (SP 800-73-5 part 2, section 3.3.2); the policies are Yubico's.
    ///
    /// - Returns: the public key.
    func generateKeyPair(
        _ algorithm: PIVAlgorithm, _ key: PIVKeyReference, _ request: KeyRequest
    ) throws(CardError) -> PublicKey {
        let template = [UInt8](tag: 0x80, [algorithm.rawValue]) + request.policies
        let answer = try send(
            .generateKeyPair, CommandHeader(ins: 0x47, p1: 0, p2: key.rawValue), data: [UInt8](tag: 0xAC, template),
            ne: 65_536)
        guard let objects = TLVReader(answer.data).first(0x7F49)?.children,
            let publicKey = KeyMetadata.publicKey(objects, algorithm), (try? publicKey.validate()) != nil
        else { throw .malformed(.generateKeyPair, "the answer is no public key") }
        return publicKey
    }

    /// IMPORT ASYMMETRIC KEY (INS FE; Yubico PIV extensions): the numbers of an RSA key in tags 01 to 05, of a named curve
    /// in 06, of Ed25519 in 07, of X25519 in 08.
    func importKey(
        _ algorithm: PIVAlgorithm, _ key: PIVKeyReference, _ numbers: PrivateNumbers, _ request: KeyRequest
    ) throws(CardError) {
        let first: UInt32 =
            switch numbers.type {
            case .rsa: 0x01
            case .ec: 0x06
            case .edwards: 0x07
            case .montgomery: 0x08
            }
        var data = [UInt8]()
        // Allocated once, so that the wiping reaches the only copy: no tag and length has more than four bytes.
        data.reserveCapacity(numbers.values.reduce(16) { $0 + $1.count + 4 })
        defer { data.wipe() }
        for index in numbers.values.indices {
            let count = max(numbers.values[index].count, algorithm.numberSize)
            data.append(contentsOf: [UInt8].header(tag: first + UInt32(index), length: count))
            for _ in numbers.values[index].count..<count { data.append(0) }
            data.append(contentsOf: numbers.values[index])
        }
        data.append(contentsOf: request.policies)
        let header = CommandHeader(ins: 0xFE, p1: algorithm.rawValue, p2: key.rawValue)
        try sendSecret(.importKey, header, data.span.bytes)
    }

    /// MOVE KEY (INS F6; Yubico PIV extensions, firmware 5.7): to an empty place, or with nil to nowhere.
    func moveKey(from source: PIVKeyReference, to target: PIVKeyReference?) throws(CardError) {
        _ = try send(
            .moveKey, CommandHeader(ins: 0xF6, p1: target?.rawValue ?? 0xFF, p2: source.rawValue))
    }

    /// ATTEST (INS F9; Yubico PIV extensions, firmware 4.3): a certificate for a key that the card made itself.
    func attest(_ key: PIVKeyReference) throws(CardError) -> [UInt8] {
        try send(
            .attest, CommandHeader(ins: 0xF9, p1: key.rawValue, p2: 0), ne: 65_536, accepting: [.success]
        ).data
    }
}

extension KeyRequest {
    /// Tags AA and AB (Yubico PIV extensions).
    fileprivate var policies: [UInt8] {
        var objects: [UInt8] = []
        if let pin {
            let value: UInt8 =
                switch pin {
                case .never: 1
                case .once: 2
                case .always: 3
                }
            objects += [UInt8](tag: 0xAA, [value])
        }
        if let touch {
            let value: UInt8 =
                switch touch {
                case .never: 1
                case .always: 2
                case .cached: 3
                }
            objects += [UInt8](tag: 0xAB, [value])
        }
        return objects
    }
}
