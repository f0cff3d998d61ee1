"""What is kept of a text that somebody searched for, and what makes two of them the same question.

Personal data are taken out before anything is kept. The form in which texts are compared is that of the search engine,
so that traditional and simplified characters, cases, widths and accents make no difference. Must not know the database.
"""

from __future__ import annotations

import re
import unicodedata

from crmkit.engines.search.tokens import asked_of, folded, is_word, stem_of

LONGEST = 200
"""Characters of a text that are kept."""
WORDS, KEY = 30, 500
"""Words that tell one question from another, and characters of them together."""
GONE = "⋯"
"""What stands in the place of what was taken out."""
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_MAIL = re.compile(rf"[^\s@{_HAN}，。、；：（）<>\"]+\s?@\s?[^\s@{_HAN}，。、；：（）<>\"]+")
_AT = re.compile(r"\S*@\S*")
_LINK = re.compile(rf"(?:[a-z][a-z0-9+]*://|www\.)[^\s{_HAN}]+", re.IGNORECASE)
_NUMBER = re.compile(rf"(?:(?![{_HAN}])[^\W\d_])*\+?\d(?:[\s().,/_·-]{{0,3}}\d)+(?:(?![{_HAN}])\w)*")
_DIGITS = 5
"""From so many digits on a number may point at somebody: a telephone, an order, an identity."""
_ASKING = re.compile(
    "希望|能不能|可不可以|是不是|有没有|可以|能够|能否|需要|是否|麻烦|谢谢|请问|请教|你好|您好|怎么样|怎么办|怎么|怎样|如何|为什么|为何|什么|哪里"
    "|哪儿|应该|我们|你们|我的|的|了|吗|呢|吧|啊|呀|我|你|您|请|想|要"
)
"""Words with which anything is asked for in Chinese, in simplified characters."""
_SMALL_WORDS = """
a an and any are as at be been but by can could did do does for from get has have how i if in into is it its me my
no not of on or our please should so some than that the their them then there these they this to too us was we were
what when where which who why will with would you your thanks hello hi am cannot dont doesnt im ive need want
der die das ein eine ist wie was wo wann und oder ich mein meine kann zu den dem
"""
_SMALL = frozenset(_SMALL_WORDS.split())
"""Words that tell nothing of what is asked."""


def kept(text: str) -> str:
    """Return what is kept of a text: without e-mail addresses, links and long numbers, at most 200 characters."""
    plain = " ".join(unicodedata.normalize("NFKC", text.replace("\x00", " "))[: LONGEST * 5].split())
    return without_personal(plain)[:LONGEST].strip()


def without_personal(text: str) -> str:
    """Return a text without what points at a person in it: e-mail addresses, links, telephone and other long numbers.

    Names stay: they are not told from other words.
    """
    plain = unicodedata.normalize("NFKC", text)
    for pattern in (_LINK, _MAIL, _AT):
        plain = pattern.sub(GONE, plain)
    return _NUMBER.sub(lambda found: GONE if sum(map(str.isdigit, found[0])) >= _DIGITS else found[0], plain)


def words_in(text: str, language: str) -> tuple[str, ...]:
    """Return the words that tell what a text asks, each once, in their order: stems by the rules of a language, and
    pairs of Chinese characters. Where nothing but words of asking is left, those count."""
    plain = folded(text.replace(GONE, " "))
    said = list(_told(_ASKING.sub(" ", plain), language, _SMALL)) or list(_told(plain, language, frozenset()))
    return tuple(dict.fromkeys(said))[:WORDS]


def key_of(text: str, language: str) -> str:
    """Return what is the same of two texts that ask the same in other words order or spelling; "" where there is no
    word in it."""
    return " ".join(sorted(words_in(text, language)))[:KEY].strip()


def covered(text: str, found: str, language: str) -> float | None:
    """Return the share (0 to 1) of the words of a text that something has which was found; None where it has none."""
    asked = words_in(text, language)
    if not asked:
        return None
    there = set(_told(folded(found), language, frozenset()))
    return sum(word in there for word in asked) / len(asked)


def _told(plain: str, language: str, small: frozenset[str]) -> list[str]:
    return [
        stem_of(token.text, language) if is_word(token.text) else token.text
        for token in asked_of(plain)
        if token.text not in small
    ]
