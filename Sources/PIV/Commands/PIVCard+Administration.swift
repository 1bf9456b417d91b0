import CardApplication
import ISO7816
import Platform

/// The commands that only the card's administrator may give, and those that prove who that is.
extension PIVCard {
    /// PUT DATA (SP 800-73-5 part 2, section 3.3.1): the tag list 5C and the value in 53, or, for the objects that have a
    /// tag of their own, that tag and the value in it. An empty value removes the object.
    public func putData(
        _ container: PIVContainer, _ value: [UInt8], secrecy: Secrecy = []
    ) throws(CardError) {
        let data =
            container.hasOwnTag
            ? [UInt8](tag: container.rawValue, value)
            : [UInt8](tag: 0x5C, container.tagBytes) + [UInt8](tag: 0x53, value)
        _ = try send(
            .putData, CommandHeader(ins: 0xDB, p1: 0x3F, p2: 0xFF), data: data, secrecy: secrecy)
    }

    /// GENERAL AUTHENTICATE, the first step of mutual authentication with the card management key (SP 800-73-5 part 2,
    /// section 3.2.4 and appendix A.1): asks for a witness, which the card encrypts.
    public func requestWitness(_ algorithm: CardManagementAlgorithm) throws(CardError) -> [UInt8] {
        let witness = try authenticateManagement(
            .requestWitness, algorithm, [UInt8](tag: 0x80, []), expecting: 0x80, secrecy: [])
        guard witness.count == algorithm.cipher.blockSize else {
            throw .malformed(.requestWitness, "the witness is no block of the cipher")
        }
        return witness
    }

    /// The second step: gives the witness back in the clear, with a challenge.
    ///
    /// - Returns: the challenge as the card encrypts it. Nobody has compared it yet.
    public func answerWitness(
        _ algorithm: CardManagementAlgorithm, witness: [UInt8], challenge: [UInt8]
    ) throws(CardError) -> [UInt8] {
        try authenticateManagement(
            .answerWitness, algorithm, [UInt8](tag: 0x80, witness) + [UInt8](tag: 0x81, challenge),
            expecting: 0x82, secrecy: [.command, .answer])
    }

    /// GET DATA of the Printed Information, for the management key that may be in it.
    func getStoredManagementKey() throws(CardError) -> CardManagementKey? {
        let request = [UInt8](tag: 0x5C, PIVContainer.printedInformation.tagBytes)
        var answer = try send(
            .getData, CommandHeader(ins: 0xCB, p1: 0x3F, p2: 0xFF), data: request, ne: 65_536, secrecy: .answer,
            accepting: [.success, .notFound])
        defer { answer.data.wipe() }
        return CardManagementKey(storedIn: answer.data)
    }

    /// PUT DATA of the Printed Information, to keep the management key in it.
    func putStoredManagementKey(_ key: CardManagementKey) throws(CardError) {
        try key.withBytes { (bytes) throws(CardError) in
            var value = [UInt8]()
            value.reserveCapacity(4 + bytes.byteCount)
            defer { value.wipe() }
            value.append(contentsOf: [UInt8].header(tag: 0x88, length: 2 + bytes.byteCount))
            value.append(contentsOf: [UInt8].header(tag: 0x89, length: bytes.byteCount))
            value.append(contentsOf: bytes)
            try putData(.printedInformation, value, secrecy: .command)
        }
    }

    /// One GENERAL AUTHENTICATE of the key reference 9B. The second step is kept from a trace, so that no trace has both
    /// a block and its encryption, against which weak keys could be tried.
    private func authenticateManagement(
        _ name: PIVCommand, _ algorithm: CardManagementAlgorithm, _ items: [UInt8], expecting tag: UInt32,
        secrecy: Secrecy
    ) throws(CardError) -> [UInt8] {
        let header = CommandHeader(
            ins: 0x87, p1: algorithm.rawValue, p2: PIVKeyReference.cardManagement.rawValue)
        let answer = try send(
            name, header, data: [UInt8](tag: 0x7C, items), ne: 256, secrecy: secrecy)
        guard let item = TLVReader(answer.data).first(0x7C)?.children.first(tag) else {
            throw .malformed(name, "the answer is not the template of this step")
        }
        return Array(item.value)
    }
}
