"""The machine of `.ci/machine`: QEMU, the serial console of what runs in it, and the card in its USB port."""
import os, re, signal, socket, subprocess, threading, time

# Emulation on a busy computer is slow, and a wait that is too long costs nothing where all goes well.
PATIENCE = float(os.environ.get("MARTLET_PATIENCE", "900"))
PIN = "123456"
PAGES = os.path.join(os.path.dirname(__file__), "../../Sources/PKCS11Module/Martlet.docc/")


class Failure(Exception):
    pass


def told(text):
    print(text, flush=True)


def blocks_of(page):
    """The lines to copy that a page has, block by block."""
    with open(PAGES + page, encoding="utf-8") as text:
        return [block.strip().split("\n") for block in re.findall(r"```sh\n(.*?)```", text.read(), re.S)]


class Card:
    """A card of martlet-card's, in the USB port."""

    def __init__(self, folder, port, *options):
        self.program = folder + "/usr/bin/martlet-card"
        self.state, self.log = folder + "/state", folder + "/commands"
        # Until the job login gives it one of its owner's.
        self.pin = PIN
        subprocess.run([self.program, "create", "--force", "--state", self.state, *options], check=True)
        serve = [self.program, "serve", "--state", self.state, "--usb", port, "--log", self.log, "--wait", "60"]
        self.process = subprocess.Popen(serve)

    def pull(self):
        self.process.send_signal(signal.SIGUSR1)

    def put_back(self):
        self.process.send_signal(signal.SIGUSR2)

    def commands(self):
        try:
            with open(self.log, encoding="ascii") as lines:
                return sum(1 for _ in lines)
        except FileNotFoundError:
            return 0

    def end(self):
        self.process.terminate()
        self.process.wait()


class Machine:
    """QEMU, and the serial console of what runs in it."""

    def __init__(self, folder, scratch, log):
        volume = scratch + "/volume"
        with open(volume, "wb") as file:
            file.truncate(32 << 20)
        console = scratch + "/console"
        self.port = scratch + "/usb"
        self.start = time.monotonic()
        # Its clock counts what its processor does: on a busy computer it goes slower, and nothing in the machine times out.
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "Nehalem", "-m", "768",
            "-icount", "shift=2,sleep=on", "-rtc", "clock=vm",
            "-nodefaults", "-display", "none", "-nic", "none", "-kernel", folder + "/kernel", "-initrd", folder + "/initrd",
            "-append", "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=true loglevel=3",
            "-drive", f"file={folder}/disk,if=virtio,format=raw,snapshot=on",
            "-drive", f"file={volume},if=virtio,format=raw",
            "-chardev", f"socket,id=console,path={console},server=on,wait=on", "-serial", "chardev:console",
            "-device", "qemu-xhci", "-chardev", f"socket,id=token,path={self.port},server=on,wait=off",
            "-device", "usb-redir,chardev=token,id=token",
        ])
        self.console = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.console.connect(console)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                if self.process.poll() is not None:
                    raise Failure("QEMU has ended") from None
                time.sleep(0.05)
        self.text, self.place, self.change = "", 0, threading.Condition()
        self.log = open(log, "w", encoding="utf-8")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while data := self.console.recv(65536):
            text = data.decode("utf-8", "replace")
            self.log.write(text)
            self.log.flush()
            with self.change:
                # What terminals are told, colours and the like, is nothing that is said.
                self.text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self.text + text)
                self.change.notify_all()
        with self.change:
            self.text += "\n[the console has ended]\n"
            self.change.notify_all()

    def seconds(self):
        return time.monotonic() - self.start

    def expect(self, *patterns):
        """Waits for the first of the patterns that the console says, behind what has been waited for; its number."""
        end = time.monotonic() + PATIENCE
        with self.change:
            while True:
                found = [(match.start(), match.end(), number) for number, pattern in enumerate(patterns)
                         if (match := re.compile(pattern, re.M).search(self.text, self.place))]
                if found:
                    _, place, number = min(found)
                    self.said, self.place = self.text[self.place:place], place
                    return number
                if not self.change.wait(end - time.monotonic()):
                    raise Failure(f"the console did not say {patterns}, but: {self.text[self.place:][-2000:]}")

    def expect_login(self):
        """Waits for the prompt of a login, and leaves it to `log_in`."""
        self.expect(r"machine login: ")
        self.place -= len("machine login: ")

    def type(self, line):
        self.console.sendall(line.encode() + b"\n")

    def run(self, line, typing=(), status=0):
        """A line for the shell, what is to be typed at its prompts, and its exit status; what it says."""
        self.type(line + "; echo ended=$?.")
        for awaited, answer in typing:
            self.expect(awaited)
            self.type(answer)
        return self.ended(line, status)

    def ended(self, line, status=0):
        """Waits for the end of a line that ends with `echo ended=$?.`; what it has said."""
        self.expect(r"ended=(\d+)\.\n")
        said = self.said
        ended = int(re.search(r"ended=(\d+)\.\n", said)[1])
        if status is not None and ended != status:
            raise Failure(f"{line!r} ended with {ended}: {said}")
        return said.replace(f"ended={ended}.\n", "")

    def until(self, condition):
        """Has the shell wait for a condition."""
        self.run(f"until {condition}; do sleep 0.2; done")

    def log_in(self, name, pin=""):
        """Logs in with what is asked for; says what that was."""
        self.expect(r"machine login: ")
        self.type(name)
        asked = []
        while (what := self.expect("Smart card PIN: ", "Password: ", r"[$#] $")) < 2:
            asked.append(("PIN", "password")[what])
            self.type((pin, "of-" + name)[what])
        # Long lines are not wrapped, and what is typed does not come back.
        self.type("stty -echo cols 1000; export TERM=dumb PS1=; echo ready=$((1)).")
        self.expect(r"ready=1\.\n")
        return asked

    def sudo(self, line, pin):
        """Has root do something, with what sudo asks for: it may be nothing, soon after another time."""
        self.type(f"sudo {line}; echo allowed=$?.")
        while (what := self.expect("Smart card PIN: ", "password for alice: ", r"allowed=0\.\n")) < 2:
            self.type((pin, "of-alice")[what])

    def become_root(self, pin):
        """From alice's login: her card, while it is in the reader, is asked for whoever logs in, and lets only her in."""
        self.sudo("true", pin)
        # It keeps the empty prompt.
        self.type("sudo --login")
        self.run("cd /")

    def log_in_as_root(self, card):
        self.log_in("alice", card.pin)
        self.become_root(card.pin)

    def log_out(self):
        self.type("exit")

    def log_out_of_root(self):
        self.log_out()
        self.log_out()

    def end(self):
        self.process.terminate()
        self.process.wait()
