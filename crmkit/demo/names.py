"""Invented people and organisations for the customer numbers of the sample, the same on every machine.

The published data set has numbers where a shop has people; a demonstration needs somebody to look at. Everything here
follows from the customer's number alone (SHA-256 and modular arithmetic, never `random`), so two installations agree.
The lists are frequent names put together by number: a likeness to anybody is chance. It must not know databases,
importers or how the sample is stored.

E-mail addresses are at domains reserved for examples (RFC 2606). Telephone numbers come from ranges that regulators
keep free for drama: Ofcom's in British cities, 555-01xx in North America, the Bundesnetzagentur's in German cities,
ACMA's in Australia, PTS's in Sweden. China and the other countries reserve none that a validator accepts, so their
customers have no telephone number: an unassigned one could be assigned to somebody tomorrow.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from attrs import frozen

from crmkit.demo.places import country_of

PERSON = "person"
ORGANIZATION = "organization"

_EMAIL_DOMAINS = ("example.com", "example.org", "example.net")
_BORN_FROM = date(1934, 1, 1)
_BORN_DAYS = 59 * 365
_SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 28, 45, 60, 120, 260)
# Primes larger than any list here: multiplying by one modulo the number of combinations gives neighbours different
# names and gives no two customers the same one until every combination was used.
_NAME_STRIDE = 1_000_003
_PLACE_STRIDE = 998_244_353

T = TypeVar("T")


@frozen(kw_only=True)
class InventedCustomer:
    """An invented person or organisation.

    ``name`` is as it is written in the customer's language (family name first in Chinese, without a space). An
    organisation has no ``family_name``, ``given_name``, ``gender``, ``birth_date`` or ``occupation``; ``contact_name``
    is the person to ask for, and ``industry`` and ``size`` (employees) are set. ``language`` is a BCP 47 tag,
    ``country`` an ISO 3166-1 code or None where the data set names no country, ``phone`` is E.164 or None.
    """

    customer: int
    kind: str
    name: str
    family_name: str | None
    given_name: str | None
    contact_name: str | None
    email: str
    phone: str | None
    birth_date: date | None
    gender: str | None
    occupation: str | None
    language: str
    city: str | None
    province: str | None
    country: str | None
    industry: str | None
    size: int | None
    interests: tuple[str, ...]
    source: str


@frozen(kw_only=True)
class _Name:
    full: str
    family: str
    given: str
    gender: str
    latin: str


def invent(customer: int, country: str) -> InventedCustomer:
    """Return the invented customer behind a customer number and a country as the data set spells it.

    The same arguments always give the same answer. About a third are Chinese and live in China whatever the country of
    their invoices; one in eight is an organisation.
    """
    people = _people()
    chinese = _draw(customer, "culture", 3) == 0
    code = "CN" if chinese else country_of(country).code
    nation = people["countries"].get(code or "", people["countries"][""])
    language = "zh-Hans" if chinese else people["cultures"][nation["culture"]]["language"]
    person = _chinese_name(customer) if chinese else _western_name(customer, nation["culture"])
    city, province, phone = _chinese_place(customer) if chinese else _western_place(customer, nation)

    organisation = _draw(customer, "kind", 8) == 0
    industry = _pick(customer, "industry", list(people["industries"])) if organisation else None
    if industry is None:
        name, latin = person.full, person.latin
    elif chinese:
        name, latin = _chinese_company(customer, city or "", industry)
    else:
        name, latin = _western_company(customer, industry, nation["form"])
    named_gender = not organisation and _draw(customer, "gender", 12) != 0
    birth_date = None if organisation else _birth_date(customer)
    return InventedCustomer(
        customer=customer,
        kind=ORGANIZATION if organisation else PERSON,
        name=name,
        family_name=None if organisation else person.family,
        given_name=None if organisation else person.given,
        contact_name=person.full if organisation else None,
        email=f"{_mailbox(latin)}.{customer}@{_pick(customer, 'domain', _EMAIL_DOMAINS)}",
        phone=phone if _draw(customer, "has phone", 10) else None,
        birth_date=birth_date,
        gender=person.gender if named_gender else None,
        occupation=None if organisation else _occupation(customer, birth_date, chinese=chinese),
        language=language,
        city=city,
        province=province,
        country=code,
        industry=industry,
        size=_pick(customer, "size", _SIZES) if organisation else None,
        interests=_interests(customer),
        source=_pick(customer, "source", people["sources"].split()),
    )


@lru_cache(maxsize=1)
def _people() -> dict[str, Any]:
    return json.loads(files("crmkit.demo").joinpath("data", "people.json").read_text(encoding="utf-8"))


def _draw(customer: int, purpose: str, sides: int) -> int:
    digest = hashlib.sha256(f"crmkit demo/{purpose}/{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % sides


def _pick(customer: int, purpose: str, choices: Sequence[T]) -> T:
    return choices[_draw(customer, purpose, len(choices))]


def _slots(customer: int, stride: int, *sizes: int) -> list[int]:
    """Return one index below each size; the combination is one that few other customers have."""
    total = 1
    for size in sizes:
        total *= size
    slot = customer * stride % total
    indices = []
    for size in sizes:
        slot, index = divmod(slot, size)
        indices.append(index)
    return indices


def _western_name(customer: int, culture: str) -> _Name:
    lists = _people()["cultures"][culture]
    female, male, families = (lists[part].split() for part in ("female", "male", "family"))
    first, last = _slots(customer, _NAME_STRIDE, len(female) + len(male), len(families))
    given, family = (female + male)[first], families[last]
    return _Name(
        full=f"{given} {family}",
        family=family,
        given=given,
        gender="female" if first < len(female) else "male",
        latin=f"{given} {family}",
    )


def _chinese_name(customer: int) -> _Name:
    lists = {
        part: _spoken(text) for part, text in _people()["chinese"].items() if part not in ("places", "occupations")
    }
    gender = _pick(customer, "chinese gender", ("female", "male"))
    family, family_latin = _pick(customer, "chinese family name", lists["family"])
    if _draw(customer, "single", 6) == 0:
        given, given_latin = _pick(customer, "single name", lists[f"{gender}_single"])
    else:
        firsts, seconds = lists[f"{gender}_first"], lists[f"{gender}_second"]
        first, second = _slots(customer, _NAME_STRIDE, len(firsts), len(seconds))
        given = firsts[first][0] + seconds[second][0]
        given_latin = firsts[first][1] + seconds[second][1]
    return _Name(full=family + given, family=family, given=given, gender=gender, latin=f"{given_latin} {family_latin}")


@lru_cache
def _spoken(text: str) -> list[tuple[str, str]]:
    """Return (characters, pinyin) for each entry such as ``欧阳Ouyang``."""
    return [(found[1], found[2]) for found in re.finditer(r"([一-鿿]+)([A-Za-zü]+)", text)]


def _chinese_place(customer: int) -> tuple[str | None, str | None, str | None]:
    city, _, province = _pick(customer, "place", _people()["chinese"]["places"].split()).partition("|")
    return city, province, None


def _western_place(customer: int, nation: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return city, province and telephone number; the number belongs to the city where ranges are kept by city."""
    places = [place.split("|") for place in nation["places"].split(";") if place]
    if not places:
        return None, None, None
    pattern = nation.get("phones") or places[0][2]
    first = nation.get("first", 0)
    room = 10 ** pattern.count("#") - first
    number, place = _slots(customer, _PLACE_STRIDE, room, len(places))
    city, province, by_city = [*places[place], ""][:3]
    pattern = nation.get("phones") or by_city
    phone = None
    if pattern:
        stem = pattern.replace(" ", "").rstrip("#")
        phone = f"{stem}{number + first:0{pattern.count('#')}d}"
    return city, province or None, phone


