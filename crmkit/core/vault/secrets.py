"""Secrets that are given out and only ever compared: random texts, their digests, and passwords under Argon2id.

Must not know what the secrets open, nor where their digests are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import unicodedata
from functools import cache
from typing import Any

from attrs import frozen

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Digits, capitals and small letters: what needs no quoting anywhere."""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet of 32 signs for codes that people read and type: none looks like another one."""


def random_text(length: int, alphabet: str = BASE62) -> str:
    """Return a text of ``length`` signs, each drawn evenly from an alphabet by the system's generator."""
    return "".join(secrets.choice(alphabet) for _index in range(length))


def digest(secret: str) -> bytes:
    """Return the SHA-256 (32 bytes) of a secret with 112 bits of chance or more; a password needs `hash_password`."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def random_bytes(length: int) -> bytes:
    """Return bytes by the system's generator, such as a key that is shared with another system."""
    return secrets.token_bytes(length)


def hmac_digest(key: bytes, content: bytes, algorithm: str = "sha256") -> bytes:
    """Return the HMAC (RFC 2104) of a content under a key that is shared with another system; ``algorithm`` is the name
    of a hash. What crmkit keeps for itself is sealed or signed by the key ring instead."""
    return hmac.digest(key, content, algorithm)


def same(one: bytes, other: bytes) -> bool:
    """Say whether two digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)


@frozen(kw_only=True)
class Cost:
    """What hashing a password costs: passes, memory in KiB, and lanes (Argon2's t, m and p)."""

    passes: int
    memory: int
    lanes: int


def hash_password(password: str, cost: Cost) -> str:
    """Return the Argon2id hash of a password, with its salt and its cost, in the usual form ``$argon2id$v=19$…``.

    At most as many are computed at a time as there are processors; other callers wait for their turn.
    """
    with _turns():
        return str(_hasher(cost).hash(_canonical(password)))


def verify_password(password: str, hashed: str) -> bool:
    """Say whether a password has this Argon2id hash; a hash that cannot be read is nobody's. Waits as `hash_password`
    does."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    # The cost is in the hash: any hasher verifies any hash.
    with _turns():
        try:
            return bool(_hasher(Cost(passes=1, memory=8, lanes=1)).verify(hashed, _canonical(password)))
        except (Argon2Error, InvalidHashError):
            return False


def needs_rehash(hashed: str, cost: Cost) -> bool:
    """Say whether a hash was made at another cost than the present one."""
    return bool(_hasher(cost).check_needs_rehash(hashed))


@cache
def nobodys_hash(cost: Cost) -> str:
    """Return the hash of a random password that nobody knows: verifying against it is the work of a real attempt."""
    return hash_password(random_text(32), cost)


def _canonical(password: str) -> bytes:
    # The same letters can be composed in two ways, and which one arrives depends on the keyboard.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@cache
def _hasher(cost: Cost) -> Any:
    from argon2 import PasswordHasher, Type

    return PasswordHasher(
        time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes, hash_len=32, salt_len=16, type=Type.ID
    )


@cache
def _turns() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(os.cpu_count() or 1)
