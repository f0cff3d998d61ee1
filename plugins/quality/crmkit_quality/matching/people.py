"""Names of people in the forms in which they are compared: family and given name, as written and as read.

Must not know which comparisons there are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmkit_quality.matching.nicknames import NICKNAMES
from crmkit_quality.matching.surnames import COMPOUND, PINYIN, READ_AS
from crmkit_quality.matching.text import fold, has_chinese, is_chinese, latin, letters, reading, syllable, words

_TITLES_TEXT = """
mr mrs ms miss dr prof sir madam herr frau mme mlle sr sra dipl ing
"""
_TITLES = frozenset(_TITLES_TEXT.split())
_SUFFIXES_TEXT = """
jr ii iii iv phd md esq mba
"""
_SUFFIXES = frozenset(_SUFFIXES_TEXT.split())
_POLITE = ("先生", "女士", "小姐", "太太", "老师", "教授", "医生", "经理", "总经理", "老板", "同学", "师傅")
_PARTICLES_TEXT = """
van von der den de la le da di dos das del della bin ibn al el ter ten zu zum zur st
"""
_PARTICLES = frozenset(_PARTICLES_TEXT.split())
_IN_CHINESE = frozenset(("CN", "TW", "HK", "MO", "SG"))
_BRACKETS = re.compile(r"[(\[（【〔].*?[)\]）】〕]")
_PINYIN_RUN = re.compile(
    r"(?:[ln]yu|[ln]v|(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|a|o|e|i|u|v))+"
)


class PersonName(NamedTuple):
    """A person's name, folded; what is not known is empty.

    ``family`` and ``given`` are as written, ``family_read`` and ``given_read`` in Latin letters whatever the script;
    ``first`` is the first of several given names, ``whole`` what it is short for.
    """

    family: str = ""
    given: str = ""
    middle: str = ""
    family_read: str = ""
    given_read: str = ""
    first: str = ""
    whole: str = ""


@lru_cache(maxsize=4096)
def family_reading(family: str) -> str:
    """Return the pinyin of a Chinese family name, as families say it."""
    known = READ_AS.get(family)
    if known is not None:
        return known
    return "".join(READ_AS.get(each, "") or syllable(each) for each in family) if len(family) == 1 else reading(family)


def person_name(name: str, family: str = "", given: str = "", middle: str = "", country: str = "") -> PersonName:
    """Return a person's name in the forms in which it is compared, from its parts where these are known.

    The order of the parts of a whole name is told by a comma, capitals, Chinese script, and pinyin; ``country`` (a
    code such as CN) says which order is usual where the name itself does not.
    """
    if family and given:
        return _made(fold(family), fold(given), fold(middle))
    split = _split(name, country)
    return _made(fold(family) or split[0], fold(given) or _rest(split, fold(family)), fold(middle) or split[2])


def _rest(split: tuple[str, str, str], family: str) -> str:
    if not family or split[0] == family:
        return split[1]
    return "" if split[1] == family else split[1]


def _made(family: str, given: str, middle: str) -> PersonName:
    if has_chinese(family) or has_chinese(given):
        family, given = family.replace(" ", ""), given.replace(" ", "")
        read = latin(family_reading(family)) if has_chinese(family) else latin(family)
        given_read = latin(reading(given))
        return PersonName(family, given, middle, read, given_read, given_read, "")
    parts = words(given)
    first = latin(parts[0]) if parts else ""
    return PersonName(
        " ".join(words(family)), " ".join(parts), middle, latin(family), latin(given), first, NICKNAMES.get(first, "")
    )


def _split(name: str, country: str) -> tuple[str, str, str]:
    """Return family, given and middle name of a name written as one text."""
    written = _BRACKETS.sub(" ", name)
    if has_chinese(written):
        return _split_chinese(fold(written))
    before, comma, after = written.partition(",")
    if comma and after.strip() and fold(after) not in _SUFFIXES:
        given, *more = _names(after) or [""]
        return " ".join(_names(before)), given, " ".join(more)
    raw = [each for each in written.replace(".", ". ").split() if letters(each)]
    parts = _names(written)
    if len(parts) < 2:
        return "", " ".join(parts), ""
    if _is_pinyin(parts):
        return _split_pinyin(parts, raw, country)
    capitals = [each.isupper() and len(letters(each)) > 1 for each in raw]
    if len(capitals) == len(parts) and capitals[0] and not any(capitals[1:]):
        return parts[0], parts[1], " ".join(parts[2:])
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in _PARTICLES:
        start -= 1
    return " ".join(parts[start:]), parts[0], " ".join(parts[1:start])


def _names(text: str) -> list[str]:
    found = [each for each in fold(text).replace(".", " ").replace("-", "").replace("'", "").split() if letters(each)]
    named = [each for each in found if each not in _TITLES and each not in _SUFFIXES]
    return named or found


def _is_pinyin(parts: list[str]) -> bool:
    return (parts[0] in PINYIN or parts[-1] in PINYIN) and all(_PINYIN_RUN.fullmatch(each) for each in parts)


def _split_pinyin(parts: list[str], raw: list[str], country: str) -> tuple[str, str, str]:
    first, last = parts[0] in PINYIN, parts[-1] in PINYIN
    if first and last and len(raw) == len(parts):
        upper = [each.isupper() for each in raw]
        if upper[-1] != upper[0]:
            first, last = upper[0], upper[-1]
    if first and last:
        # Both may be the family name: the longer of two is more probably a given name, and usage decides the rest.
        first = country in _IN_CHINESE or len(parts[0]) < len(parts[-1])
    if first:
        return parts[0], "".join(parts[1:]), ""
    return parts[-1], "".join(parts[:-1]), ""


def _split_chinese(name: str) -> tuple[str, str, str]:
    found = words(name)
    chinese = "".join(each for each in found if is_chinese(each))
    others = [each for each in found if not is_chinese(each)]
    for polite in _POLITE:
        if chinese.endswith(polite) and len(chinese) > len(polite):
            chinese = chinese.removesuffix(polite)
            break
    if len(chinese) == 1:
        # David 张: a given name in another script.
        return chinese, " ".join(others), ""
    if ("·" in name or "•" in name) and len(found) > 1:
        return "".join(found[1:]), found[0], ""
    length = 2 if len(chinese) > 2 and chinese[:2] in COMPOUND else 1
    return chinese[:length], chinese[length:], ""
