import Cryptoki

/// The functions of a session by its handle, as the border has them: it looks the handle up and calls the session.
extension Library {
    func deriveKey(
        _ handle: UInt, mechanism: Mechanism, baseKey: UInt, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        try session(handle).deriveKey(mechanism: mechanism, baseKey: baseKey, attributes)
    }

    func generateKey(_ handle: UInt, mechanism: Mechanism, _ attributes: [Attribute]) throws(ReturnCode) -> UInt {
        try session(handle).generateKey(mechanism: mechanism, attributes)
    }

    func generateKeyPair(
        _ handle: UInt, mechanism: Mechanism, publicKey publicAttributes: [Attribute],
        privateKey privateAttributes: [Attribute]
    ) throws(ReturnCode) -> (publicKey: UInt, privateKey: UInt) {
        try session(handle).generateKeyPair(
            mechanism: mechanism, publicKey: publicAttributes, privateKey: privateAttributes)
    }

    func wrapKey(
        _ handle: UInt, mechanism: Mechanism, wrappingKey: UInt, key: UInt, capacity: Int?
    ) throws(ReturnCode) -> Output {
        try session(handle).wrapKey(mechanism: mechanism, wrappingKey: wrappingKey, key: key, capacity: capacity)
    }

    func unwrapKey(
        _ handle: UInt, mechanism: Mechanism, unwrappingKey: UInt, wrapped: RawSpan, _ attributes: [Attribute]
    ) throws(ReturnCode) -> UInt {
        try session(handle).unwrapKey(mechanism: mechanism, unwrappingKey: unwrappingKey, wrapped: wrapped, attributes)
    }

    func create(_ handle: UInt, _ attributes: [Attribute]) throws(ReturnCode) -> UInt {
        try session(handle).create(attributes)
    }

    func copy(_ handle: UInt, object: UInt, _ attributes: [Attribute]) throws(ReturnCode) -> UInt {
        try session(handle).copy(object: object, attributes)
    }

    func findObjectsInit(_ handle: UInt, template: [Attribute]) throws(ReturnCode) {
        try session(handle).findObjectsInit(template: template)
    }

    func findObjects(_ handle: UInt, atMost count: Int) throws(ReturnCode) -> [UInt] {
        try session(handle).findObjects(atMost: count)
    }

