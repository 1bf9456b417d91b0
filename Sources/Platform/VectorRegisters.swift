import CPlatform

/// The processor's vector registers, in which copying leaves the last bytes that it moved.
public enum VectorRegisters {
    /// Zeros them, so that a secret that was copied is in no core dump with the registers.
    public static func clear() { martlet_clear_vector_registers() }
}
