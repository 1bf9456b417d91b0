import Foundation
import TestSupport

extension CardWorld {
    /// Gives the module, by a `.module` file in the system's folder, to each program of this world that uses p11-kit.
    func registerModule() throws {
        let folder = home.file("modules")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try home.write("module: \(BuiltModule.path())\n", to: "modules/martlet.module", mode: 0o644)
        try mount(folder, over: "/usr/share/p11-kit/modules")
    }
}
