import Foundation
import Platform

/// Small C programs that the tests compile for themselves.
public enum CDriver {
    private static let compiled = Guarded<[String: String]>([:])

    /// Compiles a C source with the system's `cc`, once per test run; see `Sanitizer` for the exception.
    /// - Parameters:
    ///   - source: the absolute path of the C file.
    ///   - flags: more flags, such as include folders and libraries; they follow the source.
    /// - Returns: the program's path.
    /// - Throws: `ToolFailure` with the compiler's messages.
    public static func build(_ source: String, flags: [String] = []) throws -> String {
        try compiled.withLock { programs in
            if let program = programs[source] { return program }
            let folder = PackageRoot.products + "/test-drivers"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let program = folder + "/" + URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
            // A driver of an earlier run may still be open somewhere, so the new one takes its name only when whole.
            let unfinished = program + ".\(getpid())"
            try Tool.run(
                Sanitizer.compiler() + ["-std=gnu11", "-Wall", "-Werror", "-O1", "-o", unfinished, source] + flags
            ).checked()
            guard rename(unfinished, program) == 0 else { throw ToolFailure("no file \(program)") }
            programs[source] = program
            return program
        }
    }

    /// The flags by which a C program is compiled and linked with a library that pkg-config knows.
    /// - Throws: `ToolFailure` if the library's development files are not installed.
    public static func flags(ofPackage package: String) throws -> [String] {
        try Tool.run("pkg-config", "--cflags", "--libs", package).checked().text
            .split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
