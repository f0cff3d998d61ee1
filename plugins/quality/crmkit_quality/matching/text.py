"""The one form in which texts are compared: width, case, accents, script of Chinese, and the reading of Chinese.

Must not know what a text is about.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_HAN_RUN = re.compile(f"{_HAN.pattern}+")
_WORD = re.compile(rf"{_HAN.pattern}+|[^\W_]+")
_NOT_LETTER = re.compile(r"[\W\d_]+")
_PLAIN_LETTERS = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "þ": "th",
    "ð": "d",
    "ħ": "h",
    "ŋ": "ng",
}
"""Letters that no normal form of Unicode takes apart."""
_MARKS = re.compile("[\u0300-\u036f]")
_DIGRAPHS = re.compile("([aou])e")


class _Folding(dict[int, str]):
    """What each character becomes, found at its first use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
        plain = unicodedata.normalize("NFC", _MARKS.sub("", plain))
        plain = "".join(_PLAIN_LETTERS.get(each, each) for each in plain)
        if _HAN.search(plain):
            plain = _simplifier().convert(plain)
        self[code] = plain
        return plain


_folding = _Folding()


@cache
def _simplifier() -> Any:
    # Loaded at the first Chinese character only.
    from opencc import OpenCC

    return OpenCC("t2s")


def fold(text: str) -> str:
    """Return a text without regard to width, case, accents and to simplified or traditional script; spaces single."""
    if not text:
        return ""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).translate(_folding)
    return " ".join(plain.split())


def words(text: str) -> list[str]:
    """Return the words of a folded text; a run of Chinese is one word."""
    return _WORD.findall(text)


def is_chinese(text: str) -> bool:
    """Say whether a text is in Chinese characters throughout."""
    return _HAN_RUN.fullmatch(text) is not None


def has_chinese(text: str) -> bool:
    """Say whether there is a Chinese character in a text."""
    return not text.isascii() and _HAN.search(text) is not None


def letters(text: str) -> str:
    """Return a text without spaces, digits and signs."""
    return text if text.isalpha() else _NOT_LETTER.sub("", text)


@lru_cache(maxsize=16384)
def syllable(character: str) -> str:
    """Return the usual reading of a Chinese character in pinyin without tones, ü as u; of anything else itself."""
    from pypinyin import Style, lazy_pinyin

    return fold("".join(lazy_pinyin(character, style=Style.NORMAL, v_to_u=True)))


def reading(text: str) -> str:
    """Return a folded text with its Chinese characters as pinyin, all written together."""
    if text.isascii():
        return text
    return "".join(syllable(each) if _HAN.match(each) else each for each in text)


def latin(text: str) -> str:
    """Return what names that are spelt in different ways have in common: letters alone, Müller like Mueller and Muller,
    Lü like Lyu and Lv."""
    plain = letters(text)
    if plain in _UMLAUT_SYLLABLES:
        return _UMLAUT_SYLLABLES[plain]
    return _DIGRAPHS.sub(r"\1", plain)


_UMLAUT_SYLLABLES = {"lv": "lu", "lyu": "lu", "lue": "lu", "nv": "nu", "nyu": "nu", "nue": "nu"}

_SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")
_SILENT = re.compile("[^0-9]")
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def sound(text: str) -> str:
    """Return how a name in Latin letters sounds, roughly: its Soundex code (Russell 1918), which most slips of the hand
    leave as it is."""
    plain = letters(text)
    if not plain:
        return ""
    if not plain.isascii():
        return plain[:4]
    # h and w do not part two letters of one sound, vowels do.
    coded = _TWICE.sub(r"\1", plain.replace("h", "").replace("w", "").translate(_SOUNDS))
    first = plain[0].translate(_SOUNDS)
    tail = coded[1:] if coded[:1] == first else coded
    return (plain[0] + _SILENT.sub("", tail) + "000")[:4]
