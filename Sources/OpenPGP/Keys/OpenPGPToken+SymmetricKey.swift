import CardApplication
import HostCrypto
import ISO7816
import Platform
import Token

/// The card's AES key (tag D5), where its extended capabilities tell of one (OpenPGP card 3.4.1, sections 7.2.11 and
/// 7.2.12).
extension OpenPGPToken {
    /// See `Token`. The card chains blocks to zeros; what they are to be chained to instead is added by exclusive or, which
    /// comes to the same. So a long message goes there in several commands.
    public func cipher(
        _ blocks: [UInt8], iv: [UInt8], with key: ObjectReference, isEncrypting: Bool
    ) throws(TokenError) -> [UInt8] {
        guard key == OpenPGPCatalogue.symmetricKey, hasSymmetricKeys else { throw .objectNotFound }
        guard !blocks.isEmpty, blocks.count % Self.blockSize == 0, iv.count == Self.blockSize else {
            throw .dataInvalid
        }
        do throws(TokenError) {
            return try perform(.login(.user)) { (transaction) throws(CardError) in
                let result = try chain(blocks, iv, transaction.card, isEncrypting)
                withLogin { $0.noteUse() }
                return result
            }
        } catch {
            if error == .objectNotFound { withCache { $0.noteSymmetricKey(isThere: false, now) } }
            throw error
        }
    }

    /// Whether there is a key, which the card tells by using it. Needs the user's login.
    func holdsSymmetricKey(_ transaction: OpenPGPTransaction) throws(CardError) -> Bool {
        guard hasSymmetricKeys else { return false }
        let block = [UInt8](repeating: 0, count: Self.blockSize)
        let isThere = try transaction.believing { () throws(CardError) -> Bool? in
            switch Result(catching: { () throws(CardError) in try transaction.card.encipherAES(block).count }) {
            case .success(block.count): return true
            case .success: return nil
            case .failure(let error):
                guard error.meansNoKey else { throw error }
                return nil
            }
        }
        withCache { $0.noteSymmetricKey(isThere: isThere ?? false, now) }
        return isThere ?? false
    }

    /// Whether the card is of a kind that may hold a key.
    var hasSymmetricKeys: Bool { withCache { $0.related.value.capabilities?.features.contains(.aes) } ?? false }

    private static let blockSize = 16
    /// The most bytes in one command: what all cards take and answer with, by chaining at least.
    private static let mostInCommand = 512

    private func chain(
        _ blocks: [UInt8], _ iv: [UInt8], _ card: OpenPGPCard, _ isEncrypting: Bool
    ) throws(CardError) -> [UInt8] {
        // Allocated once at its size, so that wiping it reaches everything.
        var output: [UInt8] = []
        output.reserveCapacity(blocks.count)
        var isDone = false
        defer { if !isDone { output.wipe() } }
        var previous = iv
        for start in stride(from: 0, to: blocks.count, by: Self.mostInCommand) {
            var input = Array(blocks[start..<min(start + Self.mostInCommand, blocks.count)])
            defer { input.wipe() }
            if isEncrypting { Self.add(previous, to: &input) }
            var answer = try isEncrypting ? card.encipherAES(input) : card.decipherAES(input)
            defer { answer.wipe() }
            guard answer.count == input.count else {
                throw .malformed(isEncrypting ? .encipher : .decipher, "another number of bytes")
            }
            if !isEncrypting { Self.add(previous, to: &answer) }
            previous = Array((isEncrypting ? answer : input).suffix(Self.blockSize))
            output.append(contentsOf: answer)
        }
        isDone = true
        return output
    }

    /// Exclusive or with the first block.
    private static func add(_ block: [UInt8], to bytes: inout [UInt8]) {
        for (index, byte) in block.enumerated() where index < bytes.count { bytes[index] ^= byte }
    }
}

extension CardError {
    /// Whether a card that was to encrypt says that there is no key: nobody has written down in which words.
    fileprivate var meansNoKey: Bool {
        switch self {
        case .channel, .refused: false
        case .malformed: true
        case .answered(_, let status): status != .securityStatusNotSatisfied
        }
    }
}
