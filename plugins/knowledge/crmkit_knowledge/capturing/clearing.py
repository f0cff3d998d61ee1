"""What is taken out of a text before it becomes part of a draft: names, addresses, links and numbers of people, what
was quoted, greetings and signatures. What is left stays as it was written. Must not know the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LEFT = "[…]"
"""What stands where something was taken out."""
LONGEST = 8000
"""Of a longer text the beginning counts."""
_QUOTED = re.compile(r"^\s*>[^\n]*$|^On [^\n]{0,200}wrote:\s*$|^[^\n]{0,60}写道[:：]\s*$", re.MULTILINE)
_POINTING = re.compile(
    r"[^\s<>()]+@[^\s<>()]+\.\w+|(?:https?://|www\.)\S+"
    r"|(?<![\w])\+?\(?\d(?:[\d\s()./-]{3,})\d"
    r"|(?i:\b(?:order|invoice|contract|account|customer|case|ticket|serial|no|nr|number)\b|订单号?|单号|编号|合同号?|[#№])"
    r"[.:：\s]{0,3}(?i:is\s|number\s|no\.?\s|是){0,2}[#№]?[\w-]*\d{2}[\w-]*"
    r"|\b(?:\w*\d{5}\w*|[A-Za-z]+\d{4}\w*|\d{4}[A-Za-z]\w*)\b"
)
"""Addresses, links, telephone and other long numbers, and whatever is called the number of something."""
_ADDRESSED = re.compile(
    r"\b(?i:mr|mrs|ms|miss|dr|prof|herr|frau)\b\.?[ \t]+[A-Z][^\W\d_]+(?:[ \t]+[A-Z][^\W\d_]+)?"
    r"|[㐀-鿿](?:先生|女士|小姐|太太|老师|经理|总监)"
)
_GREETING = re.compile(
    r"^\s*(?:(?i:hi|hello|hey|dear|good (?:morning|day|afternoon|evening))\b[^\n]{0,60}?"
    r"|(?:您好|你好|尊敬的)[^\n]{0,20}?)"
    r"[,!.，！。：:]?\s*$",
    re.MULTILINE,
)
_CLOSING = re.compile(
    r"^\s*(?:--\s*$|(?i:(?:with )?(?:best|kind|warm|many)?\s*(?:regards|wishes|greetings)|sincerely|yours|cheers|"
    r"(?:many )?thanks|thank you)\b[^\n]{0,30}$|(?:此致|敬礼|祝好|谢谢|顺祝)[^\n]{0,10}$)",
    re.MULTILINE,
)
_SIGNED = 6
"""Lines that a signature has at most."""
_COMMON = frozenset(
    [
        "will",
        "may",
        "mark",
        "grace",
        "hope",
        "rose",
        "art",
        "bill",
        "bob",
        "can",
        "case",
        "chase",
        "dean",
        "don",
        "drew",
        "faith",
    ]
) | frozenset(
    [
        "frank",
        "guy",
        "hunter",
        "jack",
        "joy",
        "june",
        "long",
        "love",
        "miles",
        "pat",
        "page",
        "price",
        "ray",
        "rich",
        "rob",
        "short",
        "sue",
        "sunny",
        "young",
    ]
)
"""Names that are words as well: they are names where they begin with a capital letter."""


class Names:
    """Names and addresses that are taken out of texts."""

    def __init__(self, persons: Iterable[str], others: Iterable[str] = ()) -> None:
        whole = {" ".join(each.split()) for each in (*persons, *others)}
        words = {word for name in persons for word in re.findall(r"[^\W\d_]+", name) if len(word) > 1}
        parts = sorted({each for each in whole if len(each) > 1} | words, key=lambda each: (-len(each), each))
        self._found = re.compile("|".join(map(_pattern, parts))) if parts else None

    def without(self, text: str) -> str:
        """Return a text without the names."""
        return self._found.sub(LEFT, text) if self._found is not None else text


def _pattern(name: str) -> str:
    escaped = r"\s+".join(map(re.escape, name.split()))
    if not name.isascii() and not re.search(r"[A-Za-z]", name):
        return escaped
    if name.lower() in _COMMON:
        return rf"(?<!\w)(?:{name.capitalize()}|{name.upper()})(?!\w)"
    return rf"(?i:(?<!\w){escaped}(?!\w))"


def cleared(text: str, names: Names) -> str:
    """Return what is said in a text, without what points at anybody."""
    said = _QUOTED.sub("", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n"))
    said = _GREETING.sub("", said)
    for closing in _CLOSING.finditer(said):
        if said[: closing.start()].strip() and said.count("\n", closing.end()) <= _SIGNED:
            said = said[: closing.start()]
            break
    said = _POINTING.sub(LEFT, _ADDRESSED.sub(LEFT, names.without(said)))
    said = re.sub(rf"(?:{re.escape(LEFT)}[\s,;]*){{2,}}", f"{LEFT} ", said)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", said)).strip()


def line(text: str, names: Names, most: int = 200) -> str:
    """Return a subject as a title: cleared, in one line, without what mail programs and people put before it."""
    said = re.sub(r"^\s*(?:(?i:re|fw|fwd|aw|wg)|回复|转发|答复)\s*[:：]\s*", "", text)
    said = re.sub(r"\[[^\]]{0,40}\d[^\]]{0,40}\]", "", said)
    found = " ".join(cleared(said, names).replace(LEFT, " ").split()).strip(" -–,.;:：")
    return found[:most]
