import CLibrary
import Foundation

/// The Debian whose programs a world runs: this machine's own, or that of the root which the variable MARTLET_ROOT names.
///
/// `.ci/root` makes roots, and `.ci/clients` runs the suites that drive clients with one. Everything in a world is the
/// root's then, pcscd too: a card service of one release and the library of another are no pair that anybody has. What a
/// test runs beside its world, such as OpenSSL as a judge, stays the machine's.
public enum Debian {
    /// The root's folder; nil where worlds run what the machine has.
    public static let root = Tool.inheritedEnvironment["MARTLET_ROOT"]

    /// The release, such as 12 or 13; 0 where this is no Debian.
    public static let release: Int = {
        let text = (try? String(contentsOfFile: inWorld("/etc/os-release"), encoding: .utf8)) ?? ""
        let id = text.contains(/(?m)^ID=debian$/) ? text.firstMatch(of: /(?m)^VERSION_ID="(\d+)"$/) : nil
        return id.flatMap { Int($0.output.1) } ?? 0
    }()

    /// Where this process finds a file that the programs of a world know by this path.
    public static func inWorld(_ path: String) -> String { (root ?? "") + path }

    /// The folders of this machine that a world in a root has too, at the same paths: those of the tests' files, of this
    /// package and its built programs, of what these are linked with, and of clients that are no packages of Debian's.
    static let sharedFolders: [String] = {
        let variables = Tool.inheritedEnvironment
        let files = [swiftRuntime, variables["MARTLET_MODULE"]].compactMap { $0 }.map { $0.removingPathComponents(1) }
        return ["/tmp", PackageRoot.path, PackageRoot.products] + files + [variables["MARTLET_YKMAN"]].compactMap { $0 }
    }()

    /// The library with Swift's runtime, where the programs that the tests' build made are linked with it.
    private static var swiftRuntime: String? {
        let libraries = try? Tool.run("ldd", PackageRoot.products + "/martlet-card").text
        return libraries?.firstMatch(of: /(\/\S+\/libswiftCore\.so)/).map { String($0.output.1) }
    }
}
