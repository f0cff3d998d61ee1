"""Which passwords are taken: long enough, not among those that everybody tries, and not made of what is known anyway.

There are no rules on which signs a password is made of, and none is ever cut off. Must not know where it is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from crmkit.core.vault.secrets import digest
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

SHORTEST = 12
LONGEST = 128
_LIST = "refused.bin"
_SIZE = 8
_REST = 6


def check_password(password: str, about: Iterable[str | None] = ()) -> None:
    """Return when a password can be used. ``about`` are words that others would guess: login, name, company.

    Raises InvalidInput when it has fewer than 12 or more than 128 signs, is one of the commonest, or is little more
    than words that are known anyway.
    """
    plain = unicodedata.normalize("NFC", password)
    problem: Problem | None = None
    if len(plain) < SHORTEST:
        problem = Problem(
            "CK500",
            _("The password is too short: it has {length} signs."),
            field="password",
            hint=_("Use at least {shortest}; a few words that have nothing to do with each other are good."),
            length=len(plain),
            shortest=SHORTEST,
        )
    elif len(plain) > LONGEST:
        problem = Problem(
            "CK500",
            _("The password is too long: it has {length} signs."),
            field="password",
            hint=_("Use at most {longest}."),
            length=len(plain),
            longest=LONGEST,
        )
    elif is_common(plain):
        problem = Problem(
            "CK500",
            _("This password is among those that are tried first."),
            field="password",
            hint=_("Use one that nobody else would choose."),
        )
    elif is_known_anyway(plain, about):
        problem = Problem(
            "CK500",
            _("This password is made of what others know: your name, your login, the company or the program."),
            field="password",
            hint=_("Use words that have nothing to do with you."),
        )
    if problem is not None:
        raise InvalidInput([problem])


def is_common(password: str) -> bool:
    """Say whether a password is among the 20,000 commonest of its length, in capitals or small letters."""
    wanted = digest(unicodedata.normalize("NFC", password).casefold())[:_SIZE]
    known = _known()
    low, high = 0, len(known) // _SIZE
    while low < high:
        middle = (low + high) // 2
        if known[middle * _SIZE : (middle + 1) * _SIZE] < wanted:
            low = middle + 1
        else:
            high = middle
    return known[low * _SIZE : (low + 1) * _SIZE] == wanted


def is_known_anyway(password: str, about: Iterable[str | None]) -> bool:
    """Say whether hardly any letters remain of a password without the words that are known."""
    rest = password.casefold()
    words: set[str] = {"crmkit"}
    for text in about:
        whole = unicodedata.normalize("NFC", text or "").casefold()
        words |= {whole, "".join(_letters(whole)), *re.split(r"[\W_]+", whole)}
    found = False
    for word in sorted(words, key=len, reverse=True):
        # One or two Latin letters are in every password; two Chinese ones are a name.
        if len(word) >= (3 if word.isascii() else 2) and word in rest:
            rest, found = rest.replace(word, ""), True
    return found and len(_letters(rest)) < _REST


def _letters(text: str) -> list[str]:
    return [sign for sign in text if sign.isalpha()]


@cache
def _known() -> bytes:
    return (files(__package__ or "") / _LIST).read_bytes()
