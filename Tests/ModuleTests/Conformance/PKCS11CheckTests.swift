import TestSupport
import Testing

/// The module judged by `pkcs11-check`: no crash, no hang, no error, and no failure but those that are justified.
@Suite(
    .serialized,
    .enabled(
        if: PKCS11Check.python != nil,
        "pkcs11-check is not here: eval \"$(.ci/python-clients FOLDER)\" installs it and names it"))
struct PKCS11CheckTests {
    /// How many tests pass at the least, so that nothing becomes better by being skipped. It may only rise.
    private static let fewestPassed = 2920

    @Test func theRunComesToItsEnd() throws {
        let run = try PKCS11Check.run.get()
        let end = "\(run.result.ending): \(run.result.allText.suffix(4000))"
        #expect(run.unfinished == nil, "\(end)")
        // 1 says that some tests have failed.
        #expect(run.result.ending == .exited(0) || run.result.ending == .exited(1), "\(end)")
        print(
            "pkcs11-check:",
            ["passed", "failed", "xfailed", "skipped", "crashed", "error"].map { "\(run.count($0)) \($0)" }
                .joined(separator: ", "))
        #expect(run.count("passed") >= Self.fewestPassed)
    }

    @Test func everyFailureIsJustified() throws {
        let justified = Set(try JustifiedFailure.all.get().map(\.test))
        let others = try PKCS11Check.run.get().outcomes.filter { $0.isDefect && !justified.contains($0.test) }
        #expect(others.map { "\($0.test) \($0.name): \($0.reason)" } == [])
    }

    /// A line whose test fails no more is to be taken out of `justified-failures.txt`.
    @Test func theListOnlyGetsShorter() throws {
        let defects = Set(try PKCS11Check.run.get().outcomes.filter(\.isDefect).map(\.test))
        let passing = try JustifiedFailure.all.get().map(\.test).filter { !defects.contains($0) }
        #expect(passing == [])
    }
}

/// The list itself.
@Test func justifiedFailuresAreInOrder() throws {
    let tests = try JustifiedFailure.all.get().map(\.test)
    #expect(tests == Set(tests).sorted())
}
