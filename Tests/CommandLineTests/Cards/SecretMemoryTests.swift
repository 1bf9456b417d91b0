import Foundation
import TestSupport
import Testing

/// How often a secret is in memory that was read from somewhere else than the terminal, or is written down.
@Suite struct SecretMemoryTests {
    private static let key = "73A10B5C92E4F68873A10B5C92E4F68173A10B5C92E4F68A"

    @Test("Of a secret that was read only the locked copy is left", arguments: ["descriptor", "askpass", "pinentry"])
    func read(_ source: String) throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let counted = try martlet.world.run(
            [
                "setsid", "--wait", "python3", "-c", Self.reading, source, Self.key, PackageRoot.program("martlet"),
                "management-key",
            ]
        ).checked()
        let count = try #require(Int(counted.text.filter(\.isNumber)))
        #expect(count <= 1, "\(counted)")
    }

    @Test("A new management key is in memory twice when it is on disk: locked, and in the line that is wiped next")
    func written() throws {
        let martlet = try MartletCommand(SimulatedCard(keys: []))
        let file = martlet.world.home.file("key.txt")
        let counted = try martlet.world.run(
            [
                "setsid", "--wait", "python3", "-c", Self.writing, SimulatedCard.managementKey, file,
                PackageRoot.program("martlet"),
            ]
        ).checked()
        let count = try #require(Int(counted.text.filter(\.isNumber)))
        #expect(count <= 2, "\(counted)")
    }

    /// How often a needle is in the memory of a process.
    private static let search = """
        def count(pid, needle):
            found = 0
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for line in maps:
                    fields = line.split()
                    if "rw" not in fields[1]: continue
                    start, end = (int(digits, 16) for digits in fields[0].split("-"))
                    try:
                        memory.seek(start)
                        found += memory.read(end - start).count(needle)
                    except OSError:
                        continue
            return found

        """

    /// Gives a program its first secret, and counts it when the program asks for the second one.
    private static let reading =
        """
        import os, subprocess, sys, time
        source, key = sys.argv[1:3]
        command = sys.argv[3:]
        environment = dict(os.environ)
        keep = None
        if source == "descriptor":
            end, keep = os.pipe()
            os.write(keep, key.encode() + b"\\n")
            child = subprocess.Popen(command + ["--pin-fd", str(end)], pass_fds=[end])
            # It reads the second line when it has taken the first one, and waits in read(2).
            def waits(): return open(f"/proc/{child.pid}/syscall").read().startswith(f"0 {hex(end)} ")
        else:
            ask = "#!/bin/sh\\n[ -e asked ] && { touch again; exec sleep 60; }\\ntouch asked; echo KEY\\n"
            if source == "pinentry":
                ask = ("#!/bin/sh\\n[ -e asked ] && { touch again; exec sleep 60; }\\necho OK\\n"
                    "while read word rest; do case $word in\\nGETPIN) touch asked; echo 'D KEY'; echo OK;;\\n"
                    "BYE) exit;;\\n*) echo OK;; esac; done\\n")
            open("ask", "w").write(ask.replace("KEY", key))
            os.chmod("ask", 0o755)
            environment["MARTLET_" + source.upper()] = os.getcwd() + "/ask"
            child = subprocess.Popen(command, env=environment)
            def waits(): return os.path.exists("again")
        while not waits():
            assert child.poll() is None, "it ended"
            time.sleep(0.01)
        time.sleep(0.05)

        """ + search + """
            print(count(child.pid, key.encode()))
            child.kill()
            """

    /// Stops a program when what it has written is on disk, and counts the key that is in the file.
    private static let writing =
        """
        import os, subprocess, sys, time
        old, file, program = sys.argv[1:]
        end, keep = os.pipe()
        os.write(keep, old.encode() + b"\\n")
        tracer = subprocess.Popen(
            ["strace", "-o", "strace.log", "-e", "trace=fsync", "-e", "inject=fsync:signal=STOP", program,
                "management-key", "--random", "--output", file, "--pin-fd", str(end)], pass_fds=[end])
        def stopped():
            children = open(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read().split()
            for pid in children:
                if open(f"/proc/{pid}/status").read().split("State:")[1].split()[0] in "tT" and os.path.getsize(file):
                    return int(pid)
            return None
        while not (os.path.exists(file) and stopped()):
            assert tracer.poll() is None, "it ended"
            time.sleep(0.01)
        # Between the stop before the signal and the one by it.
        time.sleep(0.2)
        pid = stopped()

        """ + search + """
            print(count(pid, open(file, "rb").read().strip()))
            os.kill(pid, 9)
            tracer.wait()
            """
}
