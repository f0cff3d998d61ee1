"""The cleaners: each puts the values of some fields into the form in which they should be.

A cleaner is idempotent, and so is a choice of them: it is applied until nothing changes any more. What a cleaner does
not know it leaves as it is. Pure; must not know sessions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from attrs import frozen

from crmkit import InvalidInput, Problem, texts
from crmkit_quality.rules.checks import gender_of
from crmkit_quality.rules.places import full_city, full_province

_ = texts("crmkit_quality")

Fields = Mapping[str, str]
Change = Callable[[str, str, Fields], str]
"""``(field, value, fields)`` gives the value as it should be; an empty text takes it away."""

NAMES = ("name", "family_name", "given_name", "middle_name")
TEXTS = (
    *NAMES, "salutation", "job_title", "occupation", "gender", "language", "industry", "registration_number", "website",
    "province", "city",
)  # fmt: skip
"""The fields of customers that are cleaned."""
POINTS = ("email", "phone")
"""The contact points that are cleaned."""


@frozen(kw_only=True)
class Cleaner:
    """A cleaner: what it is called, which fields it is for, and what it does to a value. ``usual`` ones are applied
    where nobody says which."""

    name: str
    title: str
    fields: tuple[str, ...]
    change: Change
    usual: bool = True
    excludes: tuple[str, ...] = ()


# --- spaces, width, empty words ---------------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")
_EMPTY = frozenset(
    {
        "", "-", "--", "---", "—", "——", "/", "\\", ".", "?", "n/a", "n.a.", "na", "null", "none", "nil", "(null)",
        "unknown", "not known", "tbd", "undefined", "无", "無", "没有", "沒有", "未知", "不详", "不詳",
        "暂无", "暫無", "空",
    }
)  # fmt: skip
_WIDE = {
    **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **{ord(wide): half for wide, half in zip("＠．－＋＿＆／　", "@.-+_&/ ", strict=True)},
}
_WIDE_PUNCTUATION = str.maketrans("（），：；！？［］", "(),:;!?[]")


def spaces(field: str, value: str, fields: Fields) -> str:
    """Return a text without the spaces around it and characters that nobody sees, with single spaces within."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", value)).strip()


def half_width(field: str, value: str, fields: Fields) -> str:
    """Return a text with letters and digits of half width. Punctuation stays as it is in Chinese, where it is right."""
    plain = value.translate(_WIDE)
    return plain if _is_han(plain) else plain.translate(_WIDE_PUNCTUATION)


def empty_words(field: str, value: str, fields: Fields) -> str:
    """Return nothing for a word that says that there is nothing, such as n/a or 无; names stay, as one is needed."""
    return "" if field != "name" and value.strip().casefold() in _EMPTY else value


def _is_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003134f" for char in text)


# --- names ------------------------------------------------------------------------------------------------------------

_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "la", "le", "du", "di", "da", "dos", "del", "bin", "al", "zu"}
)
_ROMAN = re.compile(r"(?i)(ii|iii|iv|vi{0,3}|ix)")
_TITLES = re.compile(
    r"(?i)^(?:(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|sir|madam|mme|mlle|m|sr|sra|ing|dipl\.?-ing)\b\.?\s+)+(?=\S)"
)
_CHINESE_TITLES = re.compile(r"(?:先生|女士|小姐|太太|老师|老師|博士|教授|经理|經理|总监|總監)$")


def name_case(field: str, value: str, fields: Fields) -> str:
    """Return the name of a person in capital and small letters, where it is written in one of them alone."""
    if fields.get("kind") == "organization" or _is_han(value) or not (value.isupper() or value.islower()):
        return value
    words = value.lower().split(" ")
    if len(words) == 1 and len(value) < 3:
        return value
    return " ".join(_cased(word, first=place == 0) for place, word in enumerate(words))


def _cased(word: str, *, first: bool) -> str:
    if word in _PARTICLES and not first:
        return word
    if _ROMAN.fullmatch(word) and not first:
        return word.upper()
    parts = re.split(r"([-'’.])", word)
    return "".join(_titled(part) for part in parts)


def _titled(part: str) -> str:
    cased = part[:1].upper() + part[1:]
    if re.fullmatch(r"Mc[a-z]{3,}", cased):
        return "Mc" + cased[2:].capitalize()
    # Some letters have a capital of several letters, which has no way back.
    return cased if cased.lower() == part else part


def titles(field: str, value: str, fields: Fields) -> str:
    """Return a person's name without a title before it (Dr., Mr) or, in Chinese, behind it (先生), as long as a name is
    left."""
    if fields.get("kind") == "organization":
        return value
    if _is_han(value):
        left = _CHINESE_TITLES.sub("", value)
        return left if len(left.strip()) > 1 else value
    left = _TITLES.sub("", value)
    return left if any(char.isalpha() for char in left) else value


# --- words that are standardised --------------------------------------------------------------------------------------


def genders(field: str, value: str, fields: Fields) -> str:
    """Return male or female for the usual words; other words stay."""
    return gender_of(value) or value


