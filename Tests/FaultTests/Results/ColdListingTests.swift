import CPKCS11
import Cryptoki
import Testing

@testable import VirtualCard

/// One odd status word, or another program's SELECT, at each moment of a new process's first listing: some seconds later the
/// same process shows everything again, without the card being put in anew.
@Suite("A first listing with one odd answer") struct ColdListingTests {
    /// What happens once.
    enum Oddity: CustomStringConvertible, Sendable {
        case status(UInt16)
        /// Another application is selected, and nothing reports it.
        case otherApplication

        var description: String {
            switch self {
            case .status(let status): String(status, radix: 16, uppercase: true)
            case .otherApplication: "another's SELECT"
            }
        }
    }

    /// A process that lists the objects of all slots.
    private struct Process {
        let reader: QuietReader
        let library: Library

        init(_ state: CardState) {
            let reader = QuietReader(state)
            self.reader = reader
            library = Library(source: reader, clock: { reader.now() })
        }

        /// Slot, class, id and label of each object.
        func listing() throws -> Set<[UInt8]> {
            var all: Set<[UInt8]> = []
            for slot in library.slotList(withToken: true, isAskedAnew: true) {
                _ = try library.tokenInfo(slot)
                let session = try library.session(library.openSession(slot, flags: CKF_SERIAL_SESSION))
                defer { try? session.close() }
                try session.findObjectsInit(template: [])
                let found = try session.findObjects(atMost: 200)
                try session.findObjectsFinal()
                for object in found {
                    let told = try session.attributes(of: object, types: [CKA_CLASS, CKA_ID, CKA_LABEL])
                    all.insert([UInt8(truncatingIfNeeded: slot)] + told.flatMap { Self.bytes($0) + [0xFF] })
                }
            }
            return all
        }

        private static func bytes(_ result: AttributeAnswer) -> [UInt8] {
            if case .value(let bytes) = result { return bytes }
            return []
        }
    }

    @Test(
        arguments: ["yubikey57", "plain-piv", "openpgp34", "yubikey57-both"],
        [.status(0x6982), .status(0x6D00), .status(0x6F00), .status(0x6985), .status(0x6A80), .otherApplication]
            as [Oddity])
    func hidesNothingForLong(_ name: String, _ oddity: Oddity) throws {
        let state = try CardRow.card(#require(CardProfile(named: name)), nil)
        let whole = Process(state)
        let expected = try whole.listing()
        try #require(expected.count > 4)
        for moment in whole.reader.sent.indices {
            let process = Process(state)
            let reader = process.reader
            reader.intercept = { _ in
                guard reader.sent.count == moment + 1 else { return nil }
                switch oddity {
                case .status(let status): return [UInt8(status >> 8), UInt8(status & 0xFF)]
                case .otherApplication:
                    // A YubiKey's management application, or a card manager.
                    for identifier in [[0xA0, 0, 0, 0x05, 0x27, 0x47, 0x11, 0x17], [0xA0, 0, 0, 0x01, 0x51, 0, 0, 0]] {
                        _ = reader.card.process([0x00, 0xA4, 0x04, 0x00, 0x08] + identifier.map { UInt8($0) })
                    }
                    return nil
                }
            }
            _ = try? process.listing()
            reader.intercept = { _ in nil }
            reader.wait(seconds: 6)
            #expect(try process.listing() == expected, "\(name): \(oddity) at command \(moment)")
        }
    }
}
