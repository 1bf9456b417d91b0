import CPKCS11
import Cryptoki
import HostCrypto
import Testing

/// The known attacks on keys that may be wrapped, and what the setting `key-roles` makes of them. Without it they work, for
/// the standard has it so; keys that may not be extracted stay in anyway.
@Suite struct KeyRoleTests {
    /// What the standard leaves open works: a case that does not would prove nothing of the setting.
    @Test(arguments: KeyRoleAttack.allCases) func worksByTheStandard(_ attack: KeyRoleAttack) throws {
        #expect(try KeyRoleProgram(.standard).run(attack) == KeyRoleProgram.secret)
    }

    @Test(arguments: KeyRoleAttack.allCases) func failsWithSeparateRoles(_ attack: KeyRoleAttack) throws {
        let program = try KeyRoleProgram(.separate)
        #expect(throws: ReturnCode.self) { try program.run(attack) }
    }

    /// What keys are for they are still for.
    @Test func rolesOfTheirOwnWork() throws {
        let program = try KeyRoleProgram(.separate)
        let wrapping = try program.generate(CKA_WRAP, CKA_UNWRAP)
        let back = try program.unwrap(
            program.wrap(program.secret, with: wrapping), with: wrapping,
            [.flag(CKA_SENSITIVE, true), .flag(CKA_ENCRYPT, true), .flag(CKA_DECRYPT, true)])
        let ecb = Mechanism(CKM_AES_ECB)
        try program.library.encryptInit(program.session, mechanism: ecb, key: back)
        let ciphertext = try program.library.encrypt(program.session, [UInt8](repeating: 1, count: 16)).content
        #expect(try program.decrypt(ciphertext, with: back, ecb) == [UInt8](repeating: 1, count: 16))
    }

    /// So do pairs in memory whose private half does nothing but unwrap; by PKCS#1 v1.5 it does not.
    @Test func pairsOfTheirOwnWork() throws {
        let program = try KeyRoleProgram(.separate)
        let sensitive: [Attribute] = [.flag(CKA_SENSITIVE, true)]
        let oaep = Mechanism(CKM_RSA_PKCS_OAEP, .oaep(OAEPFields(hash: CKM_SHA_1, mask: CKG_MGF1_SHA1)))
        let agreement = Mechanism(
            CKM_ECDH_AES_KEY_WRAP, .agreementKeyWrap(aesKeyBits: 128, function: CKD_SHA256_KDF, sharedData: []))
        let pair = try program.generatePair(for: CKA_UNWRAP)
        for (pair, mechanism) in [(pair, oaep), (try program.generateCurvePair(for: CKA_UNWRAP), agreement)] {
            let wrapped = try program.wrap(program.secret, with: pair.publicKey, mechanism)
            _ = try program.unwrap(wrapped, with: pair.privateKey, sensitive, mechanism)
        }
        let padded = Mechanism(CKM_RSA_PKCS)
        let wrapped = try program.wrap(program.secret, with: pair.publicKey, padded)
        #expect(throws: ReturnCode.mechanismInvalid) {
            try program.unwrap(wrapped, with: pair.privateKey, sensitive, padded)
        }
    }

    /// Templates of C_GenerateKey, and whether a key may be so.
    @Test(
        arguments: [
            ([CKA_WRAP, CKA_UNWRAP], true), ([CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_DERIVE], true),
            ([CKA_ENCRYPT, CKA_DECRYPT, CKA_EXTRACTABLE], true), ([CKA_WRAP, CKA_EXTRACTABLE], false),
            ([CKA_UNWRAP, CKA_EXTRACTABLE], false), ([CKA_WRAP, CKA_ENCRYPT], false), ([CKA_WRAP, CKA_DECRYPT], false),
            ([CKA_WRAP, CKA_SIGN], false), ([CKA_WRAP, CKA_VERIFY], false), ([CKA_WRAP, CKA_DERIVE], false),
            ([CKA_UNWRAP, CKA_ENCRYPT], false), ([CKA_UNWRAP, CKA_DECRYPT], false), ([CKA_UNWRAP, CKA_DERIVE], false),
        ])
    func rolesBesideEachOther(_ attributes: [AttributeType], _ isRight: Bool) throws {
        let program = try KeyRoleProgram(.separate)
        let flags: [Attribute] = attributes.map { .flag($0, true) }
        let expected = isRight ? nil : ReturnCode.templateInconsistent
        #expect(code { _ = try program.generate(more: flags + [.flag(CKA_SENSITIVE, true)]) } == expected)
        #expect(code { _ = try KeyRoleProgram(.standard).generate(more: flags) } == nil)
    }

    /// What does not wrap is not shown to wrap.
    @Test(arguments: [CKM_AES_ECB, CKM_AES_CBC, CKM_AES_CBC_PAD, CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PKCS7])
    func mechanismsTellWhetherTheyWrap(_ mechanism: UInt) throws {
        let wraps = CKF_WRAP | CKF_UNWRAP
        for roles in [KeyRoles.standard, .separate] {
            let program = try KeyRoleProgram(roles)
            let isShown = try program.library.mechanismInfo(mechanism, of: 0).flags & wraps == wraps
            let key = try program.generate(CKA_WRAP)
            let parameter: Mechanism.Parameter =
                [CKM_AES_CBC, CKM_AES_CBC_PAD].contains(mechanism) ? .bytes([UInt8](repeating: 0, count: 16)) : .none
            let outcome = code { _ = try program.wrap(program.secret, with: key, Mechanism(mechanism, parameter)) }
            #expect(outcome == (isShown ? nil : .mechanismInvalid))
        }
    }
}
