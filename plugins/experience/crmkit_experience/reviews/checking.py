"""What a machine can tell of what was said: a greeting, a promise, words that must not be used, the tone.

These are hints beside a review, and never part of its score. Word lists by language are data: what comes along can be
replaced by the settings. Pure; must not know whose the texts are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from attrs import frozen

Words = Mapping[str, Mapping[str, Sequence[str]]]

WORDS: Words = {
    "greeting": {
        "en": ("hello", "hi", "dear", "good morning", "good afternoon", "good evening", "welcome"),
        "zh": ("你好", "您好", "早上好", "下午好", "晚上好", "欢迎", "尊敬的", "亲爱的"),
        "de": ("hallo", "guten tag", "guten morgen", "guten abend", "liebe", "lieber", "sehr geehrte"),
    },
    "forbidden": {
        "en": ("calm down", "not my problem", "not our problem", "as i said", "you people", "obviously", "stupid"),
        "zh": ("不归我管", "不关我事", "你自己看", "爱买不买", "随便你", "没办法", "说过了"),
        "de": ("beruhigen sie sich", "nicht mein problem", "wie gesagt", "selbst schuld", "dumm"),
    },
    "kind": {
        "en": ("please", "thank", "sorry", "happy to", "gladly", "of course", "apologise", "apologize", "appreciate"),
        "zh": ("请", "谢谢", "感谢", "抱歉", "对不起", "麻烦您", "很高兴", "当然可以", "不好意思"),
        "de": ("bitte", "danke", "gern", "gerne", "selbstverständlich", "entschuldigung", "tut uns leid"),
    },
    "harsh": {
        "en": ("no way", "impossible", "never", "wrong", "your fault", "refuse", "must", "nonsense", "ridiculous"),
        "zh": ("不可能", "绝对不", "不行", "你的错", "拒绝", "必须", "胡说", "可笑"),
        "de": ("unmöglich", "niemals", "falsch", "ihre schuld", "müssen", "unsinn", "lächerlich"),
    },
    "promise": {
        "en": ("i will", "we will", "i'll", "we'll", "i promise", "by tomorrow"),
        "zh": ("我会", "我们会", "将会", "保证", "承诺", "一定会"),
        "de": ("ich werde", "wir werden", "verspreche", "bis morgen"),
    },
}
"""The words that come along, by what they tell and by language."""
CHECKS = ("greeting", "promise", "forbidden", "tone")


@frozen(kw_only=True)
class Line:
    """Something that was said: by the business (``out``) or by the customer."""

    text: str
    out: bool


@frozen(kw_only=True)
class Checked:
    """What one check found: passed, failed, or None where there was nothing to tell; ``found`` are the words, ``value``
    the tone from -1 to 1."""

    name: str
    passed: bool | None
    found: tuple[str, ...] = ()
    value: float | None = None


def check(lines: Sequence[Line], *, words: Words = WORDS, promises_kept: bool | None = None) -> list[Checked]:
    """Return what the checks say of a conversation.

    The greeting is looked for in the first thing that the business said, promises in all of them: ``promises_kept`` is
    what is known to have become of them. The tone is (kind - harsh) / (kind + harsh) of the words found; below 0 it
    fails.
    """
    said = [_plain(each.text) for each in lines if each.out and each.text.strip()]
    whole = "\n".join(said)
    greeting = _found(words, "greeting", said[0][:200]) if said else ()
    promised = _found(words, "promise", whole)
    forbidden = _found(words, "forbidden", whole)
    kind, harsh = _found(words, "kind", whole), _found(words, "harsh", whole)
    tone = (len(kind) - len(harsh)) / (len(kind) + len(harsh)) if kind or harsh else None
    return [
        Checked(name="greeting", passed=bool(greeting) if said else None, found=greeting),
        Checked(
            name="promise", passed=promises_kept if promised or promises_kept is not None else None, found=promised
        ),
        Checked(name="forbidden", passed=not forbidden if said else None, found=forbidden),
        Checked(name="tone", passed=tone >= 0 if tone is not None else None, found=(*kind, *harsh), value=tone),
    ]


def merged(given: Mapping[str, Mapping[str, Sequence[str]]]) -> Words:
    """Return the words that come along with those of the settings in their place, by what they tell and language."""
    return {name: {**held, **given.get(name, {})} for name, held in WORDS.items()}


def _found(words: Words, name: str, text: str) -> tuple[str, ...]:
    return tuple(each for held in words.get(name, {}).values() for each in held if _has(text, _plain(each)))


def _has(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    # A word of letters begins at the beginning of a word: "thank" is in "thanks", "hi" is not in "this".
    end = r"(?![a-z])" if len(word) <= 3 else ""
    return re.search(rf"(?<![a-z]){re.escape(word)}{end}", text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
