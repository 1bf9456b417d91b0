import TestSupport
import Testing

/// A program that uses keys through the module.
protocol MechanismClient: Sendable, CustomTestStringConvertible {
    /// Its name in the table.
    var name: String { get }
    /// What must be there for it, and is not; nil where all is.
    var missing: String? { get }
    /// Whether the program works with such a card.
    func knows(_ card: TestedCard) -> Bool
    /// Whether the program can use a key so. What a client does not know is no fault of the module.
    func knows(_ use: KeyUse) -> Bool
    /// Does the jobs.
    func carryOut(_ jobs: [KeyJob], at bench: Workbench) throws -> [ToolResult]
    /// Whether a job was done well.
    func accepts(_ job: KeyJob, at bench: Workbench) throws -> Bool
}

extension MechanismClient {
    var testDescription: String { name }

    func accepts(_ job: KeyJob, at bench: Workbench) throws -> Bool { try bench.isRight(job) }

    func knows(_ card: TestedCard) -> Bool { true }

    /// What the client does with a card's keys.
    func uses(of card: TestedCard) -> [KeyUse] {
        knows(card) ? card.keys.flatMap { KeyUse.all(of: $0, on: card) }.filter(knows) : []
    }
}

/// All clients, in the table's order.
let mechanismClients: [any MechanismClient] = [
    PKCS11ToolClient(), GnuTLSClient(), OpenSSLClient(), OpenSSLProviderClient(), JavaClient(), NSSClient(),
    PythonClient(), CClient(),
]