def _western_company(customer: int, industry: str, form: str) -> tuple[str, str]:
    words = _people()["company_words"].split()
    first, second, trade = _slots(customer, _NAME_STRIDE, len(words), len(words) - 1, 3)
    # The second word skips the first, so that no company is called after one word twice.
    second += second >= first
    brand = f"{words[first]} & {words[second]}"
    kind = _people()["industries"][industry]["en"].split()[trade]
    return f"{brand} {kind} {form}", f"{words[first]} {words[second]}"


def _chinese_company(customer: int, city: str, industry: str) -> tuple[str, str]:
    firsts, seconds = (_spoken(_people()["chinese"][part]) for part in ("brand_first", "brand_second"))
    first, second, trade = _slots(customer, _NAME_STRIDE, len(firsts), len(seconds), 3)
    kind = _people()["industries"][industry]["zh"].split()[trade]
    brand = firsts[first][0] + seconds[second][0]
    return f"{city}{brand}{kind}有限公司", firsts[first][1] + seconds[second][1]


def _birth_date(customer: int) -> date | None:
    if _draw(customer, "has birth date", 3) == 0:
        return None
    return _BORN_FROM + timedelta(days=_draw(customer, "birth date", _BORN_DAYS))


def _occupation(customer: int, birth_date: date | None, *, chinese: bool) -> str | None:
    """Return an occupation that fits the age in 2011, the year of the sample; one in five has not told theirs."""
    if _draw(customer, "has occupation", 5) == 0:
        return None
    lists = _people()["occupations"]["zh" if chinese else "en"]
    if birth_date and birth_date.year <= 1945:
        return lists["retired"]
    if birth_date and birth_date.year >= 1990:
        return lists["student"]
    return _pick(customer, "occupation", lists["working"].split(";"))


def _interests(customer: int) -> tuple[str, ...]:
    known = _people()["interests"].split()
    start = _draw(customer, "interests", len(known))
    step = 1 + _draw(customer, "interests step", 4)
    count = 1 + _draw(customer, "interests count", 3)
    return tuple(known[(start + step * at) % len(known)] for at in range(count))


def _mailbox(latin: str) -> str:
    for letter, plain in (("ø", "o"), ("æ", "ae"), ("ð", "d"), ("þ", "th"), ("ł", "l"), ("ß", "ss")):
        latin = latin.replace(letter, plain).replace(letter.upper(), plain)
    folded = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", ".", folded).strip(".")
