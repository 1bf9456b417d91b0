"""Serves the OpenPGP card of the Python package smartcard-app-openpgp, which nobody of this project wrote.

    public-card.py KEYS --lines               a command in hexadecimal on each line of standard input, answers likewise
    public-card.py KEYS --port N --log FILE   to vpcd at 127.0.0.1:N, with a line for each command in FILE

KEYS are up to three key types, for signing, decrypting and authenticating, joined by commas, such as
rsa2048,x25519,p256 or none,none,p384. The card is new each time: PW1 is 123456 and PW3 12345678. PYTHONPATH must have the
package; see PublicCard.swift.
"""
import argparse
import logging
import socket
import struct
import sys
import time

import ZODB.DB
from smartcard import MASTER_FILE_IDENTIFIER, Card
from smartcard.app.openpgp import OpenPGP
from smartcard.status import SUCCESS
from smartcard.utils import transaction_manager

ATTRIBUTES = {
    "rsa2048": "010800002000",
    "rsa3072": "010C00002000",
    "p256": "{}2A8648CE3D030107",
    "p384": "{}2B81040022",
    "p521": "{}2B81040023",
    "brainpool256": "{}2B2403030208010107",
    "x25519": "122B060104019755010501",
}
TEMPLATES = ("B600", "B800", "A400")


class Application(OpenPGP):
    """Version 0.4.0 forgets the status word of INTERNAL AUTHENTICATE."""

    def internalAuthenticate(self, **arguments):
        return super().internalAuthenticate(**arguments) + bytes(SUCCESS)


def new_card():
    """A card with an empty OpenPGP application, in a database that lives in memory."""
    connection = ZODB.DB(None, pool_size=1).open(transaction_manager=transaction_manager)
    with transaction_manager:
        card = connection.root.card = Card(name=b"py-openpgp")
        application = Application(identifier=b"\x12\x34", manufacturer=b"\xff\x42", serial=b"\x00\x00\x12\x34")
        application.activateSelf()
        card.createFile(card.traverse((MASTER_FILE_IDENTIFIER,)), application)
    return card


def run(card, command):
    return bytes(card.runAPDU(bytearray(command)))


def must(card, command):
    answer = run(card, bytes.fromhex(command))
    if answer[-2:] != b"\x90\x00":
        raise SystemExit(f"{command} answered {answer.hex()}")


def personalise(card, keys):
    """Lets the card make its keys, as a host would."""
    must(card, "00A4040006D2760001240100")
    must(card, "0020008308" + b"12345678".hex())
    for index, kind in enumerate(keys):
        if kind == "none":
            continue
        attributes = ATTRIBUTES[kind].format("12" if index == 1 else "13")
        must(card, f"00DA00C{index + 1}{len(attributes) // 2:02X}{attributes}")
        make = bytes.fromhex(f"00478000000002{TEMPLATES[index]}0000")
        # A thread of the card's makes keys ahead of time; until it has one the card fails.
        for _ in range(600):
            if run(card, make)[-2:] == b"\x90\x00":
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"no {kind} key was made")
    card.clearVolatile()


def serve_lines(card):
    for line in sys.stdin:
        word = line.strip()
        if word == "reset":
            card.clearVolatile()
            answer = b"\x90\x00"
        elif word == "atr":
            answer = bytes(card.getATR())
        else:
            answer = run(card, bytes.fromhex(word))
        print(answer.hex().upper(), flush=True)


def receive(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


def connect(port):
    for _ in range(1000):
        try:
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"vpcd does not answer at 127.0.0.1:{port}")


def serve_vpcd(card, port, log):
    """Messages of two bytes of length and so many bytes; one byte alone controls: 0 off, 1 on, 2 reset, 4 ATR."""
    connection = connect(port)
    while True:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        message = receive(connection, struct.unpack(">H", receive(connection, 2))[0])
        if len(message) == 1:
            if message[0] != 4:
                card.clearVolatile()
                continue
            answer = bytes(card.getATR())
        else:
            answer = run(card, message)
            log.write(f"{message.hex().upper()} {answer.hex().upper()}\n")
            log.flush()
        connection.sendall(struct.pack(">H", len(answer)) + answer)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("keys")
    parser.add_argument("--lines", action="store_true")
    parser.add_argument("--port", type=int)
    parser.add_argument("--log")
    arguments = parser.parse_args()
    # It logs each key that is not ready yet as an unhandled exception.
    logging.disable()
    card = new_card()
    personalise(card, arguments.keys.split(","))
    if arguments.lines:
        serve_lines(card)
    else:
        with open(arguments.log, "a", encoding="ascii") as log:
            serve_vpcd(card, arguments.port, log)


main()
