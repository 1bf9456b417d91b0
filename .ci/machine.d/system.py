"""The jobs of `.ci/machine` with the system around the card: disks."""
from machine import blocks_of, told

# As systemd asks for it, when it enrols a token and when it unlocks with it.
TOKEN_PIN = r"(PIN for security token|(security|LUKS2) token PIN).*:"


def volume(machine, card):
    """The page "Unlock a disk with the card", and then the start of the machine."""
    device, passphrase = "/dev/vdb", "of the volume"
    machine.log_in_as_root(card)
    machine.until("martlet list 2>/dev/null | grep -q PIV")
    machine.run(f"printf %s '{passphrase}' | cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 "
                f"--pbkdf-force-iterations 1000 {device} -")
    blocks = blocks_of("UnlockDisk.md")
    for line in blocks[1] + blocks[2]:
        line = line.replace("sudo ", "").replace("DEVICE", device)
        prompts = [("passphrase for disk.*:", passphrase), (TOKEN_PIN, card.pin)] if "cryptenroll" in line else []
        machine.run(line, prompts)
    before, began = card.commands(), machine.seconds()
    machine.type("systemctl reboot")
    machine.expect(TOKEN_PIN)
    told(f"the console asks for the volume's PIN {machine.seconds() - began:.0f} s after the restart")
    machine.type(card.pin)
    machine.expect_login()
    told(f"the login prompt after {machine.seconds() - began:.0f} s, and {card.commands() - before} commands to the card")
    machine.log_in_as_root(card)
    told(machine.run("cryptsetup status vault | grep 'is active'").split("\n")[0])
    machine.run("journalctl --boot --unit 'systemd-cryptsetup@*' --no-pager")
    machine.run("test -z \"$(systemctl --failed --no-legend)\"")
    machine.log_out_of_root()
