import HostCrypto
import SoftToken
import Testing

/// What every cipher with a key in memory keeps to, whoever drives it.
@Suite struct SymmetricCipherTests {
    private static let iv = [UInt8](0..<16)

    /// A cipher, and how long a message may be for it.
    private static let rows: [(cipher: SymmetricCipher, count: Int)] = [
        (.ecb, 48), (.cbc(iv: iv, isPadded: false), 48), (.cbc(iv: iv, isPadded: true), 48),
        (.cbc(iv: iv, isPadded: true), 47), (.cbc(iv: iv, isPadded: true), 0),
        (.ctr(CounterParameters(bits: 128, block: iv)), 47), (.ofb(iv: iv), 47), (.cfb8(iv: iv), 47),
        (.cfb128(iv: iv), 47), (.gcm(GCMParameters(iv: iv, authenticating: [1], tagBits: 96)), 47),
        (.ccm(CCMParameters(dataCount: 47, nonce: Array(iv.prefix(11)), tagSize: 8)), 47),
        (.keyWrap(initialValue: nil), 24), (.keyWrapPadded(initialValue: nil), 47),
        (.keyWrapPKCS7(initialValue: nil), 47),
    ]

    private func key() throws -> StoredSecret { try StoredSecret([UInt8](repeating: 7, count: 16)) }

    /// All at once.
    private func run(_ cipher: SymmetricCipher, _ data: [UInt8], isEncrypting: Bool) throws -> [UInt8] {
        switch try cipher.transform(key(), isEncrypting: isEncrypting) {
        case .stream(let stream):
            let size = try stream.wholeSize(of: data.count)
            let result = try stream.whole(data.span.bytes)
            #expect((size.least...size.most).contains(result.count))
            #expect(stream.isSecret == !isEncrypting)
            return result
        case .whole(let message):
            try message.check(data.count)
            let result = try message.run(data.span.bytes)
            let most = message.outputSize(for: data.count)
            #expect(message.isSizeExact ? result.count == most : result.count <= most)
            #expect(message.isSecret == !isEncrypting)
            return result
        }
    }

    @Test(arguments: rows.indices) func comesBack(_ index: Int) throws {
        let (cipher, count) = Self.rows[index]
        let message = try Random.bytes(count)
        let ciphertext = try run(cipher, message, isEncrypting: true)
        #expect(ciphertext != message || message.isEmpty)
        #expect(try run(cipher, ciphertext, isEncrypting: false) == message)
    }

    /// Parts give what the whole gives, and tell before how much each gives.
    @Test(arguments: rows.indices, [1, 7, 16, 33]) func partsAreTheWhole(_ index: Int, _ step: Int) throws {
        let (cipher, count) = Self.rows[index]
        let message = try Random.bytes(count)
        let ciphertext = try run(cipher, message, isEncrypting: true)
        for (isEncrypting, data, expected) in [(true, message, ciphertext), (false, ciphertext, message)] {
            guard case .stream(let stream) = try cipher.transform(key(), isEncrypting: isEncrypting) else { continue }
            var result: [UInt8] = []
            for start in stride(from: 0, to: data.count, by: step) {
                let part = Array(data[start..<min(start + step, data.count)])
                let size = try stream.partSize(of: part.count)
                let piece = try stream.part(part.span.bytes)
                #expect(piece.count == size)
                result += piece
            }
            let size = try stream.endSize()
            let end = try stream.end()
            #expect((size.least...size.most).contains(end.count))
            #expect(result + end == expected)
        }
    }

    /// Where the size of the result shows only afterwards, nothing is left of data that were given up.
    @Test func aTerminatedOperationLeavesNoData() throws {
        let cipher = SymmetricCipher.cbc(iv: Self.iv, isPadded: true)
        let (one, other) = ([UInt8](repeating: 1, count: 20), [UInt8](repeating: 2, count: 40))
        let first = try run(cipher, one, isEncrypting: true), second = try run(cipher, other, isEncrypting: true)
        guard case .stream(let stream) = try cipher.transform(key(), isEncrypting: false) else {
            Issue.record("CBC is no stream")
            return
        }
        #expect(try stream.whole(first.span.bytes) == one)
        #expect(try stream.whole(second.span.bytes) == other)
        let start = try stream.part(first.span.bytes)
        #expect(try start + stream.end() == one)
        // The end may be asked for again: the first answer may not have fitted.
        #expect(try start + stream.end() == one)
    }

    /// The padding is looked at to its first byte (RFC 5652, section 6.3), and a block without any is none.
    @Test(
        arguments: [
            ([UInt8](repeating: 16, count: 16), 0), ([1], 15), ([3, 3, 3], 13), ([0], nil), ([17], nil),
            ([UInt8](repeating: 17, count: 16), nil), ([0xFF], nil), ([2, 3, 3], nil), ([3, 2, 3], nil), ([9, 2], nil),
            ([15] + [UInt8](repeating: 16, count: 15), nil),
        ] as [([UInt8], Int?)])
    func paddingIsLookedAt(_ end: [UInt8], _ count: Int?) throws {
        let block = [UInt8](repeating: 0xAA, count: 16 - end.count) + end
        let ciphertext = try run(.cbc(iv: Self.iv, isPadded: false), block, isEncrypting: true)
        let cipher = SymmetricCipher.cbc(iv: Self.iv, isPadded: true)
        let whole = Result { try run(cipher, ciphertext, isEncrypting: false) }
        guard case .stream(let stream) = try cipher.transform(key(), isEncrypting: false) else { return }
        let start = try stream.part(ciphertext.span.bytes)
        let parts = Result { try start + stream.end() }
        for result in [whole, parts] {
            if let count {
                #expect(try result.get() == Array(block.prefix(count)))
            } else {
                #expect(throws: SoftTokenError.ciphertextInvalid) { try result.get() }
            }
        }
    }

    @Test func whatIsWrongIsSaid() throws {
        let padded = SymmetricCipher.cbc(iv: Self.iv, isPadded: true)
        for (cipher, data, expected) in [
            (.cbc(iv: [1], isPadded: true), [], .parameterInvalid),
            (padded, [UInt8](repeating: 0, count: 15), .ciphertextLength),
            (padded, [], .ciphertextLength), (padded, [UInt8](repeating: 0, count: 32), .ciphertextInvalid),
            (.gcm(GCMParameters(iv: Self.iv)), [UInt8](repeating: 0, count: 16), .ciphertextInvalid),
            (.gcm(GCMParameters(iv: [])), [], .parameterInvalid), (.keyWrap(initialValue: [1]), [], .parameterInvalid),
            (.keyWrap(initialValue: nil), [UInt8](repeating: 0, count: 24), .ciphertextInvalid),
        ] as [(SymmetricCipher, [UInt8], SoftTokenError)] {
            #expect(throws: expected, "\(cipher)") { try run(cipher, data, isEncrypting: false) }
        }
    }
}
