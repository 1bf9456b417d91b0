import TestSupport
import Testing

/// The tables of Sources/CFunctionList, in a program whose functions do nothing: what stands where.
@Suite struct FunctionListTests {
    /// C_GetAttributeValue of 3.2 has points in another form (`InterfaceTests`).
    private static let attributes32 = "martlet_get_attribute_value_3_2"
    private static let folder = PackageRoot.path + "/Sources/CFunctionList"

    /// The program: a stub for every function, then the questions, linked with the tables.
    private func answers(to questions: [String]) throws -> [String] {
        let prototypes = try Declarations(of: .ours).prototypes
        #expect(prototypes.count == 104)
        let stubs = (prototypes.keys.sorted() + [Self.attributes32]).map { name in
            "extern CK_RV stub_\(name)(void) __asm__(\"\(name)\"); CK_RV stub_\(name)(void) { return 0; }"
        }
        let folder = try TemporaryDirectory()
        let stubSource = try folder.write(
            CHeader.ours.prologue + stubs.joined(separator: "\n") + "\n", to: "stubs.c")
        let source = try folder.write(
            "#include \"CFunctionList.h\"\n#include <string.h>\n" + Program(questions).text, to: "questions.c")
        try Tool.run(
            [
                "cc", "-Wall", "-Wextra", "-Werror", "-I" + PackageRoot.path + "/include",
                "-I" + FunctionListTests.folder + "/include", "-o", folder.file("program"), source, stubSource,
                FunctionListTests.folder + "/functions.c",
            ]
        ).checked()
        return try Tool.run([folder.file("program")]).checked().lines
    }

    @Test(arguments: [
        ("CK_FUNCTION_LIST", "martlet_function_list()", 68),
        ("CK_FUNCTION_LIST", "martlet_interface(2)->pFunctionList", 68),
        ("CK_FUNCTION_LIST_3_0", "martlet_interface(1)->pFunctionList", 92),
        ("CK_FUNCTION_LIST_3_2", "martlet_interface(0)->pFunctionList", 104),
    ])
    func `every entry of a list is the function of its name`(list: String, accessor: String, count: Int) throws {
        let fields = try #require(Declarations(of: .ours).structures[list])
        let functions = fields.filter { $0 != "version" }
        #expect(functions.count == count)
        let questions = functions.map {
            let own = list == "CK_FUNCTION_LIST_3_2" && $0 == "C_GetAttributeValue" ? Self.attributes32 : $0
            return "printf(\"\($0) %d\\n\", ((const \(list) *) \(accessor))->\($0) == \(own));"
        }
        #expect(try answers(to: questions) == functions.map { $0 + " 1" })
    }

    @Test func `the interfaces are 3.2, 3.0 and 2.40`() throws {
        let questions = (0..<4).map { index in
            """
            { CK_INTERFACE_PTR i = martlet_interface(\(index));
              if (i == NULL) puts("none"); else printf("%s %d.%d %#lx\\n", (char *) i->pInterfaceName,
                  martlet_interface_version(i).major, martlet_interface_version(i).minor, i->flags); }
            """
        }
        #expect(try answers(to: questions) == ["PKCS 11 3.2 0", "PKCS 11 3.0 0", "PKCS 11 2.40 0", "none"])
        let more = [
            "printf(\"%lu\\n\", martlet_interface_count());",
            "printf(\"%d.%d\\n\", martlet_function_list()->version.major, martlet_function_list()->version.minor);",
            "printf(\"%d\\n\", martlet_interface(~0UL) == NULL);",
        ]
        #expect(try answers(to: more) == ["3", "2.40", "1"])
    }
}
