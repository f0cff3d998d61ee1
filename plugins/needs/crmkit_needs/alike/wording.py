"""What a text is made of when it is compared with others: words, and parts of them, in English and in Chinese.

Chinese is written without spaces: pairs of its characters take the place of words. Must not know the database.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

LONGEST = 2000
"""Of a longer text the beginning counts."""
_RUN = re.compile(r"[㐀-鿿]+|[^\W_㐀-鿿]+")
_HAN = re.compile(r"[㐀-鿿]")
POINTING = re.compile(r"\S+@\S+\.\S+|(?:https?://|www\.)\S+|\+?\d[\d\s().,/-]{2,}\d|\d{4,}")
"""What points at a person or a thing: addresses, links, long numbers."""
_SMALL = """
a an and any are as at be been but by can could did do does for from get had has have he her his how i if in into is it
its just me my no not of on or our out she should so some than that the their them then there these they this to too up
us was we were what when where which who why will with would you your please thanks thank hello hi am also because being
cannot don doesn isn ll re ve want wants need needs like able
"""
SMALL = frozenset(_SMALL.split())
"""English words that tell nothing of what a text is about."""
_ASKING = re.compile("希望|能不能|可不可以|可以|能够|能否|需要|建议|是否|麻烦|谢谢|请问|你好|您好")
"""Chinese words with which anything is asked for."""
SMALL_HAN = frozenset("的了是在吗呢吧啊呀哦么我你您他她它们这那就都也很还和与请")
"""Characters that stand in any Chinese text."""


def normal(text: str) -> str:
    """Return a text in the form in which it is compared, without what points at a person (addresses, links, long
    numbers) and without the words of asking."""
    return _ASKING.sub(" ", POINTING.sub(" ", unicodedata.normalize("NFKC", text[:LONGEST]).casefold()))


def is_han(run: str) -> bool:
    """Say whether a run of letters is Chinese."""
    return _HAN.match(run) is not None


def runs_of(text: str) -> list[str]:
    """Return the runs of letters of a text in its normal form: words, and stretches of Chinese."""
    return _RUN.findall(text)


def stem(word: str) -> str:
    """Return an English word without the ending of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text that tell something, as often as they occur: stems, and pairs of Chinese characters.

    A stretch of a single Chinese character is a word.
    """
    found: list[str] = []
    for run in runs_of(normal(text)):
        if not is_han(run):
            if run not in SMALL and (len(run) > 1 or run.isdigit()):
                found.append(stem(run))
        elif len(run) == 1:
            found += [run] if run not in SMALL_HAN else []
        else:
            found += [a + b for a, b in pairwise(run) if a not in SMALL_HAN and b not in SMALL_HAN]
    return tuple(found)


def parts_of(text: str) -> list[str]:
    """Return the parts of a text: three letters of words between their ends, single characters of Chinese and three of
    them in a row."""
    found: list[str] = []
    for run in runs_of(normal(text)):
        if is_han(run):
            found += [sign for sign in run if sign not in SMALL_HAN]
            found += [run[at : at + 3] for at in range(len(run) - 2)]
        elif run not in SMALL:
            whole = f" {run} "
            found += [whole[at : at + 3] for at in range(len(whole) - 2)]
    return found


def shared_words(first: str, second: str, most: int = 6) -> tuple[str, ...]:
    """Return what two texts have in common in words that a person can read, the longest stretches of Chinese first
    and words as they stand in the first text."""
    one, other = normal(first), normal(second)
    known = {stem(run) for run in runs_of(other) if not is_han(run)}
    han = " ".join(run for run in runs_of(other) if is_han(run))
    words: dict[str, None] = {}
    stretches: list[str] = []
    for run in runs_of(one):
        if is_han(run):
            stretches += _common(run, han)
        elif run not in SMALL and (len(run) > 1 or run.isdigit()) and stem(run) in known:
            words[run] = None
    kept: list[str] = []
    for each in sorted(dict.fromkeys(stretches), key=len, reverse=True):
        if not any(each in longer for longer in kept):
            kept.append(each)
    return (*kept, *words)[:most]


def _common(run: str, other: str) -> list[str]:
    """Return the stretches of at least two characters that stand in both."""
    found, start = [], 0
    while start < len(run) - 1:
        end = start + 2
        if run[start:end] not in other or run[start] in SMALL_HAN:
            start += 1
            continue
        while end < len(run) and run[start : end + 1] in other:
            end += 1
        stretch = run[start:end].rstrip("".join(SMALL_HAN))
        found += [stretch] if len(stretch) > 1 else []
        start = end
    return found
