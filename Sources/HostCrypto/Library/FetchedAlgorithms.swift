import COpenSSL
import Synchronization

/// Ciphers and hash functions that libcrypto was asked for by name, which takes it longer than to compute with a short message.
/// They are few, and live as long as their context. No lock guards them, so that the child of a fork meets none: it finds those
/// of its parent's context, and passes over them.
enum FetchedAlgorithms {
    private struct Entry {
        let name: String
        let library: OpaquePointer
        let algorithm: OpaquePointer
        let next: UnsafePointer<Entry>?
    }

    /// The address of the newest entry.
    private static let newest = Atomic<UInt>(0)

    /// The cipher of that name.
    static func cipher(_ name: String) throws(HostCryptoError) -> OpaquePointer {
        let library = try LibraryContext.current()
        if let known = find(name, library) { return known }
        return try add(name, library, EVP_CIPHER_fetch(library, name, nil), step: "EVP_CIPHER_fetch")
    }

    /// The hash function of that name.
    static func digest(_ name: String) throws(HostCryptoError) -> OpaquePointer {
        let library = try LibraryContext.current()
        if let known = find(name, library) { return known }
        return try add(name, library, EVP_MD_fetch(library, name, nil), step: "EVP_MD_fetch")
    }

    private static func find(_ name: String, _ library: OpaquePointer) -> OpaquePointer? {
        var next = UnsafePointer<Entry>(bitPattern: newest.load(ordering: .acquiring))
        while let entry = next {
            if entry.pointee.library == library, entry.pointee.name == name { return entry.pointee.algorithm }
            next = entry.pointee.next
        }
        return nil
    }

    /// Two threads may add the same one.
    private static func add(
        _ name: String, _ library: OpaquePointer, _ algorithm: OpaquePointer?, step: String
    ) throws(HostCryptoError) -> OpaquePointer {
        guard let algorithm else { throw .libcrypto(step: step) }
        let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
        var known = newest.load(ordering: .acquiring)
        entry.initialize(
            to: Entry(name: name, library: library, algorithm: algorithm, next: UnsafePointer(bitPattern: known)))
        while true {
            let (won, found) = newest.compareExchange(
                expected: known, desired: UInt(bitPattern: entry), ordering: .acquiringAndReleasing)
            if won { return algorithm }
            known = found
            entry.pointee = Entry(
                name: name, library: library, algorithm: algorithm, next: UnsafePointer(bitPattern: known))
        }
    }
}
