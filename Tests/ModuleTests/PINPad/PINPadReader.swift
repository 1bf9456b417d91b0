import Foundation
import TestSupport

/// A world whose reader has keys of its own: `pin-pad.c` plays them for the programs that are started with it.
struct PINPadReader {
    let world: CardWorld
    private let library: String

    init(_ card: SimulatedCard) throws {
        world = try CardWorld(card)
        library = try CDriver.build(
            PackageRoot.path + "/Tests/ModuleTests/Drivers/pin-pad.c",
            flags: ["-D_GNU_SOURCE", "-shared", "-fPIC"] + CDriver.flags(ofPackage: "libpcsclite"))
    }

    /// The variables by which a program meets the reader.
    ///
    /// - Parameter typed: what the person types: the PIN, or the one of now and the new one, or "cancel".
    func environment(typing typed: String) -> [String: String] {
        ["LD_PRELOAD": library, "PIN_PAD_TYPES": typed, "PIN_PAD_LOG": world.home.file("typed")]
    }

    /// The commands for which something was typed since the last question.
    func takeEntries() throws -> [String] {
        let file = world.home.file("typed")
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
        try FileManager.default.removeItem(atPath: file)
        return text.split(separator: "\n").map(String.init)
    }
}
