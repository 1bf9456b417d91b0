import Foundation
import TestSupport

extension CardWorld {
    /// Gives the module, by a `.module` file in the system's folder, to each program of this world that uses p11-kit.
    /// - Parameter others: more modules, by their names in the system's folder of modules.
    func registerModule(beside others: [String] = []) throws {
        let folder = home.file("modules")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (index, module) in try ([BuiltModule.path()] + others).enumerated() {
            try home.write("module: \(module)\n", to: "modules/\(index).module", mode: 0o644)
        }
        try mount(folder, over: "/usr/share/p11-kit/modules")
    }
}
