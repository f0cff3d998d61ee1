"""Blind tokens: what a value can be looked up by without being kept in plain.

A token is the version of its key (1 byte) and 16 bytes of HMAC-SHA256. Who holds no key learns from tokens only which
values are equal. Pure functions.
"""

from __future__ import annotations

import hmac

from crmkit.core.vault.envelope import expand

SIZE = 17
"""Bytes of a token."""
_HASH = SIZE - 1


def index_key(master: bytes, instance: bytes, index: str) -> bytes:
    """Return the key of one index, made of a version's master key."""
    return expand(master, b"crmkit index " + instance + index.encode())


def token(key: bytes, version: int, canonical: str) -> bytes:
    """Return the token of a value in its canonical form."""
    return bytes((version,)) + hmac.digest(key, canonical.encode(), "sha256")[:_HASH]


def first_of(version: int) -> bytes:
    """Return the smallest bytes that a token of a version begins with: tokens sort by version."""
    return bytes((version,))
