import Platform

extension [UInt8] {
    /// Cuts a secret, and overwrites what is cut off: the memory behind the last element is nobody's to wipe later.
    public mutating func truncate(to count: Int) {
        guard count >= 0, count < self.count else { return }
        for index in count..<self.count { self[index] = 0 }
        removeLast(self.count - count)
    }

    /// The same number with zeros before it, where it has fewer bytes.
    public func filled(to size: Int) -> [UInt8] { [UInt8](repeating: 0, count: Swift.max(0, size - count)) + self }
}
