import Foundation
import TestSupport

/// A test of `pkcs11-check` that the module may fail, and why: a line of `justified-failures.txt`.
struct JustifiedFailure: Sendable, Hashable {
    let test: String
    let reason: String

    /// The list, which says at its top what may stand in it.
    static let all = Result {
        let file = PackageRoot.path + "/Tests/ModuleTests/Conformance/justified-failures.txt"
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { line in
                let parts = line.components(separatedBy: " | ")
                guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
                    throw ToolFailure("no test and reason in the line: \(line)")
                }
                return JustifiedFailure(test: parts[0], reason: parts[1])
            }
    }
}
