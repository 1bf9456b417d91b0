import ArgumentParser
import HostCrypto
import Keys

/// A hash function, as people name it.
enum HashName: String, CaseIterable, ExpressibleByArgument {
    case sha256
    case sha384
    case sha512

    var digest: Digest {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }
}
