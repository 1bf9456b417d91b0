import CLibrary
import CPlatform

/// Pages of memory for one secret: locked into memory where the limits allow it, left out of core dumps, and wiped at the
/// end. The child of a fork has none of it.
public struct SecretPages: ~Copyable, @unchecked Sendable {
    private let pages: UnsafeMutableRawBufferPointer
    /// One byte in pages that are wiped on fork, which is not zero as long as this process is the one that made them.
    private let mark: UnsafeMutableRawBufferPointer
    /// How many bytes of the pages the mark takes, where it lies in them.
    private let offset: Int

    /// Where the pages come from.
    public enum Kind: Sendable {
        /// Memory of this process.
        case ordinary
        /// Memory that the kernel hides from itself too, and so from every debugger (memfd_secret(2)), where the kernel has
        /// that and the limits allow it; else ordinary. As long as there is any, Linux does not hibernate.
        case hidden
    }

    /// Pages for so many bytes, all zero; nil where the system gives none.
    public init?(count: Int, _ kind: Kind = .ordinary) {
        if kind == .hidden, let mark = Self.ordinary(1) {
            if let pages = Self.hidden(count) {
                mark[0] = 1
                (self.pages, self.mark, offset) = (pages, mark, 0)
                return
            }
            munmap(mark.baseAddress, mark.count)
        }
        let offset = 16
        guard let pages = Self.ordinary(offset + count) else { return nil }
        pages[0] = 1
        (self.pages, mark, self.offset) = (pages, pages, offset)
    }

    deinit {
        // The child of a fork has no hidden pages; in their place may be others.
        if isOwn {
            if let base = pages.baseAddress { explicit_bzero(base, pages.count) }
            munmap(pages.baseAddress, pages.count)
            if mark.baseAddress == pages.baseAddress { return }
        }
        munmap(mark.baseAddress, mark.count)
    }

    /// Whether this process made the pages; false in the child of a fork, which must not touch them.
    public var isOwn: Bool { mark[0] != 0 }

    /// The first bytes of the pages. Only where they are this process's own.
    public var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: pages[offset...]) }

    private static func rounded(_ count: Int) -> Int {
        let pageSize = max(sysconf(Int32(_SC_PAGESIZE)), 4096)
        return (count + pageSize - 1) / pageSize * pageSize
    }

    private static func ordinary(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        let size = rounded(count)
        guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            base != MAP_FAILED
        else { return nil }
        // Each of these may be refused, by limits or by an older kernel; the secret is then kept as well as can be.
        _ = mlock(base, size)
        _ = madvise(base, size, MADV_DONTDUMP)
        _ = madvise(base, size, MADV_WIPEONFORK)
        return UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    private static func hidden(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        let descriptor = martlet_memfd_secret(UInt32(O_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = max(rounded(count), rounded(1))
        guard ftruncate(descriptor, off_t(size)) == 0,
            let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { return nil }
        // It is shared memory, which a child would see, and wipe in its parent.
        guard madvise(base, size, MADV_DONTFORK) == 0, isThere(base, size) else {
            munmap(base, size)
            return nil
        }
        return UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    /// Has the kernel write to each page. Where it has no page left, the call returns an error; a write of the process
    /// itself would end in a signal (SIGBUS).
    private static func isThere(_ base: UnsafeMutableRawPointer, _ size: Int) -> Bool {
        for offset in stride(from: 0, to: size, by: 4096) where getrandom(base + offset, 1, 0) != 1 { return false }
        memset(base, 0, size)
        return true
    }
}
