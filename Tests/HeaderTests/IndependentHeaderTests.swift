import TestSupport
import Testing

/// Our header says what others say: each is asked by a C program of its own, and the answers are compared.
@Suite struct IndependentHeaderTests {
    @Test(arguments: IndependentHeader.all)
    func `constants have the values that another header gives them`(other: IndependentHeader) throws {
        let names = try Declarations(of: .ours).constants.intersection(Declarations(of: other.header).constants)
            .subtracting(other.deviations).sorted()
        #expect(names.count >= other.constants)
        let program = Program(names.map { "printf(\"\($0) %#lx\\n\", (unsigned long)(\($0)));" })
        try expectSameAnswers(program, from: other)
        print("\(other.testDescription): \(names.count) constants compared")
    }

    @Test(arguments: IndependentHeader.all)
    func `structures have the sizes, alignments and fields of another header`(other: IndependentHeader) throws {
        let mine = try Declarations(of: .ours).structures
        let theirs = try Declarations(of: other.header).structures
        let names = Set(mine.keys).intersection(theirs.keys).subtracting(other.deviations).sorted()
        var questions = names.map(sizeAndAlignment)
        var fieldCount = 0
        for name in names {
            let fields = (mine[name] ?? []).filter { theirs[name]?.contains($0) == true }
            #expect(fields.count == theirs[name]?.count, "\(name): \(mine[name] ?? []), \(theirs[name] ?? [])")
            fieldCount += fields.count
            questions += fields.map {
                "printf(\"\(name).\($0) %zu %zu\\n\", offsetof(\(name), \($0)), sizeof(((\(name) *)0)->\($0)));"
            }
        }
        #expect(names.count >= other.structures)
        #expect(fieldCount >= other.fields)
        try expectSameAnswers(Program(questions), from: other)
        print("\(other.testDescription): \(names.count) structures with \(fieldCount) fields compared")
    }

    @Test(arguments: IndependentHeader.all)
    func `scalar types have the sizes and signs of another header`(other: IndependentHeader) throws {
        let names = try Declarations(of: .ours).scalars.intersection(Declarations(of: other.header).scalars)
            .filter { !$0.hasSuffix("_PTR") }.sorted()
        #expect(names.count >= 20)
        let signs = names.map { "printf(\"\($0) is negative below zero: %d\\n\", (\($0))-1 < 1);" }
        try expectSameAnswers(Program(names.map(sizeAndAlignment) + signs), from: other)
        print("\(other.testDescription): \(names.count) scalar types compared")
    }

    /// C lets a function be declared twice only if both declarations agree.
    @Test(arguments: IndependentHeader.all.filter(\.hasStandardPrototypes))
    func `functions have the arguments that another header gives them`(other: IndependentHeader) throws {
        let prototypes = try Declarations(of: other.header).prototypes
        #expect(prototypes.count >= 92)
        _ = try CHeader.ours.run(prototypes.values.sorted().joined(separator: "\n") + "\n" + Program([]).text)
        #expect(Set(prototypes.keys).isSubset(of: try Declarations(of: .ours).prototypes.keys))
        print("\(other.testDescription): \(prototypes.count) functions compared")
    }

    @Test(.enabled(if: IndependentHeader.oasis != nil, "MARTLET_OASIS_HEADERS names no folder"))
    func `nothing of 3.2 is missing`() throws {
        let mine = try Declarations(of: .ours)
        let theirs = try Declarations(of: try #require(IndependentHeader.oasis).header)
        #expect(theirs.constants.subtracting(mine.constants).sorted() == IndependentHeaderTests.notOfTheStandard)
        #expect(Set(theirs.structures.keys).subtracting(mine.structures.keys).isEmpty)
        #expect(theirs.scalars.subtracting(mine.scalars).sorted() == [])
        #expect(mine.prototypes.keys.sorted() == theirs.prototypes.keys.sorted())
    }

    /// What the header in `python-pkcs11` has beside the standard's names: macros that build its declarations, and a
    /// constant of that package.
    private static let notOfTheStandard = [
        "CKU_USER_NOBODY", "CK_PTR",
    ]

    private func sizeAndAlignment(of type: String) -> String {
        "printf(\"\(type) %zu %zu\\n\", sizeof(\(type)), _Alignof(\(type)));"
    }

    private func expectSameAnswers(_ program: Program, from other: IndependentHeader) throws {
        let ours = try CHeader.ours.run(program.text)
        let theirs = try other.header.run(program.text)
        #expect(ours.count == program.questions)
        for (our, their) in zip(ours, theirs) where our != their {
            Issue.record("we say \(our), \(other.testDescription) says \(their)")
        }
        #expect(ours.count == theirs.count)
    }
}
