"""The jobs of `.ci/machine` at the login: whom the card lets in, where it is asked for, and what happens without it."""
from machine import PIN, Failure, blocks_of, told

NEW_PIN, PUK = "654321", "12345678"
MANAGEMENT_KEY = "010203040506070801020304050607080102030405060708"


def expect_asked(asked, *expected):
    if asked != list(expected):
        raise Failure(f"the login asked for {asked}, and not for {list(expected)}")


def doctor(machine, card):
    """A plain user, before anything is set up: reader, service, module and card are right."""
    machine.log_in("alice", card.pin)
    machine.until("martlet list 2>/dev/null | grep -q PIV")
    # A new card's PINs are the maker's, and no agent runs: notes, for which the doctor does not fail.
    told(machine.run("martlet doctor 2>/dev/null").strip())
    machine.run("udevadm info --query=property --property=TAGS \"$(grep -l 1050 /sys/bus/usb/devices/*/idVendor | "
                "xargs dirname)\" | grep uaccess")
    machine.run("systemctl is-active pcscd.socket pcscd.service")
    machine.log_out()


def login(machine, card):
    """The page "Log in to Debian with the card", line by line, and then the login."""
    sudo = (r"\[sudo\] password for alice: ", "of-alice")
    typing = {
        "martlet generate": [("Management key of [^:]*: ?", MANAGEMENT_KEY), ("PIN of [^:]*: ?", PIN)],
        "martlet pin change": [("PIN of [^:]*: ?", PIN), ("New PIN: ?", NEW_PIN), ("New PIN again: ?", NEW_PIN)],
        "martlet pin change-code": [("PUK of [^:]*: ?", PUK), ("New PUK: ?", "87654321"), ("New PUK again: ?", "87654321")],
    }
    blocks = blocks_of("LogIn.md")
    expect_asked(machine.log_in("alice"), "password")
    asked = False
    for line in blocks[0] + blocks[1]:
        if "apt-get install" in line:
            # The machine has no network; the package is there.
            line = line.replace("apt-get install", "apt-get install --no-download")
        prompts = next((typing[name] for name in sorted(typing, reverse=True) if line.startswith(name)), [])
        if "sudo" in line and not asked:
            prompts, asked = [sudo], True
        machine.run(line, prompts)
    machine.log_out()
    card.pin = NEW_PIN
    before = card.commands()
    expect_asked(machine.log_in("alice", card.pin), "PIN")
    told(f"logged in by card: {card.commands() - before} commands to the card")
    machine.run("sudo --remove-timestamp; sudo id", [("Smart card PIN: ", card.pin)])
    machine.log_out()


def reader(machine, card):
    """A wrong PIN, no card, a card that comes to the prompt: nobody is locked out, and no try is lost."""
    machine.expect(r"machine login: ")
    machine.type("alice")
    machine.expect("Smart card PIN: ")
    machine.type("000000")
    # pam_pkcs11 says that it is wrong, and not how many tries are left; pam_unix tries it for a password.
    machine.expect("Wrong smartcard PIN")
    machine.expect("Login incorrect")
    card.pull()
    expect_asked(machine.log_in("alice"), "password")
    machine.until("! grep -q 1050 /sys/bus/usb/devices/*/idVendor")
    card.put_back()
    machine.until("martlet list 2>/dev/null | grep -q PIV")
    said = machine.run("martlet pin tries")
    told(said.strip())
    machine.log_out()
    expect_asked(machine.log_in("alice", card.pin), "PIN")
    machine.log_out()
