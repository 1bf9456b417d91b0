import CLibrary
import FoundationEssentials

/// The header of an encrypted disk (LUKS2 On-Disk Format Specification, sections 2.1 and 3): what it names in `pkcs11:` URIs.
struct LUKSHeader {
    let device: String
    /// The URIs of the tokens that systemd-cryptenroll wrote.
    let uris: [String]

    private static let magic = Array("LUKS".utf8) + [0xBA, 0xBE]
    private static let binarySize = 4096
    /// The longest header that the format has: 4 MiB.
    private static let longest = 1 << 22

    /// Nil where the device has no such header, or this person may not read it.
    init?(of device: String) {
        let file = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let binary = Self.bytes(file, 0, Self.binarySize)
        guard binary.count == Self.binarySize, binary.starts(with: Self.magic), binary[6...7].elementsEqual([0, 2])
        else { return nil }
        let size = binary[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size > UInt64(Self.binarySize), size <= UInt64(Self.longest) else { return nil }
        let text = Self.bytes(file, Self.binarySize, Int(size) - Self.binarySize).prefix { $0 != 0 }
        guard let metadata = try? JSONDecoder().decode(Metadata.self, from: Data(text)) else { return nil }
        self.device = device
        uris = metadata.tokens.sorted { $0.key < $1.key }.compactMap(\.value.uri)
    }

    private struct Metadata: Decodable {
        let tokens: [String: Token]
    }

    /// A token's JSON object; those of other programs have no URI.
    private struct Token: Decodable {
        let uri: String?

        enum CodingKeys: String, CodingKey {
            case uri = "pkcs11-uri"
        }
    }

    private static func bytes(_ file: Int32, _ offset: Int, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset + filled))
            }
            guard read > 0 else { break }
            filled += read
        }
        return Array(bytes.prefix(filled))
    }

    // MARK: Disks

    private static let byIdentifier = "/dev/disk/by-uuid"

    /// The headers of the disks that are there, and of those that /etc/crypttab names (crypttab(5)).
    static func all() -> [LUKSHeader] {
        let there = FileTree.names(in: byIdentifier).map { "\(byIdentifier)/\($0)" }
        let files = (named + there).compactMap(Companions.realPath)
        var seen: Set<String> = []
        return files.filter { seen.insert($0).inserted }.compactMap(LUKSHeader.init)
    }

    private static var named: [String] {
        let lines = FileTree.text(of: "/etc/crypttab")?.split(separator: "\n") ?? []
        return lines.compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 2, !fields[0].hasPrefix("#") else { return nil }
            let parts = fields[1].split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let folder = folders[parts[0].uppercased()] else { return String(fields[1]) }
            return "/dev/disk/\(folder)/\(parts[1].filter { $0 != "\"" })"
        }
    }

    private static let folders = [
        "UUID": "by-uuid", "LABEL": "by-label", "PARTUUID": "by-partuuid", "PARTLABEL": "by-partlabel",
    ]
}
