import FuzzTargets
import Glibc

/// The target that the variable MARTLET_FUZZ names.
nonisolated(unsafe) private var target = FuzzTarget.tlv

/// Called by libFuzzer once.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer) -> CInt {
    guard let name = getenv("MARTLET_FUZZ").map({ String(cString: $0) }), let named = FuzzTarget(rawValue: name) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        print("martlet-fuzz: set MARTLET_FUZZ to one of \(names)")
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
