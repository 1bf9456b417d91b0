/// A signature in the making.
struct SigningOperation {
    var input: SignatureInput
    var key: KeyUse
}
