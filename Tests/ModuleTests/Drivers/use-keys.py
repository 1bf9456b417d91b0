"""use-keys.py MODULE TOKEN PIN: uses the keys of a token through python-pkcs11.

Each line of its input is a job: the deed, the key's id, the label of its certificate, the mechanism as pkcs11-tool names
it, the file to read and the file to write, with tabs between them. It ends with 0 if none failed.
"""

import pathlib
import sys

import pkcs11
from pkcs11 import Mechanism, ObjectClass
from pkcs11.util.ec import encode_ecdsa_signature

module, token, pin = sys.argv[1:]
session = pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin)
failed = False


def use(deed, key, mechanism, data):
    if deed == "decrypt":
        return key.decrypt(data, mechanism=mechanism)
    signature = key.sign(data, mechanism=mechanism)
    return encode_ecdsa_signature(signature) if mechanism.name.startswith("ECDSA") else signature


for line in sys.stdin.read().splitlines():
    deed, identifier, _, name, source, target = line.split("\t")
    key = session.get_key(ObjectClass.PRIVATE_KEY, id=bytes.fromhex(identifier))
    try:
        output = use(deed, key, Mechanism[name.replace("-", "_")], pathlib.Path(source).read_bytes())
        pathlib.Path(target).write_bytes(output)
    except pkcs11.PKCS11Error as error:
        print(line, repr(error), file=sys.stderr)
        failed = True
sys.exit(failed)
