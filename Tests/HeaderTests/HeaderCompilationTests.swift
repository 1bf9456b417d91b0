import Foundation
import TestSupport
import Testing

/// Whoever copies `include/` gets a header that any C or C++ compiler takes without a word.
@Suite struct HeaderCompilationTests {
    @Test(arguments: [
        ["cc", "-x", "c", "-std=c99"], ["cc", "-x", "c", "-std=c17"],
        ["c++", "-x", "c++", "-std=c++98"], ["c++", "-x", "c++", "-std=c++20"],
        ["clang", "-x", "c", "-std=c99"], ["clang", "-x", "c++", "-std=c++20"],
    ])
    func `a copy compiles without warnings`(compiler: [String]) throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: PackageRoot.path + "/include", toPath: folder.file("include"))
        let source =
            "#include \"pkcs11.h\"\nCK_RV (*sign)(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, "
            + "CK_ULONG_PTR) = C_Sign;\n"
        let command =
            compiler + [
                "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I" + folder.file("include"), "-",
            ]
        try Tool.run(command, environment: Tool.inheritedEnvironment, input: [UInt8](source.utf8)).checked()
    }

    @Test func `every header compiles by itself`() throws {
        let folder = PackageRoot.path + "/include/pkcs11"
        let headers = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".h") }
        #expect(headers.count >= 10)
        let overview = try String(contentsOfFile: PackageRoot.path + "/include/pkcs11.h", encoding: .utf8)
        for header in headers {
            #expect(overview.contains("#include \"pkcs11/\(header)\""))
            try Tool.run(
                "cc", "-x", "c", "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only",
                folder + "/" + header
            ).checked()
        }
    }

    /// Swift imports a macro as a number only if it is a literal; the one exception is a `~` before it.
    @Test func `every constant is an unsigned long`() throws {
        let names = try Declarations(of: .ours).constants.sorted()
        let questions = names.map {
            "printf(\"\($0) %d\\n\", _Generic((\($0)), unsigned long: 1, default: 0));"
        }
        let answers = try CHeader.ours.run(Program(questions).text)
        #expect(answers == names.map { $0 + " 1" })
    }
}
