import Foundation

/// The table of all measurements.
struct Comparison {
    let contenders: [Contender]
    let libcrypto: Libcrypto
    /// Only what has this in its name is measured.
    let filter: String

    func run() throws {
        let data = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Work.dataSize)
        defer { data.deallocate() }
        data.initialize(repeating: 0xA5)
        print(
            "Speed, libcrypto's own being 100 %; each figure the median of \(Stopwatch().rounds) turns.\n",
            Self.row("", ["libcrypto"] + contenders.map(\.name)), separator: "\n")
        try compare(
            "C_Digest, SHA-256, 16 MiB in one part", .init { try libcrypto.digest(data) },
            contenders.map { contender in .init { try contender.digest(data) } })
        try compare(
            "C_SignUpdate, SHA-256, 16 MiB in parts of 64 KiB",
            .init(before: libcrypto.beginDigest) { try libcrypto.updateDigest(data) },
            contenders.map { contender in
                .init(
                    before: contender.beginSignature, work: { try contender.updateSignature(data) },
                    after: contender.endSignature)
            })
        for (name, algorithm) in [("RSA-2048, SHA-256", Algorithm.rsa), ("P-256", .ec)] {
            try compare(
                "C_Verify, \(name)", .init { try libcrypto.verify(algorithm) },
                contenders.map { contender in .init { try contender.verify(algorithm) } })
        }
    }

    private func compare(_ name: String, _ direct: Stopwatch.Way, _ ways: [Stopwatch.Way]) throws {
        guard filter.isEmpty || name.contains(filter) else { return }
        let (own, speeds) = try Stopwatch().measure(direct, against: ways)
        print(Self.row(name, [Self.time(own)] + speeds.map { String(format: "%.1f %%", 100 * $0) }))
        fflush(nil)
    }

    private static func time(_ nanoseconds: Double) -> String {
        nanoseconds < 1e6
            ? String(format: "%.1f us", nanoseconds / 1e3) : String(format: "%.2f ms", nanoseconds / 1e6)
    }

    private static func row(_ head: String, _ cells: [String]) -> String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return pad(head, 50) + cells.map { pad($0, 16) }.joined()
    }
}
