import TestSupport

/// A card that does what a command's INS says, and other programs that use it, in Python.
enum ScriptedCard {
    /// The answer to reset of every such card.
    static let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]

    /// The card.
    ///
    /// Any command comes back as its own answer, with 9000, but: INS E1 answers P1P2 zeros, INS E2 one byte, INS E3
    /// the number of resets, INS E4 when the file `gate` of the world exists. SIGUSR1 pulls the card out and
    /// SIGUSR2 puts it back in.
    static let program = CardProgram { port, log in
        python(source) + [String(port), log.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/gate"]
    }

    /// A command that runs this text, which may have any characters.
    private static func python(_ source: String) -> [String] {
        ["python3", "-c", "exec(bytes.fromhex('\(source.utf8.map(hex).joined())'))"]
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static let source = """
        import os, signal, socket, struct, sys, time
        port, gate = int(sys.argv[1]), sys.argv[2]
        atr, resets, card = bytes([0x3B, 0x80, 0x80, 0x01, 0x01]), 0, None

        def pull(*_):
            global card
            if card: card.shutdown(socket.SHUT_RDWR); card = None

        def put(*_):
            global card
            card = socket.create_connection(("127.0.0.1", port))
            card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def read(link, count):
            data = b""
            while len(data) < count:
                part = link.recv(count - len(data))
                if not part: raise OSError
                data += part
            return data

        def act(command):
            global resets
            ins, size = command[1], command[2] * 256 + command[3]
            if ins == 0xE1: return bytes(size) + b"\\x90\\x00"
            if ins == 0xE2: return b"\\x90"
            if ins == 0xE3: return bytes([resets]) + b"\\x90\\x00"
            while ins == 0xE4 and not os.path.exists(gate): time.sleep(0.01)
            return command + b"\\x90\\x00"

        def serve(link):
            global resets
            while True:
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                message = read(link, struct.unpack(">H", read(link, 2))[0])
                if message == b"\\x02": resets += 1
                if message in (b"\\x00", b"\\x01", b"\\x02"): continue
                answer = atr if message == b"\\x04" else act(message)
                link.sendall(struct.pack(">H", len(answer)) + answer)

        signal.signal(signal.SIGUSR1, pull)
        signal.signal(signal.SIGUSR2, put)
        while card is None:
            try: put()
            except OSError: time.sleep(0.02)
        while True:
            link = card
            if link is None: time.sleep(0.01); continue
            try: serve(link)
            except OSError:
                if card is link: sys.exit(0)
        """

    /// A program that connects to a reader and does one thing: `reset` the card, or hold it in a `transaction` or
    /// an `exclusive` connection from when the file `held` exists until the file `release` does.
    static func otherProgram(_ deed: String, reader: String, held: String = "", release: String = "") -> [String] {
        python(otherSource) + [deed, reader, held, release]
    }

    private static let otherSource = """
        import ctypes as C, os, sys, time
        deed, reader, held, release = sys.argv[1:5]
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
        check(pcsc.SCardBeginTransaction(card))
        open(held, "w").close()
        while not os.path.exists(release): time.sleep(0.01)
        # pcscd resets the card of a program that ends within a transaction.
        check(pcsc.SCardEndTransaction(card, C.c_ulong(0)))
        check(pcsc.SCardDisconnect(card, C.c_ulong(0)))
        """
}
