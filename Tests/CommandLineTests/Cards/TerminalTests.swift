import TestSupport
import Testing

/// The terminal while a PIN is asked for, whatever happens to the program.
@Suite struct TerminalTests {
    private static let martlet = Result { try MartletCommand(SimulatedCard(keys: ["9a=p256"])) }

    /// The terminal's own settings.
    private static let echo = "stty -a </dev/tty | grep -oE '[ -]echo[ ;]' | tr -d ' ;'"

    @Test(
        "Ctrl-C, Ctrl-\\ and what else ends the program leave the echo on",
        arguments: [("INT", 130), ("QUIT", 131), ("TERM", 143), ("HUP", 129)])
    func ended(_ signal: String, _ code: Int) throws {
        let martlet = try Self.martlet.get()
        let script = """
            "$0" pin change & child=$!
            until [ "$(\(Self.echo))" = -echo ]; do sleep 0.01; done
            kill -s "$1" $child
            wait $child; echo $?
            \(Self.echo)
            """
        let answer = try martlet.world.run(["sh", "-c", script, PackageRoot.program("martlet"), signal], typing: [])
        #expect(answer.text == "\(code)\necho\n", "\(answer)")
        #expect(try martlet.pinTries() == 3)
    }

    @Test("Every signal that can be caught and ends or stops the program leaves the echo on")
    func everySignal() throws {
        let martlet = try Self.martlet.get()
        // Not KILL and STOP, nor those that do nothing by themselves, nor glibc's own two.
        let script = """
            for number in $(seq 1 8) $(seq 10 16) 24 26 27 29 30 31 $(seq 34 64); do
                "$0" pin change 2>/dev/null & child=$!
                until [ "$(\(Self.echo))" = -echo ]; do sleep 0.01; done
                kill -s $number $child
                wait $child 2>/dev/null
                [ $? -eq $((128 + number)) ] || echo "$number ended otherwise"
                [ "$(\(Self.echo))" = echo ] || { echo "$number left no echo"; stty echo </dev/tty; }
            done
            for number in 20 21 22; do
                "$0" pin change 2>/dev/null & child=$!
                until [ "$(\(Self.echo))" = -echo ]; do sleep 0.01; done
                kill -s $number $child
                until grep -q '^State:.T' /proc/$child/status; do sleep 0.01; done
                [ "$(\(Self.echo))" = echo ] || { echo "$number left no echo"; stty echo </dev/tty; }
                kill -KILL $child; wait $child 2>/dev/null
            done
            """
        let answer = try martlet.world.run(["bash", "-c", script, PackageRoot.program("martlet")], typing: [])
        #expect(answer.text == "", "\(answer)")
        #expect(try martlet.pinTries() == 3)
    }

    @Test("A signal that the program was started to ignore ends nothing")
    func ignored() throws {
        let martlet = try Self.martlet.get()
        let script = """
            trap '' HUP
            "$0" pin change & child=$!
            until [ "$(\(Self.echo))" = -echo ]; do sleep 0.01; done
            kill -s HUP $child
            sleep 0.2; kill -0 $child && \(Self.echo)
            kill -s TERM $child; wait $child
            """
        let answer = try martlet.world.run(["sh", "-c", script, PackageRoot.program("martlet")], typing: [])
        #expect(answer.text == "-echo\n", "\(answer)")
    }

    @Test("Ctrl-Z leaves the echo on as long as the program is stopped, and off when it goes on")
    func stopped() throws {
        let martlet = try Self.martlet.get()
        let script = """
            trap : TSTP
            "$0" pin change & child=$!
            until grep -q '^State:.T' /proc/$child/status; do sleep 0.01; done
            \(Self.echo)
            kill -CONT $child
            until [ "$(\(Self.echo))" = -echo ]; do sleep 0.01; done
            echo goes on >/dev/tty
            wait $child; echo $?
            \(Self.echo)
            """
        let answer = try martlet.world.run(
            ["sh", "-c", script, PackageRoot.program("martlet")],
            typing: [
                ("PIN of", "\u{1A}"), ("goes on", SimulatedCard.pin), ("New PIN:", "135790"),
                ("New PIN again:", "135790"),
            ])
        #expect(answer.text == "echo\nThe PIN is changed.\n0\necho\n", "\(answer)")
        #expect(!answer.errorText.contains("135790"), "\(answer)")
        try martlet.run(
            ["pin", "change"],
            typing: [("PIN of", "135790"), ("New PIN:", SimulatedCard.pin), ("New PIN again:", SimulatedCard.pin)]
        ).checked()
    }

    @Test("A touch that the management key waits for is asked for")
    func touch() throws {
        let card = SimulatedCard(keys: [], arguments: ["--management-key", "3des"])
        let martlet = MartletCommand(try CardWorld(card: card.program(touch: 300)))
        let changed = String(repeating: "A1B2C3D4E5F60718", count: 3)
        try martlet.tool(
            "yubico-piv-tool", "--action", "set-mgm-key", "--new-key", changed, "--touch-policy", "always",
            "--key=" + SimulatedCard.managementKey)
        let answer = try martlet.run(
            ["generate", "9a", "--algorithm", "p256"], typing: [("Management key of", changed)]
        ).checked()
        #expect(answer.errorText.contains("Touch your key now."), "\(answer)")
    }
}
