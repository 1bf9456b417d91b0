import APDU
import CardRecord
import HostCrypto
import Keys

/// The keys behind the public keys of a record, of the same kinds.
struct ReplayedKeys {
    private var piv: [UInt8: PrivateKey] = [:]
    private var openPGP: [OpenPGPKeySlot: PrivateKey] = [:]
    /// Octets that stand in the record, and those of the key that is here.
    private var replacements: [(old: [UInt8], new: [UInt8])] = []

    /// Makes them.
    ///
    /// - Throws: where libcrypto cannot.
    init(_ record: CardRecord) throws(HostCryptoError) {
        let found = RecordedKeys(record)
        var made: [[UInt8]: PrivateKey] = [:]
        for (octets, type) in found.types.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let key = try PrivateKey.generate(type)
            made[octets] = key
            let new = RecordedKeys.octets(of: key.publicKey)
            if new.count == octets.count { replacements.append((octets, new)) }
        }
        piv = found.piv.compactMapValues { made[$0] }
        openPGP = found.openPGP.compactMapValues { made[$0] }
    }

    /// The record with these keys' public keys in the place of its own.
    func put(into record: CardRecord) -> CardRecord {
        record.rewritten { command in
            (command.data, RecordedCertificate(command).map { $0.changed(replaced) } ?? replaced(command.answer))
        }
    }

    private func replaced(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for (old, new) in replacements {
            var start = 0
            while let first = bytes[start...].firstIndex(of: old[0]) {
                start = first + 1
                guard bytes[first...].starts(with: old) else { continue }
                bytes.replaceSubrange(first..<first + old.count, with: new)
                start = first + old.count
            }
        }
        return bytes
    }

    /// Whether a command uses a key that is here.
    func uses(_ header: CommandHeader, isOpenPGP: Bool) -> Bool {
        guard header.cla == 0 else { return false }
        guard isOpenPGP else { return header.ins == 0x87 && piv[header.p2] != nil }
        return Self.slot(header).map { openPGP[$0] != nil } ?? false
    }

    private static func slot(_ header: CommandHeader) -> OpenPGPKeySlot? {
        switch (header.ins, header.p1, header.p2) {
        case (0x2A, 0x9E, 0x9A): .signature
        case (0x2A, 0x80, 0x86): .decryption
        case (0x88, 0x00, 0x00): .authentication
        default: nil
        }
    }

    /// What comes of using it; nobody asks for a PIN or a touch here.
    func answer(_ command: CommandAPDU, isOpenPGP: Bool) -> ResponseAPDU {
        do throws(Refusal) {
            let data = isOpenPGP ? try openPGPAnswer(command) : try pivAnswer(command)
            return ResponseAPDU(data: data, status: .success)
        } catch {
            return ResponseAPDU(status: error.status)
        }
    }

    private func pivAnswer(_ command: CommandAPDU) throws(Refusal) -> [UInt8] {
        guard let key = piv[command.header.p2], let algorithm = KeyAlgorithm(rawValue: command.header.p1) else {
            throw Refusal(.incorrectParameters)
        }
        let result = try AuthenticationTemplate(command.data).operation(algorithm, key)
        return AuthenticationTemplate.answer(0x82, try result())
    }

    private func openPGPAnswer(_ command: CommandAPDU) throws(Refusal) -> [UInt8] {
        guard let slot = Self.slot(command.header), let key = openPGP[slot] else { throw Refusal(.referenceNotFound) }
        guard slot == .decryption else { return try OpenPGPApplication.signature(of: command.data, by: key) }
        return try OpenPGPApplication.decipher(Cryptogram(command.data), with: key)
    }
}
