import FoundationEssentials

/// What scripts read. The page Scripts tells what each field means.
enum JSON {
    /// The number of the form that all values have. It grows where a field goes or comes to mean something else; fields may
    /// be added without that.
    static let format = 1

    /// Prints a value with the number of its form, its properties in alphabetical order.
    static func show(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(Numbered(value: value)), as: UTF8.self))
    }

    private struct Numbered<Value: Encodable>: Encodable {
        let value: Value

        enum CodingKeys: CodingKey {
            case format
        }

        func encode(to encoder: any Encoder) throws {
            try value.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(JSON.format, forKey: .format)
        }
    }
}
