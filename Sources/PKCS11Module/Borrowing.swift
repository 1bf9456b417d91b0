import CPKCS11
import Cryptoki
import Platform

/// Runs a call on the library and turns its outcome into CK_RV. There is no thread that could wipe PINs when their time is
/// over, so each call does.
func call(_ body: (Library) throws(ReturnCode) -> Void) -> CK_RV {
    returning { () throws(ReturnCode) in
        let library = try Process.library()
        library.wipeExpiredPINs()
        try body(library)
    }
}

/// Runs a function of a session, whose handle is looked up once, before any other argument is looked at (PKCS#11 3.2,
/// section 5.1.7).
///
/// - Parameter operation: the flag of C_SessionCancel for the operation that the function goes on with. Arguments that
///   cannot be used end it, as every failure does but a buffer that is too small.
func call(
    _ session: CK_SESSION_HANDLE, endingOnBadArguments operation: CK_FLAGS = 0,
    _ body: (Session) throws(ReturnCode) -> Void
) -> CK_RV {
    call { (library) throws(ReturnCode) in
        let session = try library.session(session)
        do throws(ReturnCode) {
            try body(session)
        } catch {
            if error == .argumentsBad, operation != 0 { session.cancel(operation) }
            throw error
        }
    }
}

/// A function that begins an operation with a mechanism; without one it ends the operation that is active (PKCS#11
/// 3.0, section 5.8 to 5.14).
func begin(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ operation: CK_FLAGS,
    _ body: (Session, Mechanism) throws(ReturnCode) -> Void
) -> CK_RV {
    call(session) { (session) throws(ReturnCode) in
        guard let mechanism else { return session.cancel(operation) }
        try body(session, copyMechanism(mechanism.pointee))
    }
}

/// Turns the outcome of `body` into CK_RV.
func returning(_ body: () throws(ReturnCode) -> Void) -> CK_RV {
    do throws(ReturnCode) {
        try body()
        return CKR_OK
    } catch {
        return error.rawValue
    }
}

/// The answer of a function that the module does not have (yet): CKR_CRYPTOKI_NOT_INITIALIZED goes before
/// CKR_FUNCTION_NOT_SUPPORTED.
func unsupported() -> CK_RV { call { (_) throws(ReturnCode) in throw .functionNotSupported } }

/// The same for a function of a session, where CKR_SESSION_HANDLE_INVALID goes before it too.
func unsupported(_ session: CK_SESSION_HANDLE) -> CK_RV {
    call(session) { (_) throws(ReturnCode) in throw .functionNotSupported }
}

/// A pointer that must not be NULL, or CKR_ARGUMENTS_BAD.
func required<T>(_ pointer: UnsafeMutablePointer<T>?) throws(ReturnCode) -> UnsafeMutablePointer<T> {
    guard let pointer else { throw .argumentsBad }
    return pointer
}

/// More than an address space has room for.
let longestData: CK_ULONG = 1 << 47

/// Lends the bytes that the caller points at. NULL is good for no bytes only. A length that no buffer can have is
/// refused before it is used; what is compared before it is read may say that itself, and has no limit here.
func lending<R>(
    _ pointer: UnsafePointer<CK_BYTE>?, _ count: CK_ULONG, most: CK_ULONG = longestData,
    _ body: (RawSpan) throws(ReturnCode) -> R
) throws(ReturnCode) -> R {
    guard let size = Int(exactly: count), count <= most, pointer != nil || count == 0 else { throw .argumentsBad }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
    return try body(RawSpan(_unsafeBytes: bytes))
}

/// The same for a pointer that the C declaration has as writable.
func lending<R>(
    _ pointer: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG, most: CK_ULONG = longestData,
    _ body: (RawSpan) throws(ReturnCode) -> R
) throws(ReturnCode) -> R {
    try lending(UnsafePointer(pointer), count, most: most, body)
}

/// Lends a PIN; NULL stands for one that is typed on the reader's own keys.
func lendingPIN<R>(
    _ pointer: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG, _ body: (RawSpan?) throws(ReturnCode) -> R
) throws(ReturnCode) -> R {
    defer { VectorRegisters.clear() }
    return try lending(pointer, count) { (pin) throws(ReturnCode) in
        if pointer == nil { return try body(nil) }
        return try body(pin)
    }
}

/// A copy of the bytes that the caller points at.
func copy(_ pointer: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG) throws(ReturnCode) -> [UInt8] {
    try lending(pointer, count) { $0.withUnsafeBytes { [UInt8]($0) } }
}

