"""The form of what is sealed: AES-256-GCM bound to its place, in an envelope that names its key.

An envelope is ``0xC1 | suite | key id (16) | nonce (12) | ciphertext and tag``: 46 bytes more than the value. What is
authenticated with it is its header and the place, each part with its length in front. Pure functions; they know no
database and keep no key.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crmkit.errors import SealBroken, WrongKey
from crmkit.i18n import texts

_ = texts("crmkit")

MAGIC = 0xC1
SUITE = 0x01
"""AES-256-GCM with a random nonce of 96 bits; other numbers are kept for other suites."""
HEADER = bytes((MAGIC, SUITE))
KEY = 32
NONCE = 12
TAG = 16
_NAMED = 2 + 16
_FRONT = _NAMED + NONCE
OVERHEAD = _FRONT + TAG
_length = struct.Struct(">I").pack


def framed(*parts: bytes) -> bytes:
    """Return parts with their lengths in front, so that no two lists of parts give the same bytes."""
    return b"".join([_length(len(part)) + part for part in parts])


def place(instance: UUID, table: str, field: str) -> bytes:
    """Return the bytes of a field's place; the record's id follows them."""
    return framed(instance.bytes, table.encode(), field.encode()) + _length(16)


def expand(key: bytes, label: bytes) -> bytes:
    """Return 32 bytes that a label separates from all others made of a key: one block of HKDF-Expand with SHA-256
    (RFC 5869). The key has to be uniformly random."""
    return hmac.digest(key, label + b"\x01", "sha256")


def new_key() -> bytes:
    """Return a new random key."""
    return os.urandom(KEY)


def nonces(number: int) -> Sequence[bytes]:
    """Return random nonces, read at once."""
    pool = os.urandom(NONCE * number)
    return [pool[start : start + NONCE] for start in range(0, NONCE * number, NONCE)]


def seal(cipher: AESGCM, front: bytes, nonce: bytes, context: bytes, value: bytes) -> bytes:
    """Return the envelope of a value; ``front`` is the header with the key's id, ``context`` the place."""
    return front + nonce + cipher.encrypt(nonce, value, front + context)


def key_id(envelope: bytes) -> bytes:
    """Return the 16 bytes that name an envelope's key. Raises SealBroken for what is no envelope."""
    if len(envelope) < OVERHEAD or envelope[:2] != HEADER:
        raise SealBroken()
    return envelope[2:_NAMED]


def unseal(cipher: AESGCM, context: bytes, envelope: bytes) -> bytes:
    """Return the value of an envelope whose form `key_id` has checked. Raises SealBroken when it was altered or comes
    from another place."""
    try:
        return cipher.decrypt(envelope[_NAMED:_FRONT], envelope[_FRONT:], envelope[:_NAMED] + context)
    except InvalidTag:
        raise SealBroken() from None


def wrap(root: bytes, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Return keys, each given with its context, wrapped under a root key: ``suite | nonce | ciphertext and tag``."""
    encrypt = AESGCM(root).encrypt
    suite = bytes((SUITE,))
    return [
        suite + nonce + encrypt(nonce, key, context)
        for nonce, (key, context) in zip(nonces(len(keys)), keys, strict=True)
    ]


def unwrap(root: bytes, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """Return keys that were wrapped, each given with its context. Raises WrongKey when the root key or a context is
    another, or something was altered."""
    decrypt = AESGCM(root).decrypt
    found: list[bytes] = []
    for data, context in wrapped:
        if len(data) < 1 + NONCE + TAG or data[0] != SUITE:
            raise WrongKey(_("A wrapped key was altered."))
        try:
            found.append(decrypt(data[1 : 1 + NONCE], data[1 + NONCE :], context))
        except InvalidTag:
            raise WrongKey(_("A wrapped key was altered, or its root key is another.")) from None
    return found
