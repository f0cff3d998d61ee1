"""What is checked of one customer beyond expressions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from crmkit_quality.rules.checks import CHECKS, is_name, registration_number_holds, resident_number
from crmkit_quality.rules.places import chinese_place, full_city, full_province, lies_in

from crmkit import CustomerProfile
from crmkit.identity.profiles import PostalAddress

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TODAY = NOW.date()
RIGHT = "11010519491231002X"


def profile(**values: Any) -> CustomerProfile:
    """Return a profile of a person."""
    return CustomerProfile(id=UUID(int=1), created_at=NOW, updated_at=NOW, **values)


def answer(check: str, **values: Any) -> bool | None:
    """Return whether a check holds of a profile, None where it has nothing to say."""
    found, made = CHECKS[check], profile(**values)
    return found.holds(made, TODAY) if found.applies(made, TODAY) else None


@pytest.mark.parametrize(
    ("check", "values", "expected"),
    [
        ("name", {"name": "Ada Lovelace"}, True),
        ("name", {"name": "王伟"}, True),
        ("name", {"name": "n/a"}, False),
        ("name", {"name": "测试1"}, False),
        ("name", {"name": "aaaaaa"}, False),
        ("name", {"name": "12345"}, False),
        ("email", {"emails": ("ada@example.com",)}, True),
        ("email", {"emails": ("ada@example.com", "ada@")}, False),
        ("email", {}, None),
        ("phone", {"phones": ("+8613800138000",)}, True),
        ("phone", {"phones": ("+8610012",)}, False),
        ("phone", {"phones": ("+8613800138000x12",)}, True),
        ("phone_country", {"phones": ("+8613800138000",), "country": "DE"}, False),
        ("phone_country", {"phones": ("+8613800138000",), "country": "CN"}, True),
        ("phone_country", {"phones": ("+8610012",), "country": "DE"}, True),
        ("registration_number", {"registration_number": "91110000600037341L", "country": "CN"}, True),
        ("registration_number", {"registration_number": "91110000600037341A", "country": "CN"}, False),
        ("registration_number", {"registration_number": "552 008 443", "country": "FR"}, True),
        ("registration_number", {"registration_number": "anything", "country": "ZZ"}, None),
        ("resident_number", {"identity_number": RIGHT}, True),
        ("resident_number", {"identity_number": "110105194912310021"}, False),
        ("resident_number", {"identity_number": "P1234567"}, None),
        ("resident_birth_date", {"identity_number": RIGHT, "birth_date": date(1949, 12, 31)}, True),
        ("resident_birth_date", {"identity_number": RIGHT, "birth_date": date(1950, 1, 1)}, False),
        ("resident_gender", {"identity_number": RIGHT, "gender": "女"}, True),
        ("resident_gender", {"identity_number": RIGHT, "gender": "male"}, False),
        ("resident_gender", {"identity_number": RIGHT, "gender": "other"}, None),
        ("postcode", {"addresses": (PostalAddress(country="CN", postal_code="100000"),)}, True),
        ("postcode", {"addresses": (PostalAddress(country="CN", postal_code="1000"),)}, False),
        ("postcode", {"addresses": (PostalAddress(postal_code="SW1A 1AA"),), "country": "GB"}, True),
        ("birth_date", {"birth_date": date(1980, 5, 5)}, True),
        ("birth_date", {"birth_date": date(1900, 1, 1)}, False),
        ("birth_date", {"birth_date": date(1870, 5, 5)}, False),
        ("city_in_province", {"city": "杭州", "province": "浙江省", "country": "CN"}, True),
        ("city_in_province", {"city": "Hangzhou", "province": "Jiangsu", "country": "CN"}, False),
        ("city_in_province", {"city": "Atlantis", "province": "浙江", "country": "CN"}, None),
    ],
)
def test_a_check_says_what_is_right(check: str, values: dict[str, Any], expected: bool | None) -> None:
    """Of what it knows it says whether it is right, of other things nothing."""
    assert answer(check, **values) is expected


def test_a_resident_number_tells_birth_and_gender() -> None:
    """The day of birth stands in it, and the last but one digit says the gender."""
    found = resident_number(RIGHT.lower())
    assert found is not None
    assert (found.birth_date, found.gender) == (date(1949, 12, 31), "female")


def test_every_register_can_be_asked() -> None:
    """Each country's numbers have a check that can be loaded."""
    from crmkit_quality.rules.checks import _REGISTERS

    assert {country: registration_number_holds(country, "0") for country in _REGISTERS} == dict.fromkeys(
        _REGISTERS, False
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("浙江", "浙江省"), ("广西", "广西壮族自治区"), ("香港", "香港特别行政区"), ("Narnia", None)]
)
def test_a_province_has_a_full_name(text: str, expected: str | None) -> None:
    """The usual short name stands for it."""
    assert full_province(text) == expected


def test_places_are_known_by_their_latin_names_too() -> None:
    """Shanxi and Shaanxi are two provinces; a city of today goes before the prefecture that it was."""
    assert (chinese_place("Shanxi"), chinese_place("Shaanxi Province"), chinese_place("Harbin")) == (
        "山西",
        "陕西",
        "哈尔滨",
    )
    assert (full_city("柳州"), full_city("杭州", "浙江省"), full_city("杭州", "江苏省")) == ("柳州市", "杭州市", None)
    assert lies_in("吉林", "吉林") is True


def test_a_filler_is_no_name() -> None:
    """Letters are needed, and more than one of them again and again."""
    assert [is_name(text) for text in ("Bo", "O", "—", "xxxx", "匿名", "Anna Test")] == [
        True,
        True,
        False,
        False,
        False,
        True,
    ]
