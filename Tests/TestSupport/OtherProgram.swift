import CLibrary

/// Programs in Python.
public enum Python {
    /// A command that runs this text, which may have any characters.
    public static func command(_ source: String) -> [String] {
        ["python3", "-c", "exec(bytes.fromhex('\(source.utf8.map(hex).joined())'))"]
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

/// Another program that uses a world's cards.
extension CardWorld {
    /// Lets another program do one thing to the card: `reset` it, take its power (`unpower`), or `select` the OpenPGP
    /// application.
    /// - Throws: `ToolFailure` if it cannot.
    public func interfere(_ deed: String, inReader index: Int = 0) throws { try run(other(deed, index)).checked() }

    /// Lets another program reset the card.
    /// - Throws: `ToolFailure` if it cannot.
    public func resetCard(inReader index: Int = 0) throws { try interfere("reset", inReader: index) }

    /// What another program runs to reset the card.
    public func resetCommand(inReader index: Int = 0) -> [String] { other("reset", index) }

    /// Runs `body` while another program holds the card, in a `transaction` or an `exclusive` connection, and then lets
    /// it go.
    /// - Throws: the error of `body`, or `ToolFailure` if the card is not to be had.
    public func whileHeld(
        _ deed: String, inReader index: Int = 0, _ body: (_ letGo: () throws -> Void) throws -> Void
    ) throws {
        let held = home.newFile("held"), release = home.newFile("release")
        _ = try startInBackground(other(deed, index) + [held, release], log: "other.log")
        try Deadline.wait(for: "the other program to hold the card") { access(held, F_OK) == 0 }
        let letGo: () throws -> Void = { close(creat(release, 0o600)) }
        defer { try? letGo() }
        try body(letGo)
    }

    /// Connects to a reader and does one thing: what `interfere` says, or hold the card in a `transaction` or an
    /// `exclusive` connection from when the file `held` exists until the file `release` does.
    private func other(_ deed: String, _ index: Int) -> [String] {
        Python.command(otherProgram) + [deed, readerName(index)]
    }
}

private let otherProgram = """
    import ctypes as C, os, sys, time
    deed, reader = sys.argv[1:3]
    pcsc = C.CDLL("libpcsclite.so.1")
    context, card, protocol = C.c_long(), C.c_long(), C.c_ulong()

    def check(code):
        if code: sys.exit("%s: %08X" % (deed, code & 0xFFFFFFFF))

    check(pcsc.SCardEstablishContext(C.c_ulong(2), None, None, C.byref(context)))
    share = 1 if deed == "exclusive" else 2
    check(pcsc.SCardConnect(
        context, reader.encode(), C.c_ulong(share), C.c_ulong(3), C.byref(card), C.byref(protocol)))
    if deed == "reset":
        check(pcsc.SCardReconnect(card, C.c_ulong(2), C.c_ulong(3), C.c_ulong(1), C.byref(protocol)))
        sys.exit()
    if deed == "unpower":
        check(pcsc.SCardDisconnect(card, C.c_ulong(2)))
        sys.exit()
    check(pcsc.SCardBeginTransaction(card))
    if deed == "select":
        command, answer, length = bytes.fromhex("00A4040006D27600012401"), bytes(258), C.c_ulong(258)
        control = (C.c_ulong * 2)(protocol.value, 16)
        check(pcsc.SCardTransmit(
            card, control, command, C.c_ulong(len(command)), None, answer, C.byref(length)))
        check(pcsc.SCardEndTransaction(card, C.c_ulong(0)))
        sys.exit()
    held, release = sys.argv[3:5]
    open(held, "w").close()
    while not os.path.exists(release): time.sleep(0.01)
    # pcscd resets the card of a program that ends within a transaction.
    check(pcsc.SCardEndTransaction(card, C.c_ulong(0)))
    check(pcsc.SCardDisconnect(card, C.c_ulong(0)))
    """
