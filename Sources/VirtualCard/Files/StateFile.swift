import CLibrary
import FoundationEssentials

/// Why a state file cannot be used.
public enum StateFileError: Error, Hashable, CustomStringConvertible {
    /// The file is not there.
    case absent
    /// The system refused to read or write it.
    case inaccessible(String)
    /// What is wrong with its content.
    case malformed(String)

    /// One line for a person.
    public var description: String {
        switch self {
        case .absent: "there is no state file"
        case .inaccessible(let reason): "the state file cannot be used: \(reason)"
        case .malformed(let place): "the state file is malformed: \(place)"
        }
    }
}

/// The file that holds a simulated card's state: JSON, replaced as a whole at each change.
public struct StateFile: Sendable {
    /// The file's path.
    public let path: String

    /// The file at this path, which need not exist.
    public init(path: String) { self.path = path }

    /// Reads the state.
    public func load() throws(StateFileError) -> CardState {
        guard FileManager.default.fileExists(atPath: path) else { throw .absent }
        let document: StateDocument
        do {
            document = try JSONDecoder().decode(StateDocument.self, from: Data(contentsOf: URL(filePath: path)))
        } catch let error as DecodingError {
            throw .malformed("\(error)")
        } catch {
            throw .inaccessible("\(error)")
        }
        return try document.state()
    }

    /// Writes the state: a new file, readable by its owner alone, takes the place of the old one, so that a crash
    /// leaves one of the two whole. It holds private keys and PINs in the clear.
    public func save(_ state: CardState) throws(StateFileError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let data = try encoder.encode(StateDocument(state))
            let temporary = path + ".new"
            guard
                FileManager.default.createFile(
                    atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600])
            else { throw CocoaError(.fileWriteUnknown) }
            guard rename(temporary, path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            throw .inaccessible("\(path): \(error)")
        }
    }
}
