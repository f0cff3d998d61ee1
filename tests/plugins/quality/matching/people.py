"""Customers for tests of matching."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from crmkit import CustomerProfile, PostalAddress

AT = datetime(2026, 1, 1, tzinfo=UTC)
FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"


def id_of(number: int) -> UUID:
    """Return an id that is always the same for a number."""
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


def customer(number: int, name: str = "", **values: Any) -> CustomerProfile:
    """Return a profile with what a test gives of it."""
    return CustomerProfile(id=id_of(number), name=name, created_at=AT, updated_at=AT, **values)


def company(number: int, name: str, **values: Any) -> CustomerProfile:
    """Return the profile of an organisation."""
    return customer(number, name, kind="organization", **values)


def strangers(number: int, *, seed: int = 1, start: int = 1000) -> list[CustomerProfile]:
    """Return people who have nothing to do with each other, as far as chance allows."""
    draw = random.Random(seed)
    found: list[CustomerProfile] = []
    for place in range(number):
        family, given = draw.choice(FAMILIES), draw.choice(GIVEN) + draw.choice(GIVEN)
        street = f"{draw.choice(GIVEN)}{draw.choice(GIVEN)}路{draw.randrange(1, 900)}号"
        found.append(
            customer(
                start + place,
                family + given,
                family_name=family,
                given_name=given,
                country="CN",
                birth_date=date(draw.randrange(1950, 2005), draw.randrange(1, 13), draw.randrange(1, 29)),
                phones=(f"+86138{draw.randrange(10**8):08d}",),
                emails=(f"u{draw.randrange(10**8)}@example.com",),
                addresses=(PostalAddress(city="杭州", street=street, postal_code=f"{draw.randrange(310000, 311900)}"),),
            )
        )
    return found


def ids(*pairs: Any) -> Sequence[tuple[UUID, UUID]]:
    """Return the ids of pairs, in their order."""
    return [(pair.first, pair.second) for pair in pairs]
