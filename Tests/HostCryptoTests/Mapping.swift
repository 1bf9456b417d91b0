import Foundation
import Testing

/// A mapping of this process's memory, as /proc/self/smaps tells of it.
struct Mapping {
    /// Its first line: addresses, access, and what is mapped.
    let title: Substring
    /// VmFlags (proc(5)).
    let flags: [Substring]

    /// The mapping that holds this address; nil where there is none.
    init?(at address: UInt) throws {
        // In pieces: Foundation reads files of /proc, whose size is told as 0, only up to the first short answer.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        var text = Data()
        while let piece = try file.read(upToCount: 4096), !piece.isEmpty { text += piece }
        var title: Substring?
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let range = line.prefix { $0 != " " }.split(separator: "-")
            if range.count == 2, let start = UInt(range[0], radix: 16), let end = UInt(range[1], radix: 16) {
                title = (start..<end).contains(address) ? line : nil
            }
            if let title, line.hasPrefix("VmFlags:") {
                self.title = title
                flags = line.split(separator: " ")
                return
            }
        }
        return nil
    }
}
