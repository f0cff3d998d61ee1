"""Values that the world has agreed on: languages, time zones, countries, currencies; and how a refused one is told of.

Must not touch the database.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from crmkit.core.business.money import places
from crmkit.core.business.places import country_code
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

_LANGUAGE = re.compile(
    r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
LONGEST_TAG = 12


def refused(message: str, *, hint: str, value: object, **values: Any) -> InvalidInput:
    """Return the error for a value that cannot be used; the caller says which field it was."""
    return InvalidInput([Problem("CK500", message, value=value, hint=hint, **values)])


def named(problem: Problem, *path: str) -> Problem:
    """Return a problem with the field that it is about, below which its own field is."""
    where = ".".join(part for part in (*path, problem.field) if part)
    return Problem(problem.code, problem.message, field=where, value=problem.value, hint=problem.hint, **problem.values)


@lru_cache(maxsize=512)
def language_tag(value: str) -> str:
    """Return a language tag of BCP 47 in its usual form, such as zh-Hans-CN. Raises InvalidInput."""
    plain = value.strip().replace("_", "-")
    match = _LANGUAGE.fullmatch(plain)
    if match is None or match[1].lower() not in _languages() or len(plain) > LONGEST_TAG:
        raise refused(_("This is not a language."), hint=_("Use a tag such as en, zh-Hans or pt-BR."), value=value)
    first, *rest = plain.split("-")
    return "-".join([first.lower(), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) <= 3 else part.lower()


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    from babel import Locale

    codes = cast("dict[str, str]", Locale.parse("en").languages)
    return frozenset(code.partition("_")[0] for code in codes)


@lru_cache(maxsize=1024)
def time_zone(value: str) -> str:
    """Return the name of a time zone of the IANA database. Raises InvalidInput."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise refused(
            _("There is no such time zone."), hint=_("Use a name such as Asia/Shanghai."), value=value
        ) from None


def country(value: str) -> str:
    """Return a country's ISO 3166 code for its code or its name in English or Chinese. Raises InvalidInput."""
    code = country_code(value)
    if code is None:
        raise refused(
            _("There is no such country."), hint=_("Use its name or its code of two letters, such as CN."), value=value
        )
    return code


def currency(value: str) -> str:
    """Return a currency's ISO 4217 code in capital letters. Raises InvalidInput."""
    code = value.strip().upper()
    places(code)
    return code