def places(field: str, value: str, fields: Fields) -> str:
    """Return the full name of a Chinese province or city: 浙江 is 浙江省. What is not written in Chinese stays."""
    if not _is_han(value) or fields.get("country") not in ("CN", "", None):
        return value
    if field == "province":
        return full_province(value) or value
    return full_city(value, fields.get("province") or "") or value


@lru_cache(maxsize=2)
def _converter(how: str) -> Any:
    from opencc import OpenCC

    return OpenCC(how)


def simplified(field: str, value: str, fields: Fields) -> str:
    """Return a Chinese text in simplified characters."""
    converted: str = _converter("t2s").convert(value) if _is_han(value) else value
    return converted


def traditional(field: str, value: str, fields: Fields) -> str:
    """Return a Chinese text in traditional characters."""
    converted: str = _converter("s2t").convert(value) if _is_han(value) else value
    return converted


# --- ways of contact --------------------------------------------------------------------------------------------------


def email_form(field: str, value: str, fields: Fields) -> str:
    """Return an e-mail address in small letters, without ``mailto:`` and what stands around it in a mail program."""
    plain = unicodedata.normalize("NFKC", value).strip()
    inner = re.fullmatch(r"[^<>]*<([^<>@\s]+@[^<>@\s]+)>", plain)
    plain = (inner[1] if inner else plain).strip()
    while plain.lower().startswith("mailto:"):
        plain = plain[7:].strip()
    lowered = plain.lower()
    return lowered if lowered.lower() == lowered and "@" in lowered else value


def phone_form(field: str, value: str, fields: Fields) -> str:
    """Return a phone number in E.164 where it is in use in the customer's country; else as it is."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, fields.get("country") or None)
    except phonenumbers.NumberParseException:
        return value
    if not phonenumbers.is_valid_number(number) or number.extension:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


CLEANERS: Mapping[str, Cleaner] = {
    each.name: each
    for each in (
        Cleaner(name="spaces", title=_("Spaces around and within"), fields=(*TEXTS, *POINTS), change=spaces),
        Cleaner(name="width", title=_("Letters and digits of full width"), fields=(*TEXTS, *POINTS), change=half_width),
        Cleaner(name="empty", title=_("Words for nothing (n/a, 无)"), fields=TEXTS, change=empty_words),
        Cleaner(name="titles", title=_("Titles within names"), fields=("name",), change=titles),
        Cleaner(name="name_case", title=_("Names in capital or small letters alone"), fields=NAMES, change=name_case),
        Cleaner(name="gender", title=_("Words for the gender"), fields=("gender",), change=genders),
        Cleaner(name="places", title=_("Names of provinces and cities"), fields=("province", "city"), change=places),
        Cleaner(name="email", title=_("Form of e-mail addresses"), fields=("email",), change=email_form),
        Cleaner(name="phone", title=_("Form of phone numbers"), fields=("phone",), change=phone_form),
        Cleaner(
            name="simplified",
            title=_("To simplified characters"),
            fields=TEXTS,
            change=simplified,
            usual=False,
            excludes=("traditional",),
        ),
        Cleaner(
            name="traditional",
            title=_("To traditional characters"),
            fields=TEXTS,
            change=traditional,
            usual=False,
            excludes=("simplified",),
        ),
    )
}
"""The cleaners in the order in which they are applied."""
USUAL = tuple(name for name, each in CLEANERS.items() if each.usual)
"""The cleaners that are applied where nobody says which."""
_ROUNDS = 6


def chosen(names: Sequence[str]) -> tuple[Cleaner, ...]:
    """Return cleaners by their names, in their order; without names the usual ones. Raises InvalidInput for a name that
    there is not, and for cleaners that undo each other."""
    wanted = list(names) or list(USUAL)
    problems: list[Problem] = []
    for name in wanted:
        if name not in CLEANERS:
            known = ", ".join(CLEANERS)
            text, hint = _('There is no cleaner "{name}".'), _("There are: {known}.")
            problems.append(Problem(InvalidInput.code, text, field="cleaners", hint=hint, name=name, known=known))
    found = tuple(each for name, each in CLEANERS.items() if name in wanted)
    for each in found:
        if set(each.excludes) & set(wanted):
            text = _("{name} and {other} undo each other.")
            problems.append(
                Problem(InvalidInput.code, text, field="cleaners", name=each.name, other=", ".join(each.excludes))
            )
            break
    if problems:
        raise InvalidInput(problems)
    return found


def cleaned(field: str, value: str, fields: Fields, cleaners: Sequence[Cleaner]) -> tuple[str, tuple[str, ...]]:
    """Return a value as it should be by some cleaners, and the names of those that changed it.

    They are applied in turn until nothing changes; a value on which they do not come to rest stays as it is.
    """
    now = value
    by: dict[str, None] = {}
    for _round in range(_ROUNDS):
        before = now
        for each in cleaners:
            if now and field in each.fields:
                after = each.change(field, now, fields)
                if after != now:
                    by[each.name] = None
                    now = after
        if now == before:
            return now, tuple(by) if now != value else ()
    return value, ()
