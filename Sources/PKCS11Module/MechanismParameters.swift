import CPKCS11
import Cryptoki

/// The most bytes of data that a parameter may point at: far more than any protocol has.
private let longestParameter: CK_ULONG = 1 << 24

/// A mechanism, copied with its parameter. What cannot be the mechanism's parameter becomes `unknown`, so that the
/// library can find out what else is wrong first.
func copyMechanism(_ mechanism: CK_MECHANISM) -> Mechanism {
    guard mechanism.ulParameterLen > 0 else { return Mechanism(mechanism.mechanism) }
    let parameter = copyParameter(
        mechanism.pParameter, mechanism.ulParameterLen, Mechanism.form(of: mechanism.mechanism))
    return Mechanism(mechanism.mechanism, parameter ?? .unknown)
}

/// A parameter of a certain form, or nil where this is none.
private func copyParameter(
    _ pointer: UnsafeMutableRawPointer?, _ size: CK_ULONG, _ form: ParameterForm
) -> Mechanism.Parameter? {
    guard let pointer else { return nil }
    switch form {
    case .none: return nil
    case .bytes(let most):
        guard size <= most else { return nil }
        return .bytes([UInt8](UnsafeRawBufferPointer(start: pointer, count: Int(size))))
    case .number: return load(CK_ULONG.self, pointer, size).map { .number($0) }
    case .edDSA: return load(CK_EDDSA_PARAMS.self, pointer, size).flatMap(copyEdDSA)
    case .counter: return load(CK_AES_CTR_PARAMS.self, pointer, size).map(copyCounter)
    case .gcm: return load(CK_GCM_PARAMS.self, pointer, size).flatMap(copyGCM)
    case .ccm: return load(CK_CCM_PARAMS.self, pointer, size).flatMap(copyCCM)
    case .stringData:
        return load(CK_KEY_DERIVATION_STRING_DATA.self, pointer, size).flatMap { data in
            bytes(data.pData, data.ulLen).map { .bytes($0) }
        }
    case .hkdf: return load(CK_HKDF_PARAMS.self, pointer, size).flatMap(copyHKDF)
    case .agreement: return load(CK_ECDH1_DERIVE_PARAMS.self, pointer, size).flatMap(copyAgreement)
    case .agreementKeyWrap:
        return load(CK_ECDH_AES_KEY_WRAP_PARAMS.self, pointer, size).flatMap { fields in
            bytes(fields.pSharedData, fields.ulSharedDataLen).map {
                .agreementKeyWrap(aesKeyBits: fields.ulAESKeyBits, function: fields.kdf, sharedData: $0)
            }
        }
    case .pss:
        return load(CK_RSA_PKCS_PSS_PARAMS.self, pointer, size).map { fields in
            .pss(PSSFields(hash: fields.hashAlg, mask: fields.mgf, saltSize: fields.sLen))
        }
    case .oaep: return load(CK_RSA_PKCS_OAEP_PARAMS.self, pointer, size).flatMap(copyOAEP).map { .oaep($0) }
    case .rsaAESKeyWrap:
        guard let fields = load(CK_RSA_AES_KEY_WRAP_PARAMS.self, pointer, size) else { return nil }
        return fields.pOAEPParams.map { UnsafeRawPointer($0).loadUnaligned(as: CK_RSA_PKCS_OAEP_PARAMS.self) }
            .flatMap(copyOAEP).map {
                .rsaAESKeyWrap(aesKeyBits: fields.ulAESKeyBits, $0)
            }
    }
}

private func copyOAEP(_ fields: CK_RSA_PKCS_OAEP_PARAMS) -> OAEPFields? {
    let label = bytes(fields.pSourceData?.assumingMemoryBound(to: CK_BYTE.self), fields.ulSourceDataLen)
    return label.map { OAEPFields(hash: fields.hashAlg, mask: fields.mgf, source: fields.source, label: $0) }
}

private func copyEdDSA(_ parameters: CK_EDDSA_PARAMS) -> Mechanism.Parameter? {
    // RFC 8032, section 5.1: a context has at most 255 bytes.
    guard let context = bytes(parameters.pContextData, parameters.ulContextDataLen, most: 255) else { return nil }
    return .edDSA(preHashed: parameters.phFlag != 0, context: context)
}

private func copyCounter(_ parameters: CK_AES_CTR_PARAMS) -> Mechanism.Parameter {
    let block = withUnsafeBytes(of: parameters.cb) { [UInt8]($0) }
    return .counter(CounterParameters(bits: Int(clamping: parameters.ulCounterBits), block: block))
}

private func copyGCM(_ parameters: CK_GCM_PARAMS) -> Mechanism.Parameter? {
    guard let iv = bytes(parameters.pIv, parameters.ulIvLen, most: 1 << 16),
        let data = bytes(parameters.pAAD, parameters.ulAADLen)
    else { return nil }
    return .gcm(GCMParameters(iv: iv, authenticating: data, tagBits: Int(clamping: parameters.ulTagBits)))
}

private func copyCCM(_ parameters: CK_CCM_PARAMS) -> Mechanism.Parameter? {
    guard let nonce = bytes(parameters.pNonce, parameters.ulNonceLen, most: 1 << 16),
        let data = bytes(parameters.pAAD, parameters.ulAADLen)
    else { return nil }
    return .ccm(
        CCMParameters(
            dataCount: Int(clamping: parameters.ulDataLen), nonce: nonce, authenticating: data,
            tagSize: Int(clamping: parameters.ulMACLen)))
}

