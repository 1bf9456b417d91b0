import HostCrypto
import Token

/// A `pkcs11:` URI (RFC 7512), as far as it names tokens and objects.
struct PKCS11URI {
    /// The path's attributes, percent-encoding taken off.
    private let attributes: [String: [UInt8]]

    /// Nil where the text is none.
    init?(_ text: String) {
        guard text.hasPrefix("pkcs11:") else { return nil }
        var attributes: [String: [UInt8]] = [:]
        let path = text.dropFirst(7).prefix { $0 != "?" }
        for part in path.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let value = Self.decoded(pair[1]) else { return nil }
            attributes[String(pair[0])] = value
        }
        self.attributes = attributes
    }

    /// Whether it names a token, and not any that there is.
    var namesToken: Bool { ["token", "serial", "manufacturer", "model"].contains { attributes[$0] != nil } }

    /// Whether a token is one that it names.
    func matches(_ token: TokenInformation) -> Bool {
        let fields = [
            "token": token.label, "serial": token.serialNumber, "manufacturer": token.manufacturer,
            "model": token.model,
        ]
        return fields.allSatisfy { name, value in
            attributes[name].map { Self.field($0).elementsEqual(Self.field(Array(value.utf8))) } ?? true
        }
    }

    /// Whether a key or certificate is one that it names.
    func matches(_ content: KeyReport.Content) -> Bool {
        guard attributes["id"].map({ $0 == content.id }) ?? true else { return false }
        return attributes["object"].map { String(decoding: $0, as: UTF8.self) == content.label } ?? true
            || attributes["id"] != nil
    }

    /// A token's field has at most 32 bytes, and blanks at its end.
    private static func field(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var field = bytes.prefix(32)
        while field.last == UInt8(ascii: " ") { field.removeLast() }
        return field
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    // MARK: Writing

    /// The URI of a key on a token: what p11-kit and OpenSSH find it by.
    static func text(_ token: TokenInformation, _ content: KeyReport.Content, kind: String = "private") -> String {
        let id = "id=" + content.id.map { "%" + [$0].hexadecimal }.joined()
        return "pkcs11:" + (path(token) + [id, "type=\(kind)"]).joined(separator: ";")
    }

    /// The URI of a token.
    static func text(_ token: TokenInformation) -> String { "pkcs11:" + path(token).joined(separator: ";") }

    private static func path(_ token: TokenInformation) -> [String] {
        [("token", token.label), ("serial", token.serialNumber)].filter { !$0.1.isEmpty }.map { name, value in
            "\(name)=\(encoded(Array(value.utf8)))"
        }
    }

    /// Unreserved characters stay as they are (RFC 7512, section 2.3).
    private static func encoded(_ bytes: [UInt8]) -> String {
        bytes.escaped(by: "%", plain: "-._~")
    }
}