/// Fills the caller's buffer by the convention of PKCS#11 3.2, section 5.2. `produce` learns how large the buffer is,
/// or nil where the caller only asks for the length.
func fill(
    _ buffer: UnsafeMutablePointer<CK_BYTE>?, _ length: UnsafeMutablePointer<CK_ULONG>?,
    _ produce: (Int?) throws(ReturnCode) -> Output
) throws(ReturnCode) {
    let length = try required(length)
    var output = try produce(buffer == nil ? nil : Int(clamping: length.pointee))
    defer { output.wipe() }
    try deliver(output, buffer, length)
}

/// Writes an answer into the caller's buffer. A function of its own: nothing else may hold the bytes when they are wiped.
private func deliver(
    _ output: Output, _ buffer: UnsafeMutablePointer<CK_BYTE>?, _ length: UnsafeMutablePointer<CK_ULONG>
) throws(ReturnCode) {
    switch output {
    case .length(let count):
        length.pointee = CK_ULONG(count)
    case .tooSmall(let count):
        length.pointee = CK_ULONG(count)
        throw .bufferTooSmall
    case .written(let count):
        length.pointee = CK_ULONG(count)
    case .bytes(let bytes), .plaintext(let bytes):
        length.pointee = CK_ULONG(bytes.count)
        buffer?.update(from: bytes, count: bytes.count)
    case .secret(let secret):
        length.pointee = CK_ULONG(secret.count)
        secret.withBytes { bytes in
            bytes.withUnsafeBytes { bytes in
                guard let buffer, let start = bytes.baseAddress else { return }
                UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: bytes.count)
            }
        }
    }
}

/// A function that puts data through an operation and fills a buffer with what comes out.
func transform(
    _ session: CK_SESSION_HANDLE, _ operation: CK_FLAGS, _ data: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG,
    _ buffer: UnsafeMutablePointer<CK_BYTE>?, _ length: UnsafeMutablePointer<CK_ULONG>?,
    _ produce: (Session, RawSpan, Int?, OutputBuffer?) throws(ReturnCode) -> Output
) -> CK_RV {
    call(session, endingOnBadArguments: operation) { (session) throws(ReturnCode) in
        try lending(data, count) { (data) throws(ReturnCode) in
            try fill(buffer, length) { (capacity) throws(ReturnCode) in
                let target = buffer.flatMap { OutputBuffer($0, count: capacity ?? 0, apartFrom: data) }
                return try produce(session, data, capacity, target)
            }
        }
    }
}

/// Writes a text into a field of fixed size, padded with blanks, cut between characters. It may come from a card or a
/// reader, and programs print it: no control character is left in it.
func pad<T>(_ field: inout T, _ text: String) {
    withUnsafeMutableBytes(of: &field) { bytes in
        bytes.initializeMemory(as: UInt8.self, repeating: 0x20)
        var position = 0
        // Nearly every text is plain ASCII, where each byte is a character, and is seen as it is.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            for byte in text.utf8.prefix(bytes.count) {
                bytes[position] = byte
                position += 1
            }
            return
        }
        for character in text.printable {
            let encoded = character.utf8
            guard position + encoded.count <= bytes.count else { return }
            for byte in encoded {
                bytes[position] = byte
                position += 1
            }
        }
    }
}

/// The most attributes of a template: more than there are types.
private let mostAttributes: CK_ULONG = 4096
/// The most bytes of an attribute's value that a caller may give.
private let longestAttribute: CK_ULONG = 1 << 20
/// The most bytes that the values of a template may have together: a caller may point many times at the same ones.
private let longestTemplate: CK_ULONG = 2 << 20

/// A template, where it stands. A count that no caller can mean is refused before anything is read.
func lendTemplate(
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG
) throws(ReturnCode) -> UnsafeMutableBufferPointer<CK_ATTRIBUTE> {
    guard count <= mostAttributes, template != nil || count == 0 else { throw .argumentsBad }
    return UnsafeMutableBufferPointer(start: template, count: Int(count))
}

/// Hands over the attributes of a template, copied. One may hold a key, so the copies are wiped afterwards.
func copyingTemplate<R>(
    _ template: UnsafeMutablePointer<CK_ATTRIBUTE>?, _ count: CK_ULONG,
    _ body: ([Attribute]) throws(ReturnCode) -> R
) throws(ReturnCode) -> R {
    var attributes: [Attribute] = []
    defer { for index in attributes.indices { attributes[index].wipe() } }
    var sum: CK_ULONG = 0
    for attribute in try lendTemplate(template, count) {
        let value = attribute.pValue?.assumingMemoryBound(to: CK_BYTE.self)
        guard attribute.ulValueLen <= longestAttribute, value != nil || attribute.ulValueLen == 0 else {
            throw .attributeValueInvalid
        }
        sum += attribute.ulValueLen
        guard sum <= longestTemplate else { throw .attributeValueInvalid }
        attributes.append(Attribute(attribute.type, try copy(value, attribute.ulValueLen)))
    }
    return try body(attributes)
}
