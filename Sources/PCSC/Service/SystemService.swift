import CLibrary
import CPCSC
import Platform

/// The PC/SC API of libpcsclite.
///
/// Values are checked here, so that nothing that pcscd or a driver answers can trap in the rooms above.
struct SystemService: PCSCService {
    var makesThreads = true

    func establishContext() throws(SCardCode) -> ContextHandle {
        // libpcsclite 1.9 connects to the socket that its user names even in a setuid program.
        guard !Environment.hasUntrusted("PCSCLITE_CSOCK_NAME") else { throw .noService }
        var context: SCARDCONTEXT = 0
        try check(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &context))
        return ContextHandle(rawValue: context)
    }

    func releaseContext(_ context: ContextHandle) {
        SCardReleaseContext(context.rawValue)
    }

    func listReaders(_ context: ContextHandle) throws(SCardCode) -> [ReaderName] {
        // Room for all that pcscd can hold. The list may grow between two calls, so the size it asks for may be
        // too small again.
        var capacity = Int(PCSCLITE_MAX_READERS_CONTEXTS) * (Int(MAX_READERNAME) + 1) + 1
        for _ in 0..<4 {
            var status = SCardCode.success
            var length = DWORD(capacity)
            let multiString = [CChar](unsafeUninitializedCapacity: capacity) { buffer, count in
                status = SCardCode(SCardListReaders(context.rawValue, nil, buffer.baseAddress, &length))
                count = status == .success ? min(Int(clamping: length), capacity) : 0
            }
            switch status {
            case .success: return ReaderName.split(multiString: multiString.lazy.map { UInt8(bitPattern: $0) })
            case .noReadersAvailable: return []
            case .insufficientBuffer: capacity = min(max(capacity * 2, Int(clamping: length)), 1 << 20)
            default: throw status
            }
        }
        throw .insufficientBuffer
    }

    func getStatusChange(
        _ context: ContextHandle, timeout: UInt32, _ states: inout [ReaderState]
    ) throws(SCardCode) {
        // All names in one array, so that one pointer keeps them all alive.
        var names: [CChar] = []
        var offsets: [Int] = []
        for state in states {
            offsets.append(names.count)
            names += state.name.bytes.lazy.map { CChar(bitPattern: $0) }
            names.append(0)
        }
        var raw = states.map { state in
            var entry = SCARD_READERSTATE()
            entry.dwCurrentState = DWORD(state.current)
            return entry
        }
        let code = names.withUnsafeBufferPointer { names in
            for index in raw.indices { raw[index].szReader = names.baseAddress.map { $0 + offsets[index] } }
            return SCardGetStatusChange(context.rawValue, DWORD(timeout), &raw, DWORD(raw.count))
        }
        try check(code)
        for index in raw.indices {
            states[index].event = UInt32(truncatingIfNeeded: raw[index].dwEventState)
            let length = min(Int(clamping: raw[index].cbAtr), Int(MAX_ATR_SIZE))
            states[index].answerToReset = withUnsafeBytes(of: raw[index].rgbAtr) { Array($0.prefix(length)) }
        }
    }

    func cancel(_ context: ContextHandle) {
        SCardCancel(context.rawValue)
    }

    func markWork(on reader: ReaderName) -> (any Sendable)? { WorkMark(reader) }

    func isMarked(_ reader: ReaderName) -> Bool { WorkMark.isSet(reader) }

    func sleep(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }

    /// Throws every code but success.
    func check(_ code: LONG) throws(SCardCode) {
        let status = SCardCode(code)
        guard status == .success else { throw status }
    }
}
