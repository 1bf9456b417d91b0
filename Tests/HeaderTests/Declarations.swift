/// The names that a header declares, read from what the preprocessor makes of it.
struct Declarations {
    /// The macros of PKCS #11 that stand for a value.
    let constants: Set<String>
    /// The fields of every structure, in their order, by the name that its typedef gives it.
    let structures: [String: [String]]
    /// The typedefs that name neither a structure nor a function.
    let scalars: Set<String>
    /// The declarations of the C_ functions, by name, each as one statement of C.
    let prototypes: [String: String]

    init(of header: CHeader) throws {
        constants = Declarations.constants(in: try header.preprocessed("-dM"))
        let text = try header.preprocessed("-P").replacing(#/\s+/#, with: " ")
        let statements = Declarations.statements(in: text)
        structures = Declarations.structures(in: text)
        scalars = Set(
            statements.compactMap { $0.wholeMatch(of: #/typedef [\w *]*\b(CK_\w+)/#).map { String($0.1) } }
                .filter { !$0.hasPrefix("CK_C_") }
        ).subtracting(structures.keys)
        prototypes = Dictionary(
            statements.compactMap { statement in
                statement.wholeMatch(of: #/(?:extern )?CK_RV (C_\w+) ?\(.*\)/#).map { (String($0.1), statement + ";") }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// `#define NAME value`, where the name is one of the standard's and takes no arguments.
    private static func constants(in macros: String) -> Set<String> {
        Set(macros.matches(of: #/#define (CK[A-Z]?_\w+) \S/#).map { String($0.1) })
    }

    /// What stands between semicolons outside braces.
    private static func statements(in text: String) -> [String] {
        var statements = [""]
        var depth = 0
        for character in text {
            if character == "{" { depth += 1 }
            if character == "}" { depth -= 1 }
            if character == ";" && depth == 0 {
                statements.append("")
            } else {
                statements[statements.count - 1].append(character)
            }
        }
        return statements.map { $0.replacing(#/^ | $/#, with: "") }
    }

    /// `typedef struct TAG { … } NAME;`, or a structure and a typedef apart from each other.
    private static func structures(in text: String) -> [String: [String]] {
        var names: [String: String] = [:]
        for match in text.matches(of: #/typedef struct (\w+) (CK_\w+) ?;/#) {
            names[String(match.1)] = String(match.2)
        }
        var found: [String: [String]] = [:]
        for match in text.matches(of: #/struct (\w+) ?\{([^{}]*)\} ?(\w*) ?;/#) {
            let name = match.3.isEmpty ? names[String(match.1)] : String(match.3)
            guard let name, name.hasPrefix("CK_") else { continue }
            found[name] = match.2.matches(of: #/(\w+) ?(?:\[\w+\])? ?;/#).map { String($0.1) }
        }
        return found
    }
}
