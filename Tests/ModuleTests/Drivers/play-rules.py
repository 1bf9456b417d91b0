"""play-rules.py MODULE RULE: plays a rule of PKCS #11 through python-pkcs11, which is a client of its own.

P11_PIN and P11_SO_PIN hold the PINs. The card has RSA keys in 9A and 9D, P-256 keys in 9C and 9E. It ends with 0 if the
rule holds, and with the line that does not hold otherwise.
"""

import hashlib
import os
import sys
import threading

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as p11

PIN, SO_PIN = os.environ["P11_PIN"], os.environ["P11_SO_PIN"]
PRIVATE = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
PUBLIC = {Attribute.CLASS: ObjectClass.PUBLIC_KEY}


def handles(session, template=None):
    return [found.handle for found in session.get_objects(template)]


def key(session, identifier, kind=ObjectClass.PRIVATE_KEY):
    return session.get_key(kind, id=bytes([identifier]))


def fails(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return True
    return False


def two_sessions_have_the_same_handles(token):
    one, other = token.open(user_pin=PIN), token.open(rw=True)
    everything, others = handles(one), []
    thread = threading.Thread(target=lambda: others.extend(handles(other)))
    thread.start()
    thread.join()
    assert len(everything) > 11 and 0 not in everything
    assert len(set(everything)) == len(everything)
    assert others == everything
    assert handles(one) == everything


def a_login_is_all_sessions(token):
    before = token.open(rw=True)
    assert len(handles(before, PRIVATE)) == 1
    logged_in = token.open(user_pin=PIN)
    assert len(handles(before, PRIVATE)) == 4
    assert fails(p11.UserAlreadyLoggedIn, token.open, user_pin=PIN)
    assert fails(p11.AnotherUserAlreadyLoggedIn, token.open, rw=True, so_pin=SO_PIN)
    assert key(before, 1).sign(b"message", mechanism=Mechanism.SHA256_RSA_PKCS)
    logged_in.close()
    assert len(handles(before, PRIVATE)) == 1


def a_wrong_pin_is_told(token):
    assert fails(p11.PinIncorrect, token.open, user_pin="999999")
    assert fails(p11.PinIncorrect, token.open, user_pin="1")
    assert len(handles(token.open(user_pin=PIN), PRIVATE)) == 4


def private_objects_end_with_the_login(token):
    session, logged_in = token.open(), token.open(user_pin=PIN)
    private, public = key(session, 1), key(session, 1, ObjectClass.PUBLIC_KEY)
    assert private.key_type == KeyType.RSA
    logged_in.close()
    assert fails(p11.ObjectHandleInvalid, private.get_attributes, [Attribute.LABEL])
    assert fails(p11.KeyHandleInvalid, private.sign, b"message", mechanism=Mechanism.SHA256_RSA_PKCS)
    assert public.get_attributes([Attribute.LABEL])[Attribute.LABEL] == "PIV AUTH pubkey"
    token.open(user_pin=PIN)
    assert key(session, 1).handle != private.handle
    assert fails(p11.ObjectHandleInvalid, private.get_attributes, [Attribute.LABEL])
    assert key(session, 1, ObjectClass.PUBLIC_KEY).handle == public.handle


def objects_are_found_by_any_attribute(token):
    session = token.open(user_pin=PIN)
    attributes = [
        Attribute.CLASS, Attribute.ID, Attribute.LABEL, Attribute.KEY_TYPE, Attribute.MODULUS, Attribute.EC_POINT,
        Attribute.SUBJECT, Attribute.VALUE, Attribute.PRIVATE, Attribute.LOCAL, Attribute.ALWAYS_AUTHENTICATE,
    ]
    for thing in list(session.get_objects()):
        known = {name: value for name, value in thing.get_attributes(attributes).items() if value is not None}
        assert thing.handle in handles(session, known), known
        for name, value in known.items():
            assert thing.handle in handles(session, {name: value}), (name, value)
    assert len(handles(session, PRIVATE | {Attribute.KEY_TYPE: KeyType.EC})) == 2
    assert handles(session, PRIVATE | {Attribute.LABEL: "nothing"}) == []
    assert fails(p11.NoSuchKey, key, session, 99)
    assert fails(p11.MultipleObjectsReturned, session.get_key, ObjectClass.PRIVATE_KEY)


def every_key_signs(token):
    session = token.open(user_pin=PIN)
    pins = {1: None, 2: PIN, 3: None, 4: None}
    ours = {KeyType.RSA: Mechanism.SHA256_RSA_PKCS, KeyType.EC: Mechanism.ECDSA_SHA256}
    for identifier, pin in pins.items():
        private, public = key(session, identifier), key(session, identifier, ObjectClass.PUBLIC_KEY)
        for message in b"", b"message", bytes(100_000):
            signature = private.sign(message, mechanism=ours[private.key_type], pin=pin)
            assert public.verify(message, signature, mechanism=ours[private.key_type])
            assert not public.verify(message + b".", signature, mechanism=ours[private.key_type])
            if private.key_type == KeyType.RSA:
                assert is_rsa_signature(public, message, signature)
        pieces = private.sign(iter([b"mess", b"age"]), mechanism=ours[private.key_type], pin=pin)
        assert public.verify(b"message", pieces, mechanism=ours[private.key_type])


def is_rsa_signature(public, message, signature):
    """PKCS #1, section 8.2.2, computed here."""
    modulus, exponent = (int.from_bytes(public[part], "big") for part in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
    digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(message).digest()
    block = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(len(signature), "big")
    return block == b"\0\1" + b"\xff" * (len(block) - len(digest) - 3) + b"\0" + digest


def a_key_that_wants_its_pin_gets_it_each_time(token):
    session = token.open(user_pin=PIN)
    private = key(session, 2)
    assert private[Attribute.ALWAYS_AUTHENTICATE]
    sign = {"mechanism": Mechanism.ECDSA_SHA256}
    assert private.sign(b"covered by the login", **sign)
    assert fails(p11.UserNotLoggedIn, private.sign, b"without the PIN", **sign)
    assert fails(p11.PinIncorrect, private.sign, b"with a wrong PIN", pin="999999", **sign)
    assert private.sign(b"with the PIN", pin=PIN, **sign)
    assert key(session, 1).sign(b"another key needs none", mechanism=Mechanism.SHA256_RSA_PKCS)


def session_objects_are_the_processs(token):
    session, other = token.open(user_pin=PIN), token.open(rw=True)
    maker = token.open()
    data = maker.create_object({
        Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: "note", Attribute.VALUE: b"one"})
    secret = maker.create_object({
        Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES, Attribute.VALUE: bytes(16),
        Attribute.PRIVATE: True, Attribute.LABEL: "secret"})
    rsa = key(maker, 1, ObjectClass.PUBLIC_KEY)
    public = maker.create_object({
        Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.RSA, Attribute.LABEL: "mine",
        Attribute.MODULUS: rsa[Attribute.MODULUS], Attribute.PUBLIC_EXPONENT: rsa[Attribute.PUBLIC_EXPONENT]})
    signature = key(session, 1).sign(b"message", mechanism=Mechanism.SHA256_RSA_PKCS)
    assert public.verify(b"message", signature, mechanism=Mechanism.SHA256_RSA_PKCS)
    for made in data, secret, public:
        assert handles(other, {Attribute.LABEL: made[Attribute.LABEL]}) == [made.handle]
    assert fails(p11.AttributeSensitive, lambda: secret[Attribute.VALUE])
    (seen,) = other.get_objects({Attribute.LABEL: "note"})
    seen[Attribute.VALUE] = b"two"
    assert data[Attribute.VALUE] == b"two"
    copy = seen.copy({Attribute.LABEL: "copy"})
    assert copy[Attribute.VALUE] == b"two" and copy.handle != seen.handle
    seen.destroy()
    assert fails(p11.ObjectHandleInvalid, lambda: data[Attribute.VALUE])
    # The copy is the other session's; what the maker made goes with it.
    maker.close()
    assert handles(session, {Attribute.LABEL: "mine"}) == []
    assert handles(session, {Attribute.LABEL: "copy"}) == [copy.handle]
    session.close()
    assert handles(other, {Attribute.LABEL: "copy"}) == [copy.handle]
    assert handles(other, {Attribute.LABEL: "secret"}) == []


def the_officer_needs_write_access(token):
    reader = token.open()
    assert fails(p11.SessionReadOnlyExists, token.open, rw=True, so_pin=SO_PIN)
    reader.close()
    officer = token.open(rw=True, so_pin=SO_PIN)
    assert fails(p11.SessionReadWriteSOExists, token.open)
    # The keys of the card are the SO's to make and to delete.
    assert len(handles(officer, PRIVATE)) == 4
    assert fails(p11.AnotherUserAlreadyLoggedIn, token.open, rw=True, user_pin=PIN)


def digests_and_random_numbers_come(token):
    session = token.open()
    for name in "sha1", "sha224", "sha256", "sha384", "sha512":
        mechanism = Mechanism.SHA_1 if name == "sha1" else Mechanism[name.upper()]
        for message in b"", b"message", bytes(1_000_000):
            assert session.digest(message, mechanism=mechanism) == hashlib.new(name, message).digest()
    assert len({session.generate_random(256) for _ in range(16)}) == 16


module, rule = sys.argv[1:]
(slot,) = pkcs11.lib(module).get_slots(token_present=True)
globals()[rule](slot.get_token())
