import TestSupport

/// A header of PKCS #11: ours, or somebody else's to compare it with. Two of them cannot be included in one program.
struct CHeader: Sendable {
    /// Whose header it is.
    let name: String
    /// What a program writes to get it.
    let prologue: String
    /// The folders in which the compiler looks for it.
    let folders: [String]

    /// The one under test.
    static let ours = CHeader(
        name: "Martlet", prologue: "#include \"pkcs11.h\"\n", folders: [PackageRoot.path + "/include"])

    private var flags: [String] { folders.map { "-I" + $0 } }

    /// What the preprocessor makes of the header.
    /// - Parameter options: the preprocessor's options, such as `-dM` for all macros.
    /// - Throws: `ToolFailure` if the header does not get through.
    func preprocessed(_ options: String...) throws -> String {
        let command = ["cc", "-E"] + options + flags + ["-x", "c", "-"]
        return try Tool.run(command, input: [UInt8](prologue.utf8)).checked().text
    }

    /// Compiles a C program that includes this header first, and runs it.
    /// - Returns: the lines that it prints.
    /// - Throws: `ToolFailure` if it does not compile without warnings, or fails.
    func run(_ program: String) throws -> [String] {
        let folder = try TemporaryDirectory()
        let source = try folder.write(prologue + program, to: "program.c")
        try Tool.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", folder.file("program"), source] + flags)
            .checked()
        return try Tool.run([folder.file("program")]).checked().lines
    }
}
