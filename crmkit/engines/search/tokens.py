"""Cutting texts into tokens: one form for upper and lower case, full and half width, accents, traditional characters.

Alphabetic scripts are cut into words, scripts without spaces into pairs of characters, each run followed by its last
character alone, so that every single character is the beginning of a token. Must not know tables or records.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import add
from typing import Any

from attrs import frozen

LONGEST = 40
"""Characters of a word that are kept: what is longer is no word, and PostgreSQL limits what it indexes."""
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
"""Scripts that are written without spaces, or whose words take endings without end: Chinese, Japanese, Korean, Thai,
Lao, Burmese, Khmer."""
_RUN = re.compile(rf"(?P<dense>[{_DENSE}]+)|[^\W_{_DENSE}]+(?:['\u2019][^\W_{_DENSE}]+)*")
_DENSE_FIRST = re.compile(f"[{_DENSE}]")
_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_APOSTROPHES = str.maketrans("", "", "'\u2019")


@frozen
class Token:
    """A token in its one form, and where in the text it stands; ``dense`` says whether its script has no spaces."""

    text: str
    start: int
    end: int
    dense: bool = False


class _Folding(dict[int, str]):
    """What each character becomes, found at its first use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold())
        plain = unicodedata.normalize("NFC", "".join(each for each in plain if not "\u0300" <= each <= "\u036f"))
        if _CHINESE.search(plain):
            plain = _simplifier().convert(plain)
        self[code] = plain
        return plain


_folding = _Folding()


@cache
def _simplifier() -> Any:
    # Loaded at the first Chinese character only. Characters are folded one by one, whatever stands beside them: what
    # was written in one script has to be found in the other, and places in the text have to stay known.
    from opencc import OpenCC

    return OpenCC("t2s")


def folded(text: str) -> str:
    """Return a text in the one form in which it is compared."""
    return unicodedata.normalize("NFC", text).translate(_folding)


def folded_with_places(text: str) -> tuple[str, list[int] | range]:
    """Return a text in its one form, and for each of its characters the place that it has in the text as written."""
    if text.isascii():
        return text.translate(_folding), range(len(text))
    forms = {character: _forms[character] for character in set(text)}
    if all(len(form) == 1 for form in forms.values()):
        return text.translate(_folding), range(len(text))
    places = [place for place, character in enumerate(text) for _each in forms[character]]
    return "".join(forms[character] for character in text), places


class _Forms(dict[str, str]):
    """What single characters become, found at their first use."""

    def __missing__(self, character: str) -> str:
        found = self[character] = folded(character)
        return found


_forms = _Forms()


def places_of(text: str, wanted: Mapping[str, bool]) -> Iterator[tuple[int, int]]:
    """Return where those tokens of a folded text stand that are wanted."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if run.lastgroup != "dense":
            word = run.group()
            if wanted[(word if word.isalnum() else word.translate(_APOSTROPHES))[:LONGEST]]:
                yield start, end
            continue
        for place in range(start, end):
            last = min(place + 2, end)
            if wanted[text[place:last]]:
                yield place, last


def tokens_of(text: str) -> Iterator[Token]:
    """Return the tokens of a text that is folded, in their order, as they are indexed."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if run.lastgroup != "dense":
            yield Token(run.group().translate(_APOSTROPHES)[:LONGEST], start, end)
            continue
        for place in range(start, end):
            yield Token(text[place : min(place + 2, end)], place, min(place + 2, end), dense=True)


def words_of(text: str) -> list[str]:
    """Return the tokens of a text as they are indexed."""
    # What `tokens_of` yields, without the places: this is most of what indexing takes.
    found: list[str] = []
    for run in _RUN.finditer(folded(text)):
        word = run.group()
        if run.lastgroup == "dense":
            found += map(add, word, word[1:])
            found.append(word[-1])
        else:
            found.append((word if word.isalnum() else word.translate(_APOSTROPHES))[:LONGEST])
    return found


def asked_of(text: str) -> list[Token]:
    """Return the tokens of a folded text as they are searched: of a run in a dense script its pairs alone, or its only
    character."""
    found = list(tokens_of(text))
    return [
        token
        for place, token in enumerate(found)
        if not token.dense or len(token.text) == 2 or not place or found[place - 1].end != token.end
    ]


def is_word(token: str) -> bool:
    """Say whether a token is a word in an alphabetic script, which can be inflected or misspelt."""
    return 3 <= len(token) <= LONGEST and token.isalpha() and not _DENSE_FIRST.match(token)


@lru_cache(maxsize=50_000)
def stem_of(word: str, language: str) -> str:
    """Return the stem of a word by the rules of a language (English where there are none for it)."""
    return str(_stemmer(language).stemWord(word))


@lru_cache(maxsize=8)
def _stemmer(language: str) -> Any:
    import snowballstemmer

    name = _LANGUAGES.get(language.partition("_")[0].partition("-")[0], "english")
    return snowballstemmer.stemmer(name)


_LANGUAGES = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}


# --- misspelt words --------------------------------------------------------------------------------------------------


def edits_allowed(word: str) -> int:
    """Return how many edits apart a word may be from one that was meant: none below four letters, one below eight, two
    from there on."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def pieces_of(word: str) -> tuple[str, ...]:
    """Return the keys under which a word is found when it is misspelt: it is cut into one piece more than it may have
    edits, so that one of them is left whole (G. Li, D. Deng, J. Wang, J. Feng: Pass-Join, PVLDB 5(3), 2011)."""
    return tuple(
        f"{len(word)}:{number}:{word[start:end]}" for number, start, end in _cuts(len(word), edits_allowed(word))
    )


def probes_of(word: str) -> set[str]:
    """Return the keys of the words that a misspelt one may have meant."""
    found: set[str] = set()
    for length in range(max(4, len(word) - 2), len(word) + 3):
        edits = edits_allowed("x" * length)
        if abs(length - len(word)) > edits:
            continue
        for number, start, end in _cuts(length, edits):
            for shift in range(-edits, edits + 1):
                if start + shift >= 0 and end + shift <= len(word):
                    found.add(f"{length}:{number}:{word[start + shift : end + shift]}")
    return found


@lru_cache(maxsize=256)
def _cuts(length: int, edits: int) -> Sequence[tuple[int, int, int]]:
    if not edits:
        return ()
    places = [length * part // (edits + 1) for part in range(edits + 2)]
    return [(number, places[number], places[number + 1]) for number in range(edits + 1)]


def swapped(word: str) -> set[str]:
    """Return the words with two neighbouring letters the other way round, which counts as one edit."""
    return {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in range(len(word) - 1)} - {word}


def distance(one: str, other: str, most: int) -> int:
    """Return the number of letters to insert, delete, replace or swap with their neighbour that make one word another,
    or ``most + 1`` where it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        new = [place]
        for column, against in enumerate(other, 1):
            cost = min(row[column] + 1, new[-1] + 1, row[column - 1] + (letter != against))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return most + 1
        before, row = row, new
    return min(row[-1], most + 1)
