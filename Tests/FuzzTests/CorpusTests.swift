import Foundation
import FuzzTargets
import TestSupport
import Testing
import VirtualCard

/// What `.ci/fuzz` begins with and what it has found, as cases: `Corpus/TARGET/NAME`. Files named `card-…` come from
/// simulated cards; all others are findings.
@Suite struct CorpusTests {
    private static let folder = PackageRoot.path + "/Tests/FuzzTests/Corpus"

    /// None of them traps, and none goes on without end.
    @Test(arguments: FuzzTarget.allCases)
    func isDigested(_ target: FuzzTarget) throws {
        let folder = "\(Self.folder)/\(target.rawValue)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(!names.isEmpty)
        for name in names { target.run(try read("\(folder)/\(name)")) }
    }

    /// The recordings lead to the end of the walk: the card signs and decrypts. Where the walk has changed they are made
    /// anew: `MARTLET_RECORD=1 swift test --filter CorpusTests`.
    @Test(arguments: [
        (FuzzTarget.pivToken, CardProfile.yubiKey57, 12), (.pivToken, .plain, 8), (.openPGPToken, .openPGP34, 7),
        (.module, .yubiKey57Both, 9),
    ])
    func recordingsLeadFar(_ target: FuzzTarget, _ profile: CardProfile, _ results: Int) throws {
        if Tool.inheritedEnvironment["MARTLET_RECORD"] != nil {
            try Recording.make(target, profile, in: Self.folder)
        }
        let channel = AnswersChannel(try read("\(Self.folder)/\(target.rawValue)/card-\(profile.name)"))
        target.visit(channel)
        #expect(channel.results == results)
    }

    private func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }
}
