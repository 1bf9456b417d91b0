/// The lines for one program, and what is to be said of them.
struct ClientLines {
    let client: Client
    let lines: [String]
    /// Sentences, each of one line.
    let comments: [String]

    init(_ client: Client, _ module: String, _ keys: KeysAtHand) throws(CommandFailure) {
        let key = try client.demand.flatMap { (demand) throws(CommandFailure) in try keys.best(for: demand) }
        let context = ClientContext(module: module, isRegistered: RegistrationCheck.isRegistered(module), key: key)
        self.client = client
        var comments = ["\(client.summary). Goes to \(client.place.text)."]
        if !client.pin.isEmpty { comments.append("PIN: \(client.pin)") }
        var lines = client.lines(context)
        if let key {
            let name = "The key \(key.content.name.text)"
            if client.demand?.hasCertificate == true, key.content.certificate == nil {
                comments.append("\(name) has no certificate yet: martlet certificate --help tells how it gets one.")
            }
            if context.wantsEachUse, !client.knowsEachUse {
                let reason = "\(name) wants its PIN for each use, which \(client.name) does not give"
                if case .shell = client.place {
                    comments.append("\(reason): MARTLET_EACH_USE=login lets it take the one of the login.")
                    lines.insert("export MARTLET_EACH_USE=login", at: 0)
                } else {
                    comments.append("\(reason): it needs each-use = login in \(SettingReport.file).")
                }
            }
        } else if lines.contains(where: { $0.contains(ClientContext.standIn) }) {
            comments.append(
                "EXAMPLE ONLY (\(keys.problem ?? "no key fits")): words that begin with \(ClientContext.standIn) stand for "
                    + "what martlet list shows of your card.")
        }
        self.comments = comments + client.advice
        self.lines = lines
    }

    /// Comments and lines, as they are printed.
    var text: [String] { comments.map { "# \($0)" } + lines }

    func show() {
        guard client.hasComments else {
            StandardError.write(comments.map { "# \($0.printable)\n" }.joined())
            return print(lines.joined(separator: "\n"))
        }
        print(text.joined(separator: "\n"))
    }
}