    func findObjectsFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).findObjectsFinal() }

    func attributes(_ handle: UInt, of object: UInt, types: [AttributeType]) throws(ReturnCode) -> [AttributeAnswer] {
        try session(handle).attributes(of: object, types: types)
    }

    func objectSize(_ handle: UInt, of object: UInt) throws(ReturnCode) -> UInt {
        try session(handle).objectSize(of: object)
    }

    func setAttributes(_ handle: UInt, of object: UInt, _ attributes: [Attribute]) throws(ReturnCode) {
        try session(handle).setAttributes(of: object, attributes)
    }

    func destroy(_ handle: UInt, object: UInt) throws(ReturnCode) { try session(handle).destroy(object: object) }

    func decryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).decryptInit(mechanism: mechanism, key: key)
    }

    func decrypt(_ handle: UInt, ciphertext: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).decrypt(ciphertext: ciphertext, capacity: capacity)
    }

    func decryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).decryptUpdate(part: part, capacity: capacity)
    }

    func decryptFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).decryptFinal(capacity: capacity)
    }

    func digestInit(_ handle: UInt, mechanism: Mechanism) throws(ReturnCode) {
        try session(handle).digestInit(mechanism: mechanism)
    }

    func digest(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).digest(data: data, capacity: capacity)
    }

    func digestUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) { try session(handle).digestUpdate(part: part) }

    func digestKey(_ handle: UInt, key: UInt) throws(ReturnCode) { try session(handle).digestKey(key: key) }

    func digestFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).digestFinal(capacity: capacity)
    }

    func digestEncryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).digestEncryptUpdate(part: part, capacity: capacity)
    }

    func signEncryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).signEncryptUpdate(part: part, capacity: capacity)
    }

    func decryptDigestUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).decryptDigestUpdate(part: part, capacity: capacity)
    }

    func decryptVerifyUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).decryptVerifyUpdate(part: part, capacity: capacity)
    }

    func encryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).encryptInit(mechanism: mechanism, key: key)
    }

    func encrypt(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).encrypt(data: data, capacity: capacity)
    }

    func encryptUpdate(_ handle: UInt, part: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).encryptUpdate(part: part, capacity: capacity)
    }

    func encryptFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).encryptFinal(capacity: capacity)
    }

    func messageEncryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).messageEncryptInit(mechanism: mechanism, key: key)
    }

    func messageDecryptInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).messageDecryptInit(mechanism: mechanism, key: key)
    }

    func encryptMessage(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8], plaintext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> (Output, MessageResult?) {
        try session(handle).encryptMessage(parameters, authenticating: data, plaintext: plaintext, capacity: capacity)
    }

    func encryptMessageBegin(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) -> [UInt8] {
        try session(handle).encryptMessageBegin(parameters, authenticating: data)
    }

    func encryptMessageNext(
        _ handle: UInt, part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> (Output, [UInt8]?) {
        try session(handle).encryptMessageNext(part: part, capacity: capacity, flags: flags)
    }

    func decryptMessage(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8], ciphertext: RawSpan,
        capacity: Int?
    ) throws(ReturnCode) -> Output {
        try session(handle).decryptMessage(parameters, authenticating: data, ciphertext: ciphertext, capacity: capacity)
    }

    func decryptMessageBegin(
        _ handle: UInt, _ parameters: MessageParameters, authenticating data: [UInt8]
    ) throws(ReturnCode) {
        try session(handle).decryptMessageBegin(parameters, authenticating: data)
    }

    func decryptMessageNext(
        _ handle: UInt, _ parameters: MessageParameters, part: RawSpan, capacity: Int?, flags: UInt
    ) throws(ReturnCode) -> Output {
        try session(handle).decryptMessageNext(parameters, part: part, capacity: capacity, flags: flags)
    }

    func messageEncryptFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).messageEncryptFinal() }

    func messageDecryptFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).messageDecryptFinal() }

    func checkMessages(_ handle: UInt, _ operation: UInt) throws(ReturnCode) {
        try session(handle).checkMessages(operation)
    }

    func signRecoverInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).signRecoverInit(mechanism: mechanism, key: key)
    }

    func signRecover(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).signRecover(data: data, capacity: capacity)
    }

    func verifyRecoverInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).verifyRecoverInit(mechanism: mechanism, key: key)
    }

    func verifyRecover(_ handle: UInt, signature: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).verifyRecover(signature: signature, capacity: capacity)
    }

    func signInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).signInit(mechanism: mechanism, key: key)
    }

    func sign(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).sign(data: data, capacity: capacity)
    }

    func signUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) { try session(handle).signUpdate(part: part) }

    func signFinal(_ handle: UInt, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).signFinal(capacity: capacity)
    }

    func messageSignInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).messageSignInit(mechanism: mechanism, key: key)
    }

    func messageVerifyInit(_ handle: UInt, mechanism: Mechanism, key: UInt) throws(ReturnCode) {
        try session(handle).messageVerifyInit(mechanism: mechanism, key: key)
    }

    func signMessage(_ handle: UInt, data: RawSpan, capacity: Int?) throws(ReturnCode) -> Output {
        try session(handle).signMessage(data: data, capacity: capacity)
    }

    func signMessageBegin(_ handle: UInt) throws(ReturnCode) { try session(handle).signMessageBegin() }

    func signMessageNext(_ handle: UInt, part: RawSpan, capacity: Int?, isLast: Bool) throws(ReturnCode) -> Output {
        try session(handle).signMessageNext(part: part, capacity: capacity, isLast: isLast)
    }

    func verifyMessage(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try session(handle).verifyMessage(data: data, signature: signature)
    }

    func verifyMessageBegin(_ handle: UInt) throws(ReturnCode) { try session(handle).verifyMessageBegin() }

    func verifyMessageNext(_ handle: UInt, part: RawSpan, signature: RawSpan, isLast: Bool) throws(ReturnCode) {
        try session(handle).verifyMessageNext(part: part, signature: signature, isLast: isLast)
    }

    func messageSignFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).messageSignFinal() }

    func messageVerifyFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).messageVerifyFinal() }

    func verifyInit(_ handle: UInt, mechanism: Mechanism, key: UInt, signature: [UInt8]? = nil) throws(ReturnCode) {
        try session(handle).verifyInit(mechanism: mechanism, key: key, signature: signature)
    }

    func verify(_ handle: UInt, data: RawSpan, signature: RawSpan) throws(ReturnCode) {
        try session(handle).verify(data: data, signature: signature)
    }

    func verifyUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) { try session(handle).verifyUpdate(part: part) }

    func verifyFinal(_ handle: UInt, signature: RawSpan) throws(ReturnCode) {
        try session(handle).verifyFinal(signature: signature)
    }

    func verifySignature(_ handle: UInt, data: RawSpan) throws(ReturnCode) {
        try session(handle).verifySignature(data: data)
    }

    func verifySignatureUpdate(_ handle: UInt, part: RawSpan) throws(ReturnCode) {
        try session(handle).verifySignatureUpdate(part: part)
    }

    func verifySignatureFinal(_ handle: UInt) throws(ReturnCode) { try session(handle).verifySignatureFinal() }

    func login(_ handle: UInt, userType: UInt, pin: RawSpan?) throws(ReturnCode) {
        try session(handle).login(userType: userType, pin: pin)
    }

    func logout(_ handle: UInt) throws(ReturnCode) { try session(handle).logout() }

    func initializePIN(_ handle: UInt, to pin: RawSpan?) throws(ReturnCode) {
        try session(handle).initializePIN(to: pin)
    }

    func setPIN(_ handle: UInt, from old: RawSpan?, to new: RawSpan?) throws(ReturnCode) {
        try session(handle).setPIN(from: old, to: new)
    }

    func random(_ handle: UInt, count: Int) throws(ReturnCode) -> [UInt8] { try session(handle).random(count: count) }

    func closeSession(_ handle: UInt) throws(ReturnCode) { try session(handle).close() }

    func sessionInfo(_ handle: UInt) throws(ReturnCode) -> SessionInfo { try session(handle).information() }

    func cancelSession(_ handle: UInt, flags: UInt) throws(ReturnCode) { try session(handle).cancel(flags) }

    func saveOperationState(_ handle: UInt) throws(ReturnCode) { try session(handle).saveOperationState() }
}
