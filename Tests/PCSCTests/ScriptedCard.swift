import TestSupport

/// A card that does what a command's INS says, in Python.
enum ScriptedCard {
    /// The answer to reset of every such card.
    static let answerToReset: [UInt8] = [0x3B, 0x80, 0x80, 0x01, 0x01]

    /// The card.
    ///
    /// Any command comes back as its own answer, with 9000, but: INS E1 answers P1P2 zeros, INS E2 one byte, INS E3
    /// the number of resets, INS E4 when the file `gate` of the world exists. SIGUSR1 pulls the card out and
    /// SIGUSR2 puts it back in.
    static let program = CardProgram { port, log in
        Python.command(source) + [
            String(port), log.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/gate",
        ]
    }

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
}
