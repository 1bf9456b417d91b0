import CPKCS11

/// An object that stands for a fact of the module and not for something on the card (PKCS#11 3.2, sections 4.13 and
/// 4.14).
struct InformationObject {
    enum Fact: Hashable {
        /// CKO_PROFILE: a profile of the standard that the module keeps to (PKCS#11 Profiles 3.2).
        case profile(UInt)
        /// CKO_MECHANISM: a mechanism that the module has for the token.
        case mechanism(UInt)
    }

    let slot: Slot
    let fact: Fact

    /// The facts that a search without further conditions may show: all but the mechanisms, which are shown only to who
    /// asks for the class.
    static let always = [CKP_BASELINE_PROVIDER, CKP_AUTHENTICATION_TOKEN, CKP_PUBLIC_CERTIFICATES_TOKEN]
        .map { Fact.profile($0) }

    var objectClass: UInt {
        switch fact {
        case .profile: CKO_PROFILE
        case .mechanism: CKO_MECHANISM
        }
    }

    func attribute(_ type: AttributeType) -> AttributeAnswer {
        switch (type, fact) {
        case (CKA_CLASS, _): .number(objectClass)
        case (CKA_TOKEN, _): .flag(true)
        case (CKA_PRIVATE, _), (CKA_MODIFIABLE, _), (CKA_COPYABLE, _), (CKA_DESTROYABLE, _): .flag(false)
        case (CKA_PROFILE_ID, .profile(let number)): .number(number)
        case (CKA_MECHANISM_TYPE, .mechanism(let number)): .number(number)
        case (CKA_UNIQUE_ID, .profile(let number)): .text("profile-\(number)")
        case (CKA_UNIQUE_ID, .mechanism(let number)): .text("mechanism-\(number)")
        default: .absent
        }
    }
}
