"""Countries by code or by name in the languages of the kernel. Must not touch the database."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

_EXTRA = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "america": "US",
    "united states of america": "US",
    "eire": "IE",
    "holland": "NL",
    "czech republic": "CZ",
    "prc": "CN",
    "p.r. china": "CN",
    "people's republic of china": "CN",
    "mainland china": "CN",
    "中华人民共和国": "CN",
    "中国大陆": "CN",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "香港": "HK",
    "澳门": "MO",
    "台湾": "TW",
    "south korea": "KR",
    "korea": "KR",
    "russian federation": "RU",
    "viet nam": "VN",
    "uae": "AE",
    "rsa": "ZA",
    "turkey": "TR",
    "ivory coast": "CI",
}
"""Names that are common beside those of the Unicode locale data."""


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], dict[str, str]]:
    from babel import Locale

    names: dict[str, str] = {}
    codes: set[str] = set()
    for language in ("zh_Hant", "zh_Hans", "en"):
        for code, name in cast("dict[str, str]", Locale.parse(language).territories).items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):
                codes.add(code)
                names[name.casefold()] = code
    names.update(_EXTRA)
    return frozenset(codes), names


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """Return the ISO 3166 code of a country for its code or its usual name in English or Chinese, or None."""
    plain = " ".join(text.split())
    codes, names = _names()
    if len(plain) == 2 and plain.upper() in codes:
        return plain.upper()
    found = names.get(plain.casefold())
    return found or names.get(plain.casefold().removeprefix("the "))
