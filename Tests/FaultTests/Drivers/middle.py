"""middle.py VPCD_PORT CARD_PORT RESET... -- CARD...: stands between vpcd and a card, and has things go wrong.

CARD is a command that serves a card to CARD_PORT as it would to vpcd. Each line of standard input is answered by one:
  fault INDEX NAME   what happens at the command of this index, from now on; see Fault.swift for the names
  pull               the card is pulled out
  mend               all is well again: the card is in the reader and answers; how many commands there were since, or
                     "busy" while the other program still waits to reset it
  tries              how many tries the PINs of PIV and OpenPGP have left
  pin ONE OTHER      which of the two is the PIN
RESET is a command by which another program resets the card, as soon as it is let in.
"""

import select
import socket
import struct
import subprocess
import sys
import time

PIV, OPENPGP = bytes.fromhex("A000000308"), bytes.fromhex("D27600012401")
POWER_OFF, POWER_ON = b"\x00", b"\x01"


def prompt(link):
    """Neither side waits for a delayed acknowledgement."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return link


def receive(link):
    """The next message, or None where the link has ended."""
    data = b""
    wanted = 2
    while len(data) < wanted:
        part = link.recv(wanted - len(data))
        if not part:
            return None
        prompt(link)
        data += part
        if len(data) == 2 and wanted == 2:
            wanted += struct.unpack(">H", data)[0]
    return data[2:]


def send(link, message):
    link.sendall(struct.pack(">H", len(message)) + message)


class Middle:
    def __init__(self, port, card_port, reset, card):
        self.port, self.reset = port, reset
        self.fault, self.lasting, self.sent, self.other = None, None, 0, None
        self.previous = bytes.fromhex("6D00")
        listener = socket.create_server(("127.0.0.1", card_port))
        self.process = subprocess.Popen(card, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        self.card = prompt(listener.accept()[0])
        self.reader = self.connect()

    def connect(self):
        """vpcd accepts a card once it has noticed that the one before is gone."""
        for _ in range(1000):
            try:
                return prompt(socket.create_connection(("127.0.0.1", self.port)))
            except OSError:
                time.sleep(0.02)
        sys.exit("vpcd does not answer")

    def ask(self, command):
        send(self.card, command)
        return receive(self.card)

    def restart(self):
        send(self.card, POWER_OFF)
        send(self.card, POWER_ON)

    def pull_out(self):
        send(self.card, POWER_OFF)
        self.reader.close()
        self.reader = None

    def answer(self, command):
        """What goes to vpcd, or None where nothing does."""
        index, self.sent = self.sent, self.sent + 1
        if self.lasting:
            return self.lasting
        name = self.fault_at(index)
        last, detail = self.previous, self.fault[2:] if self.fault else []
        if name in ("previousAnswer", "lagging", "answeredBefore"):
            self.previous = self.ask(command)
            return last
        if not name:
            self.previous = self.ask(command)
            return self.previous
        if name == "removedBefore":
            return self.pull_out()
        if name == "status":
            return bytes.fromhex(detail[0])
        if detail == ["for", "ever"]:
            self.lasting = (b"\x00" if name == "6101" else b"") + bytes.fromhex(name)
            return self.lasting
        if name == "reset":
            self.other = subprocess.Popen(self.reset, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if name == "unseenPowerCycle":
            self.restart()
        if name == "otherApplication":
            self.ask(bytes([0, 0xA4, 4, 0, len(OPENPGP)]) + OPENPGP)
        if name == "slow":
            time.sleep(5)
        if name == "commandTwice":
            self.ask(command)
        answer = self.previous = self.ask(command)
        if name == "removedAfter":
            return self.pull_out()
        if name == "oneByte":
            return answer[:1]
        if name == "truncated" and len(answer) > 4:
            return answer[: len(answer) // 2] + b"\x90\x00"
        if name == "scrambled" and len(answer) > 34:
            return answer[:-26] + bytes((i * 73 + 21) % 256 for i in range(24)) + answer[-2:]
        if name == "garbage":
            return bytes((i * 151 + 43) % 256 for i in range(77)) + b"\x90\x00"
        if name == "flood":
            return b"\x7f" * 65533 + b"\x90\x00"
        return answer

    def fault_at(self, index):
        """The name of what happens at a command, or None."""
        if not self.fault or index < self.fault[0]:
            return None
        name = self.fault[1]
        if index == self.fault[0] or name == "lagging":
            return name
        return "answeredBefore" if name == "answerTwice" and index == self.fault[0] + 1 else None

    def serve(self):
        """One message of vpcd's."""
        try:
            message = receive(self.reader)
        except OSError:
            message = None
        if message is None:
            sys.exit("vpcd has ended")
        if len(message) == 1:
            send(self.card, message)
            answer = receive(self.card) if message == b"\x04" else None
        else:
            answer = self.answer(message)
        if answer is not None:
            send(self.reader, answer)

    def mend(self):
        count, self.fault, self.lasting, self.sent, self.other = self.sent, None, None, 0, None
        if not self.reader:
            self.reader = self.connect()
        return count

    def obey(self, words):
        if words[0] == "fault":
            self.fault, self.sent = [int(words[1])] + words[2:], 0
            return "set"
        if words[0] == "pull":
            self.pull_out()
            return "out"
        if words[0] == "mend" and self.other and self.other.poll() is None:
            return "busy"
        if words[0] == "mend":
            assert not self.other or self.other.returncode == 0, "the other program has failed"
            return self.mend()
        self.restart()
        self.ask(bytes([0, 0xA4, 4, 0, len(PIV)]) + PIV)
        result = ""
        if words[0] == "tries":
            left = [self.ask(b"\x00\x20\x00\x80")[1] & 15]
            self.ask(bytes([0, 0xA4, 4, 0, len(OPENPGP)]) + OPENPGP)
            result = f"{left[0]} {self.ask(bytes.fromhex('00200082'))[1] & 15}"
        for pin in words[1:]:
            if not result and self.ask(b"\x00\x20\x00\x80\x08" + pin.encode() + b"\xff\xff") == b"\x90\x00":
                result = pin
        self.restart()
        return result

    def run(self):
        while True:
            sources = [sys.stdin] + ([self.reader] if self.reader else [])
            for source in select.select(sources, [], [])[0]:
                if source is not sys.stdin:
                    self.serve()
                    continue
                line = sys.stdin.readline()
                if not line:
                    self.process.terminate()
                    return
                print(self.obey(line.split()) if line.strip() else "ready", flush=True)
                break


end = sys.argv.index("--")
Middle(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:end], sys.argv[end + 1 :]).run()
