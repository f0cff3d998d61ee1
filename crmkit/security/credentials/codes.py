"""The texts of what is given out once: API tokens, which tell by themselves whether they were mistyped, and one-time
codes, which people read and type.

Must not know the database.
"""

from __future__ import annotations

import re
import zlib

from crmkit.core.vault.secrets import BASE62, CROCKFORD, digest, random_text

PREFIX = "crmkit_"
"""What every token begins with, so that a scanner for secrets finds one that was left lying about."""
_RANDOM = 30
_CHECK = 6
_SHAPE = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECK}}})")
SHOWN = len(PREFIX) + 4
"""How much of a token is kept, for its owner to tell it from another."""

_GROUPS = 4
_GROUP = 6
_CODE = _GROUPS * _GROUP
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_token() -> str:
    """Return the text of a new token: a prefix, 30 random signs (178 bits) and a checksum of 6."""
    random = random_text(_RANDOM)
    return f"{PREFIX}{random}{_checksum(random)}"


def token_digest(text: str) -> bytes | None:
    """Return the digest under which a token is kept, or None for a text that is none or was mistyped."""
    match = _SHAPE.fullmatch(text)
    if match is None or _checksum(match[1]) != match[2]:
        return None
    return digest(text)


def new_code() -> str:
    """Return a new one-time code: four groups of six signs, 120 bits."""
    signs = random_text(_CODE, CROCKFORD)
    return "-".join(signs[place : place + _GROUP] for place in range(0, _CODE, _GROUP))


def code_digest(text: str) -> bytes | None:
    """Return the digest under which a one-time code is kept, or None for a text that is none. Small letters, missing
    hyphens and signs that look alike are forgiven."""
    signs = re.sub(r"[\s\-]", "", text[:200]).upper().translate(_ALIKE)
    if len(signs) != _CODE or any(sign not in CROCKFORD for sign in signs):
        return None
    return digest(signs)


def _checksum(random: str) -> str:
    number = zlib.crc32(random.encode())
    signs = ""
    for _place in range(_CHECK):
        number, digit = divmod(number, len(BASE62))
        signs = BASE62[digit] + signs
    return signs
