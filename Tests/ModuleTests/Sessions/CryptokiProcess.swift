import TestSupport
import Testing

/// A process that uses the module in a world as a script tells it; see `Drivers/cryptoki-shell.c` for the verbs.
final class CryptokiProcess {
    private let conversation: Conversation
    /// Lives as long as its process.
    private let world: CardWorld

    /// - Parameter module: another module than Martlet's.
    init(in world: CardWorld, module: String? = nil, environment: [String: String] = [:]) throws {
        self.world = world
        // Bound at once: a function that is looked up at its first call leaves the registers on the stack, secrets too.
        let shell = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/cryptoki-shell.c",
            flags: ["-I\(PackageRoot.path)/include", "-ldl", "-lpthread", "-Wl,-z,now"])
        conversation = try world.converse([shell, try module ?? BuiltModule.path()], environment: environment)
    }

    /// Makes a call and returns its results, the numbers among them as handles.
    ///
    /// - Parameters:
    ///   - call: the thread's name, the verb, its arguments.
    ///   - code: the return code that must come.
    @discardableResult
    func callAsFunction(
        _ call: String, _ code: String = "CKR_OK", sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let words = try conversation.ask(call).split(separator: " ").map(String.init)
        #expect(words.first == code, "\(call)", sourceLocation: sourceLocation)
        return Array(words.dropFirst())
    }

    /// The answer of the shell itself, to a call that is not waited for.
    func line(_ call: String) throws -> String { try conversation.ask(call) }

    /// The first result of a call, such as the handle that it made.
    func first(_ call: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        try #require(try self(call, sourceLocation: sourceLocation).first, sourceLocation: sourceLocation)
    }
}

extension String {
    /// The bytes of its UTF-8, as the shell prints and reads them.
    var hexadecimal: String {
        utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
