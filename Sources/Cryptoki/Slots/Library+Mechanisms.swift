import CPKCS11
import Token

/// C_GetMechanismList and C_GetMechanismInfo (PKCS#11 3.2, sections 5.5.5 and 5.5.6).
extension Library {
    /// The mechanisms that the module has for the token in a slot.
    public func mechanisms(of slotID: UInt) throws(ReturnCode) -> [UInt] {
        let slot = try slot(slotID)
        return try mechanisms(of: token(in: slot), in: slot)
    }

    /// What a mechanism does for the token in a slot, and for which keys.
    public func mechanismInfo(_ mechanism: UInt, of slotID: UInt) throws(ReturnCode) -> MechanismInfo {
        let slot = try slot(slotID)
        let token = try token(in: slot)
        let algorithms = try cardAlgorithms(of: token, in: slot)
        guard let entry = MechanismCatalogue.entry(mechanism),
            let information = entry.information(for: algorithms, padsRSA: token.padsRSA)
        else { throw .mechanismInvalid }
        let lacksWrapping = entry.wrapping.map(keyRoles.allows) == false
        return information.without(lacksWrapping ? CKF_WRAP | CKF_UNWRAP : 0)
    }

    func mechanisms(of token: any Token, in slot: Slot) throws(ReturnCode) -> [UInt] {
        let algorithms = try cardAlgorithms(of: token, in: slot)
        return MechanismCatalogue.all.filter {
            MechanismCatalogue.entry($0)?.information(for: algorithms, padsRSA: token.padsRSA) != nil
        }
    }

    /// What keys the token's card can have.
    func cardAlgorithms(of token: any Token, in slot: Slot) throws(ReturnCode) -> CardAlgorithms {
        try calls.asking(slot, token, "C_GetMechanismInfo") { () throws(TokenError) in try token.cardAlgorithms() }
    }
}