private func copyHKDF(_ parameters: CK_HKDF_PARAMS) -> Mechanism.Parameter? {
    let (extracts, expands) = (parameters.bExtract != 0, parameters.bExpand != 0)
    let salt: HKDFParameters.Salt
    // What is not used is not looked at (PKCS#11 3.2, section 6.62.3).
    switch extracts ? parameters.ulSaltType : CKF_HKDF_SALT_NULL {
    case CKF_HKDF_SALT_NULL: salt = .none
    case CKF_HKDF_SALT_DATA:
        guard let data = bytes(parameters.pSalt, parameters.ulSaltLen) else { return nil }
        salt = .data(data)
    case CKF_HKDF_SALT_KEY: salt = .key(parameters.hSaltKey)
    default: return nil
    }
    guard let info = expands ? bytes(parameters.pInfo, parameters.ulInfoLen) : [] else { return nil }
    return .hkdf(
        HKDFParameters(
            extracts: extracts, expands: expands, hash: parameters.prfHashMechanism, salt: salt, info: info))
}

private func copyAgreement(_ parameters: CK_ECDH1_DERIVE_PARAMS) -> Mechanism.Parameter? {
    guard let sharedData = bytes(parameters.pSharedData, parameters.ulSharedDataLen),
        // No point is that long.
        let publicData = bytes(parameters.pPublicData, parameters.ulPublicDataLen, most: 512), !publicData.isEmpty
    else { return nil }
    return .agreement(
        AgreementParameters(function: parameters.kdf, sharedData: sharedData, publicData: publicData))
}

/// A structure that stands in memory, where its size is right.
private func load<T: BitwiseCopyable>(_: T.Type, _ pointer: UnsafeMutableRawPointer, _ size: CK_ULONG) -> T? {
    guard size == CK_ULONG(MemoryLayout<T>.size) else { return nil }
    return pointer.loadUnaligned(as: T.self)
}

/// A copy of what a field points at, or nil where it cannot point at that.
private func bytes(
    _ pointer: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG, most: CK_ULONG = longestParameter
) -> [UInt8]? {
    guard count <= most, pointer != nil || count == 0 else { return nil }
    return [UInt8](UnsafeBufferPointer(start: pointer, count: Int(count)))
}

/// A function that begins a series of messages. Its mechanism may carry the parameters of a message, which are read with
/// each message and not here.
func beginMessages(
    _ session: CK_SESSION_HANDLE, _ mechanism: UnsafeMutablePointer<CK_MECHANISM>?, _ operation: CK_FLAGS,
    _ body: (Session, Mechanism) throws(ReturnCode) -> Void
) -> CK_RV {
    call(session) { (session) throws(ReturnCode) in
        guard let mechanism = mechanism?.pointee else { return session.cancel(operation) }
        let isFitting = [0, CK_ULONG(MemoryLayout<CK_GCM_MESSAGE_PARAMS>.size)].contains(mechanism.ulParameterLen)
        try body(session, Mechanism(mechanism.mechanism, isFitting ? .none : .unknown))
    }
}

/// A function that goes on with a series of messages.
///
/// - Parameter goesOn: whether it goes on with a message, which then ends with every error but a buffer that is too small.
func continueMessages(
    _ session: CK_SESSION_HANDLE, _ operation: CK_FLAGS, goesOn: Bool = false,
    _ body: (Session) throws(ReturnCode) -> Void
) -> CK_RV {
    call(session) { (session) throws(ReturnCode) in
        try session.checkMessages(operation)
        do throws(ReturnCode) {
            try body(session)
        } catch {
            if goesOn, error != .bufferTooSmall { session.abandonMessage(operation) }
            throw error
        }
    }
}

/// The fields of a message's parameters.
func messageFields(_ pointer: CK_VOID_PTR?, _ size: CK_ULONG) throws(ReturnCode) -> CK_GCM_MESSAGE_PARAMS {
    guard let pointer else { throw .argumentsBad }
    guard let fields = load(CK_GCM_MESSAGE_PARAMS.self, pointer, size) else { throw .mechanismParameterInvalid }
    return fields
}

/// What a function does with the tag of a message: it comes with the last part (PKCS#11 3.2, section 6.13.2).
enum MessageTag {
    /// The caller gives it.
    case given
    /// The caller has room for it.
    case wanted
    /// Nothing: it is for a later part, or the caller asks for a length.
    case unused
}

/// A message's parameters, copied.
func copyMessage(_ fields: CK_GCM_MESSAGE_PARAMS, _ tag: MessageTag) throws(ReturnCode) -> MessageParameters {
    guard fields.ulTagBits <= 128, let iv = bytes(fields.pIv, fields.ulIvLen, most: 1 << 16),
        tag == .unused || fields.pTag != nil, let tag = bytes(fields.pTag, tag == .given ? fields.ulTagBits / 8 : 0)
    else { throw .mechanismParameterInvalid }
    return MessageParameters(
        iv: iv, fixedBits: Int(clamping: fields.ulIvFixedBits), generator: fields.ivGenerator, tag: tag,
        tagBits: Int(clamping: fields.ulTagBits))
}

/// A copy of the data that is authenticated with a message.
func copyAssociated(_ pointer: UnsafeMutablePointer<CK_BYTE>?, _ count: CK_ULONG) throws(ReturnCode) -> [UInt8] {
    guard let data = bytes(pointer, count) else { throw .argumentsBad }
    return data
}
