import HostCrypto
import Token

extension CardToken {
    /// The keys and certificates on the card, in the card's order. One that cannot be read hides no other.
    func contents(areAllSought: Bool) throws(CommandFailure) -> [KeyReport.Content] {
        let catalogue = token.catalogue.filter { ![.data, .attestation].contains($0.reference.kind) }
        let present = try asking("looking for keys") { () throws(TokenError) in
            try token.present(among: catalogue.map(\.reference), areNamed: areAllSought)
        }
        var numbers: [UInt32] = []
        let unreadable = token.unreadableCertificates()
        for reference in present + unreadable.keys where !numbers.contains(reference.number) {
            numbers.append(reference.number)
        }
        return numbers.sorted { rank($0, catalogue) < rank($1, catalogue) }.map { number in
            let objects = catalogue.filter { $0.reference.number == number && present.contains($0.reference) }
            let name = KeyName(application: application, number: number)
            return content(name, objects, problem: unreadable[name.certificate])
        }
    }

    /// The names of the data objects on the card that everybody may read.
    func dataObjects() throws(CommandFailure) -> [String] {
        let objects = token.catalogue.filter { $0.reference.kind == .data && !$0.isPrivate }
        let present = try asking("looking for data objects") { () throws(TokenError) in
            try token.present(among: objects.map(\.reference), areNamed: false)
        }
        return objects.filter { present.contains($0.reference) }.map(\.label)
    }

    private func rank(_ number: UInt32, _ catalogue: [ObjectDescription]) -> Int {
        catalogue.firstIndex { $0.reference.number == number } ?? catalogue.count
    }

    /// - Parameter problem: why the certificate cannot be read, which is then no object.
    private func content(
        _ name: KeyName, _ objects: [ObjectDescription], problem: String?
    ) -> KeyReport.Content {
        var content = KeyReport.Content(name: name, certificateProblem: problem)
        let described =
            objects.first { $0.reference.kind == .privateKey } ?? objects.first
            ?? token.catalogue.first { $0.reference == name.certificate }
        content.id = described?.id ?? []
        content.label = described?.label ?? ""
        if objects.contains(where: { $0.reference.kind == .certificate }) {
            do throws(TokenError) {
                let der = try token.value(of: name.certificate)
                content.certificate = try? Certificate(der: der)
                if content.certificate == nil { content.certificateProblem = "it is no X.509 certificate" }
            } catch {
                content.certificateProblem = CommandFailure(error, during: "reading it", application).message
            }
        }
        content.publicKey = content.certificate?.publicKey
        if objects.contains(where: { $0.reference.kind == .privateKey }) {
            let key = name.privateKey
            let info = try? token.subjectPublicKeyInfo(of: key)
            content.publicKey = info.flatMap { try? PublicKey(subjectPublicKeyInfo: $0) } ?? content.publicKey
            content.policy = try? token.policy(of: key)
            content.usage = (try? token.usage(of: key)) ?? []
            content.isWeak = (try? token.isKnownWeak(key)) ?? false
        }
        return content
    }
}
