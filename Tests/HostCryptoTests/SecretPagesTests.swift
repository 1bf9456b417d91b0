import CLibrary
import Foundation
import Platform
import Testing

/// Pages for secrets: what the system does with them, and what the child of a fork has of them.
@Suite(.serialized) struct SecretPagesTests {
    private static let kinds: [SecretPages.Kind] = [.ordinary, .hidden]

    /// memfd_secret(2): the kernel has it, and lets this process use it.
    private static let hasHidden: Bool = {
        guard let call = dlsym(nil, "syscall") else { return false }
        typealias Call = @convention(c) (Int, UInt) -> Int
        let descriptor = unsafeBitCast(call, to: Call.self)(447, UInt(O_CLOEXEC))
        if descriptor >= 0 { close(Int32(descriptor)) }
        return descriptor >= 0
    }()

    private static func address(_ pages: borrowing SecretPages) -> UInt { UInt(bitPattern: pages.bytes.baseAddress) }

    @Test(arguments: kinds, [1, 4096, 10_000]) func newPagesAreZeroAndWritable(_ kind: SecretPages.Kind, _ count: Int)
        throws
    {
        let pages = SecretPages(count: count, kind)
        let isThere = pages != nil
        try #require(isThere)
        guard let pages else { return }
        let bytes = pages.bytes
        #expect(bytes.count >= count)
        let areZero = bytes.allSatisfy { $0 == 0 }
        #expect(areZero)
        for index in 0..<count { bytes[index] = 0xA5 }
        let areKept = bytes.prefix(count).allSatisfy { $0 == 0xA5 }
        #expect(areKept)
    }

    @Test func memfdSecretPagesAreHiddenFromTheKernel() throws {
        guard let pages = SecretPages(count: 8, .hidden) else { return #expect(Bool(false)) }
        let mapping = try #require(try Mapping(at: Self.address(pages)))
        // dd: in no core dump; dc: the child of a fork has no such mapping.
        #expect(mapping.flags.contains("dd"))
        #expect(mapping.title.contains("secretmem") == Self.hasHidden)
        #expect(mapping.flags.contains("dc") == Self.hasHidden)
        guard Self.hasHidden else { return }
        // The kernel does not read them for anybody.
        let memory = try #require(FileHandle(forReadingAtPath: "/proc/self/mem"))
        var byte: UInt8 = 0
        let count = pread(memory.fileDescriptor, &byte, 1, off_t(Self.address(pages)))
        #expect(count == -1)
    }

    @Test(arguments: kinds) func pagesAreUnmapped(_ kind: SecretPages.Kind) throws {
        var address: UInt = 0
        do {
            guard let pages = SecretPages(count: 8, kind) else { return #expect(Bool(false)) }
            address = Self.address(pages)
            #expect(try Mapping(at: address) != nil)
        }
        #expect(try Mapping(at: address)?.title.contains("secretmem") != true)
    }

    /// A child has nothing of the secret, and what it does with its copy of the object leaves the parent's alone.
    @Test(arguments: kinds) func aChildHasNone(_ kind: SecretPages.Kind) throws {
        typealias Fork = @convention(c) () -> pid_t
        let fork = unsafeBitCast(try #require(dlsym(nil, "fork")), to: Fork.self)
        var pages: SecretPages? = SecretPages(count: 8, kind)
        guard pages != nil else { return #expect(Bool(false)) }
        Self.fill(&pages)
        let child = fork()
        if child == 0 {
            let isOwn = Self.isOwn(pages)
            pages = nil
            _exit(isOwn ? 1 : 0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        #expect(status == 0)
        let isKept = Self.isKept(pages)
        #expect(isKept)
    }

    private static func fill(_ pages: inout SecretPages?) {
        switch pages {
        case .some(let pages): for index in 0..<8 { pages.bytes[index] = 0x5A }
        case nil: break
        }
    }

    private static func isOwn(_ pages: borrowing SecretPages?) -> Bool {
        switch pages {
        case .some(let pages): pages.isOwn
        case nil: false
        }
    }

    private static func isKept(_ pages: borrowing SecretPages?) -> Bool {
        switch pages {
        case .some(let pages): pages.isOwn && pages.bytes.prefix(8).allSatisfy { $0 == 0x5A }
        case nil: false
        }
    }
}
