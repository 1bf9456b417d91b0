"""use-keys.py MODULE TOKEN PIN: uses the keys of a token through python-pkcs11.

Each line of its input is a job: the deed, the key's id, the label of its certificate, the mechanism as pkcs11-tool names
it, the file to read and the file to write, with tabs between them. It ends with 0 if none failed.
"""

import hashlib
import pathlib
import sys

import pkcs11
from pkcs11 import KDF, MGF, Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import decode_ec_public_key, encode_ecdsa_signature

module, token, pin = sys.argv[1:]
session = pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin)
failed = False


def digest(name):
    """The mechanism, the mask generation function and the length of a hash."""
    name = name or "SHA256"
    mask = MGF[name.replace("-", "_")]
    length = hashlib.new(name.lower().replace("-", "_")).digest_size
    return Mechanism["SHA_1" if name == "SHA1" else name.replace("-", "_")], mask, length


def parameter(name):
    if name.endswith("-PSS"):
        return digest(name.removesuffix("RSA-PKCS-PSS").rstrip("-"))
    if name.endswith("-OAEP"):
        return (*digest(None)[:2], None)
    return None


def use(deed, key, name, data):
    mechanism = Mechanism[name.replace("-", "_")]
    if deed == "derive":
        point = decode_ec_public_key(data)[Attribute.EC_POINT]
        # An OCTET STRING's header of two bytes, 04, x and y.
        size = (len(point) - 3) // 2
        template = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
        secret = key.derive_key(
            KeyType.GENERIC_SECRET, size * 8, mechanism=mechanism, mechanism_param=(KDF.NULL, None, point),
            template=template)
        return secret[Attribute.VALUE]
    if deed == "decrypt":
        return key.decrypt(data, mechanism=mechanism, mechanism_param=parameter(name))
    if deed == "unwrap":
        template = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
        secret = key.unwrap_key(
            ObjectClass.SECRET_KEY, KeyType.GENERIC_SECRET, data, mechanism=mechanism,
            mechanism_param=parameter(name), template=template)
        return secret[Attribute.VALUE]
    if deed == "wrap":
        secret = session.create_object({
            Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
            Attribute.VALUE: data, Attribute.EXTRACTABLE: True})
        return key.wrap_key(secret, mechanism=mechanism, mechanism_param=parameter(name))
    signature = key.sign(data, mechanism=mechanism, mechanism_param=parameter(name))
    return encode_ecdsa_signature(signature) if name.startswith("ECDSA") else signature


for line in sys.stdin.read().splitlines():
    deed, identifier, _, name, source, target = line.split("\t")
    kind = ObjectClass.PUBLIC_KEY if deed == "wrap" else ObjectClass.PRIVATE_KEY
    key = session.get_key(kind, id=bytes.fromhex(identifier))
    try:
        output = use(deed, key, name, pathlib.Path(source).read_bytes())
        pathlib.Path(target).write_bytes(output)
    except pkcs11.PKCS11Error as error:
        print(line, repr(error), file=sys.stderr)
        failed = True
sys.exit(failed)
