import COpenSSL

extension [UInt8] {
    /// Overwrites a secret and empties the array. Other copies of it are not reached.
    mutating func cleanse() {
        withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        removeAll(keepingCapacity: false)
    }
}
