import CLibrary
import FuzzTargets

/// The target that the variable MARTLET_FUZZ names, or else the program's own name.
nonisolated(unsafe) private var target = FuzzTarget.tlv

/// Called by libFuzzer once.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafePointer<CChar>?>>
) -> CInt {
    let name = (getenv("MARTLET_FUZZ").map { UnsafePointer($0) } ?? arguments.pointee[0]).map { String(cString: $0) }
    guard let last = name?.split(separator: "/").last, let named = FuzzTarget(rawValue: String(last)) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        print("martlet-fuzz: set MARTLET_FUZZ to one of \(names), or name the program so")
        exit(64)
    }
    target = named
    return 0
}

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
