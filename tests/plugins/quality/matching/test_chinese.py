"""Chinese customers are found again in traditional script, in pinyin, spaced out, and with other particulars gone."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from attrs import evolve
from crmkit_quality.matching import find_pairs
from crmkit_quality.matching.people import family_reading
from opencc import OpenCC
from pypinyin import lazy_pinyin

from crmkit import CustomerProfile, PostalAddress
from tests.plugins.quality.matching.people import company, customer, id_of

DATA = Path(__file__).parents[3] / "data" / "zh-customers" / "customers_zh.csv"
traditional = OpenCC("s2t").convert


def wide(text: str) -> str:
    """Return a text in full width."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def people() -> list[CustomerProfile]:
    """Return the invented customers of the file."""
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        return [person(number, row) for number, row in enumerate(csv.DictReader(file), 1)]


def person(number: int, row: Mapping[str, str]) -> CustomerProfile:
    """Return a customer of a row."""
    card = row["id_card"]
    place = PostalAddress(
        province=row["province"], city=row["city"], street=row["address"], postal_code=row["postcode"]
    )
    return customer(
        number,
        row["name"],
        country="CN",
        phones=(f"+86{row['mobile']}",),
        emails=(row["email"],),
        identity_number=card,
        birth_date=date(int(card[6:10]), int(card[10:12]), int(card[12:14])),
        organization=row["company"],
        addresses=(place,),
    )


def pinyin(name: str) -> str:
    """Return a name of two or three characters as it stands in a passport."""
    return f"{family_reading(name[0]).upper()} {''.join(lazy_pinyin(name[1:])).title()}"


@pytest.mark.parametrize(
    "written",
    [traditional, pinyin, lambda name: f"{name[0]}\u3000{name[1:]}", lambda name: f"{name}先生"],
    ids=["traditional", "pinyin", "spaced", "polite"],
)
def test_a_name_in_another_form_is_found(written: Callable[[str], str]) -> None:
    """With the name in another form, and most of what is known gone, each is found and nobody else."""
    base, draw = people(), random.Random(5)
    again = [
        _worn(draw, evolve(each, id=id_of(10_000 + place), name=written(each.name)))
        for place, each in enumerate(base[:100])
    ]
    found = {(pair.first, pair.second) for pair in find_pairs([*base, *again]).pairs}
    expected = {(id_of(place + 1), id_of(10_000 + place)) for place in range(100)}
    assert len(found & expected) >= 99
    assert len(found - expected) <= 1


def _worn(draw: random.Random, profile: CustomerProfile) -> CustomerProfile:
    """Return a customer of whom two of four things are not known, and the employer isn't."""
    gone = {"phones": (), "emails": (), "identity_number": "", "birth_date": None}
    return evolve(profile, organization="", **{name: gone[name] for name in draw.sample(sorted(gone), 2)})


def test_companies_are_found_with_and_without_form_and_place() -> None:
    """A company with another form, with a place, in traditional script or in full width is found by what it shares."""
    names = sorted({each.organization for each in people()})
    base = [
        company(number, name, phones=(f"+8621{50_000_000 + number}",), website=f"https://c{number}.cn")
        for number, name in enumerate(names, 1)
    ]
    forms: list[Callable[[str], str]] = [
        lambda core: core,
        lambda core: f"上海市{core}有限责任公司",
        lambda core: f"{traditional(core)}(上海)有限公司",
        lambda core: f"{wide(core)}集团",
    ]
    again = [
        evolve(each, id=id_of(10_000 + place), website="", name=forms[place % 4](each.name.removesuffix("有限公司")))
        for place, each in enumerate(base)
    ]
    found = {(pair.first, pair.second) for pair in find_pairs([*base, *again]).pairs}
    expected = {(id_of(place + 1), id_of(10_000 + place)) for place in range(len(base))}
    assert len(found & expected) >= 0.98 * len(expected)
    assert len(found - expected) <= 0.01 * len(expected)
