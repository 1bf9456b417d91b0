import CPKCS11
import PKCS11Provider

extension ProviderSession {
    /// C_Login with a PIN that a person has typed.
    func login(_ user: CK_USER_TYPE, _ pin: TypedPIN) throws(ProviderError) {
        try pin.withBytes { (bytes) throws(ProviderError) in try login(user, bytes) }
    }
}
