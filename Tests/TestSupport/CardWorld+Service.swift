import Foundation

/// The world's pcscd and the programs that serve its cards.
extension CardWorld {
    /// Starts pcscd and every card, and waits until each reader is as it should be.
    /// - Throws: `ToolFailure` with pcscd's log if it does not come about.
    public func startService() throws {
        // From version 2 on it asks polkit who may come in, and a world has none.
        try expect("polkit=$(pcscd --help 2>&1 | grep --only-matching -e --disable-polkit); true")
        try expect(
            "pcscd $polkit --foreground \(serviceLogLevel) --config \(quoted("readers.d")) >>\(quoted("pcscd.log")) 2>&1 & pcscd=$!"
        )
        for index in readers.indices where readers[index].card != nil { try startCardProgram(index) }
        for index in readers.indices { try awaitCard(index, present: readers[index].card != nil) }
    }

    /// Ends pcscd and every card, as if the machine's service stopped and the cards lost their power.
    /// - Throws: `ToolFailure` if the world has ended.
    public func stopService() throws {
        for index in readers.indices where readers[index].card != nil {
            try expect("kill -TERM $card\(index); wait $card\(index); true")
        }
        try expect("kill -TERM $pcscd; wait $pcscd; true")
    }

    /// Stops pcscd and starts it anew.
    /// - Throws: `ToolFailure` if it does not come back.
    public func restartService() throws {
        try stopService()
        try startService()
    }

    /// Makes pcscd mute: it runs, takes what is sent to it, and answers nothing until `resumeService`.
    /// - Throws: `ToolFailure` if the world has ended.
    public func pauseService() throws { try expect("kill -STOP $pcscd") }

    /// Lets pcscd go on.
    /// - Throws: `ToolFailure` if the world has ended.
    public func resumeService() throws { try expect("kill -CONT $pcscd") }

    /// Pulls the card out of a reader, and waits until PC/SC knows it.
    /// - Throws: `ToolFailure` if PC/SC goes on seeing it.
    public func pullCard(fromReader index: Int = 0) throws {
        try expect("kill -USR1 $card\(index)")
        try awaitCard(index, present: false)
    }

    /// Puts the card back into a reader, and waits until PC/SC knows it.
    /// - Throws: `ToolFailure` if PC/SC does not see it.
    public func putCardBack(intoReader index: Int = 0) throws {
        try expect("kill -USR2 $card\(index)")
        try awaitCard(index, present: true)
    }

    /// Waits until PC/SC sees a card in a reader, or sees none.
    /// - Throws: `ToolFailure` with the logs after ten seconds.
    public func awaitCard(_ index: Int = 0, present: Bool) throws {
        let source = PackageRoot.path + "/Tests/TestSupport/World/await-card.c"
        let program = try CDriver.build(source, flags: CDriver.flags(ofPackage: "libpcsclite"))
        let result = try run(program, present ? "present" : "absent", readerName(index))
        guard result.succeeded else { throw ToolFailure("\(result)\n\(logs)") }
    }

    /// What pcscd and the cards' programs have written, for the message of a test that failed.
    public var logs: String {
        (["pcscd.log"] + readers.indices.map { "card\($0).log" }).map { name in
            "--- \(name)\n" + ((try? home.read(name)).map { String(decoding: $0, as: UTF8.self) } ?? "(none)\n")
        }.joined()
    }

    /// Writes the `reader.conf` file that names vpcd once for each reader.
    ///
    /// vpcd keeps its slots in variables that all its readers in a process share, so each reader gets its own copy
    /// of the driver.
    func writeReaderConfiguration() throws {
        try FileManager.default.createDirectory(atPath: home.file("readers.d"), withIntermediateDirectories: true)
        let driver = Debian.inWorld("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
        let entries = try readers.indices.map { index in
            let copy = home.file("libifdvpcd\(index).so")
            try FileManager.default.copyItem(
                atPath: URL(fileURLWithPath: driver).resolvingSymlinksInPath().path, toPath: copy)
            let port = "0x" + String(vpcdPort(index), radix: 16)
            return """
                FRIENDLYNAME "\(readers[index].name)"
                DEVICENAME /dev/null:\(port)
                LIBPATH \(copy)
                CHANNELID \(port)

                """
        }
        try home.write(entries.joined(), to: "readers.d/vpcd")
    }

    private func startCardProgram(_ index: Int) throws {
        guard let card = readers[index].card else { return }
        let command = card.command(vpcdPort(index), apduLogFile(index)).map(shellQuoted).joined(separator: " ")
        try expect("\(command) >>\(quoted("card\(index).log")) 2>&1 & card\(index)=$!")
    }

    /// vpcd listens here for the card of a reader's first slot, and on the next port for the second slot's.
    public func vpcdPort(_ index: Int) -> Int { 0x8C7B + 2 * index }

    private func quoted(_ file: String) -> String { shellQuoted(home.file(file)) }

    private func expect(_ line: String) throws {
        let status = try tell(line)
        guard status == 0 else { throw ToolFailure("status \(status) of: \(line)\n\(logs)") }
    }
}
