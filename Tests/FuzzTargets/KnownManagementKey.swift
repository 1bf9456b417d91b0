import HostCrypto
import ISO7816

/// A card's half of the mutual authentication with the management key that `TokenTour` gives (SP 800-73-5 part 2, appendix
/// A.1): what comes after it no given answers could reach, for the host's challenge is another one each time.
struct KnownManagementKey {
    private static let key: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]

    /// Whether a command is a step of the authentication.
    static func isProof(_ command: [UInt8]) -> Bool { command.count > 5 && command[1] == 0x87 && command[3] == 0x9B }

    /// The answer to a step of the authentication; nil to any other command.
    func answer(to command: [UInt8]) -> [UInt8]? {
        guard Self.isProof(command), let parsed = CommandAPDU(parsing: command),
            let objects = TLVReader(parsed.data).first(0x7C)?.children
        else { return nil }
        let cipher: BlockCipher = command[2] == 0x03 ? .tripleDES : .aes192
        let challenge = objects.first(0x81).map { Array($0.value) }
        let block = challenge ?? [UInt8](repeating: 0x5A, count: cipher.blockSize)
        guard let encrypted = try? cipher.encrypt(block, key: Self.key, mode: .ecb) else { return nil }
        let tag: UInt32 = challenge == nil ? 0x80 : 0x82
        return [UInt8](tag: 0x7C, children: [UInt8](tag: tag, encrypted)) + [0x90, 0x00]
    }
}
