import Cryptoki
import Wiring

extension Library {
    /// Milliseconds for which a look at the readers counts: pcscd itself asks a reader every 400 ms.
    private static let looksLast = 50

    /// A library of the tokens in the system's readers, as the settings want it. Opens no connection yet.
    ///
    /// - Parameter makesThreads: false where the host allows no threads.
    static func ofSystem(
        _ counters: MessageCounters, _ handles: HandleCounters, makesThreads: Bool
    ) -> Library {
        let settings = Settings.current()
        let log = settings.log.map { file in Log { file.write($0) } } ?? .silent
        for complaint in settings.complaints { log.line(complaint) }
        return Library(
            source: SystemTokens(settings, makesThreads: makesThreads) { log.line($0) }, log: log,
            loginServesEachUse: settings.loginServesEachUse, signatureCheck: settings.signatureCheck,
            pinsExpire: settings.pinRetention.milliseconds != nil, looksLast: looksLast, messageCounters: counters,
            handles: handles, keyRoles: settings.separatesKeyRoles ? .separate : .standard)
    }
}
