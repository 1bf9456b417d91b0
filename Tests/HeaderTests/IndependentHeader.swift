import TestSupport
import Testing

/// A header of PKCS #11 that nobody here wrote, and how much of it there is to compare.
struct IndependentHeader: Sendable, CustomTestStringConvertible {
    let header: CHeader
    /// The fewest constants, structures and fields in common that are worth a comparison. Far fewer would mean that
    /// the test has read the header wrongly.
    let constants: Int
    let structures: Int
    let fields: Int
    /// Whether its functions are declared with the standard's pointer types, so that they can be set against ours.
    let hasStandardPrototypes: Bool
    /// Names whose meaning there is not the standard's.
    let deviations: Set<String>

    var testDescription: String { header.name }

    /// Debian's `libp11-kit-dev`: 2.40, and the constants of 3.0.
    static let p11kit = IndependentHeader(
        header: CHeader(
            name: "p11-kit", prologue: "#include <p11-kit/pkcs11.h>\n", folders: ["/usr/include/p11-kit-1"]),
        constants: 680, structures: 20, fields: 150, hasStandardPrototypes: false,
        deviations: [
            // Numbered otherwise than in 2.40, up to p11-kit 0.24.
            "CKR_EXCEEDED_MAX_ITERATIONS", "CKR_FIPS_SELF_TEST_FAILED", "CKR_LIBRARY_LOAD_FAILED", "CKR_PIN_TOO_WEAK",
            "CKR_PUBLIC_KEY_INVALID",
        ])

    /// Debian's `libnss3-dev`: the OASIS header of 3.0.
    static let nss = IndependentHeader(
        header: CHeader(
            name: "NSS", prologue: "#include <pkcs11.h>\n", folders: ["/usr/include/nss", "/usr/include/nspr"]),
        constants: 850, structures: 80, fields: 500, hasStandardPrototypes: true,
        deviations: [
            // Has a field more, LibraryParameters.
            "CK_C_INITIALIZE_ARGS",
            // Numbers of NSS's own, from before 3.2 took the names.
            "CKA_TRUST_CLIENT_AUTH", "CKA_TRUST_CODE_SIGNING", "CKA_TRUST_EMAIL_PROTECTION", "CKA_TRUST_SERVER_AUTH",
            "CKA_TRUST_TIME_STAMPING",
        ])

    /// The OASIS header of 3.2, which no package of Debian 12 has. The source archive of the Python package
    /// `python-pkcs11` carries it in its folder `extern`:
    ///
    ///     pip download --no-deps --no-binary python-pkcs11 python-pkcs11==0.10.1
    ///
    /// MARTLET_OASIS_HEADERS names the folder.
    static let oasis: IndependentHeader? = Tool.inheritedEnvironment["MARTLET_OASIS_HEADERS"].map { folder in
        IndependentHeader(
            header: CHeader(
                name: "OASIS 3.2", prologue: "#include \"cryptoki.h\"\n", folders: [folder]),
            constants: 1000, structures: 90, fields: 600, hasStandardPrototypes: true, deviations: [])
    }

    /// All that are here.
    static let all = [p11kit, nss] + [oasis].compactMap(\.self)
}
