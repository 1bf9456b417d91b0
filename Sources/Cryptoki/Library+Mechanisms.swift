/// C_GetMechanismList and C_GetMechanismInfo (PKCS#11 3.2, sections 5.5.5 and 5.5.6).
extension Library {
    /// The mechanisms that the module has for the token in a slot.
    public func mechanisms(of slotID: UInt) throws(ReturnCode) -> [UInt] {
        let token = try token(in: slot(slotID))
        return MechanismCatalogue.all.filter { MechanismCatalogue.entry($0)?.information(for: token) != nil }
    }

    /// What a mechanism does for the token in a slot, and for which keys.
    public func mechanismInfo(_ mechanism: UInt, of slotID: UInt) throws(ReturnCode) -> MechanismInfo {
        let token = try token(in: slot(slotID))
        guard let information = MechanismCatalogue.entry(mechanism)?.information(for: token) else {
            throw .mechanismInvalid
        }
        return information
    }
}
