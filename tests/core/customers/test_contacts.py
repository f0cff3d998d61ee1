"""Normal forms of e-mail addresses, phone numbers, postal addresses and web pages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from crmkit import CRM, Actor
from crmkit.core.business.places import country_code
from crmkit.core.customers.contacts import match_key, normalise, website
from crmkit.errors import InvalidInput
from tests.core.customers.conftest import DATA

EMAILS = json.loads((DATA / "email_isemail.json").read_text(encoding="utf-8"))["tests"]
PHONES = json.loads((DATA / "phones.json").read_text(encoding="utf-8"))["tests"]
SINGLE_LABEL = ("test@io", "test@org")
"""Addresses that are valid by the letter and that the collection's rule lets a CRM refuse."""


def accepted(kind: str, value: str, region: str | None = None) -> bool:
    """Say whether a value is a contact point."""
    try:
        normalise(kind, value, region=region)
    except InvalidInput:
        return False
    return True


def test_deliverable_addresses_are_accepted() -> None:
    """Every address that mail can be sent to is accepted."""
    good = [
        item["address"]
        for item in EMAILS
        if item["category"] in ("ISEMAIL_VALID_CATEGORY", "ISEMAIL_DNSWARN") and item["address"] not in SINGLE_LABEL
    ]
    assert len(good) > 20
    assert [address for address in good if not accepted("email", address)] == []


def test_malformed_addresses_are_refused() -> None:
    """Every malformed address is refused; internationalised mail allows the sign that one of them has."""
    bad = [item["address"] for item in EMAILS if item["category"] == "ISEMAIL_ERR" and "©" not in item["address"]]
    assert len(bad) > 50
    assert [address for address in bad if accepted("email", address)] == []


@pytest.mark.parametrize("item", PHONES, ids=lambda item: item["input"])
def test_phone_numbers_have_their_normal_form(item: dict[str, object]) -> None:
    """A number in use gets its E.164 form and keeps its extension; another one is refused with a hint."""
    text, region = str(item["input"]), item["region"]
    assert region is None or isinstance(region, str)
    if item.get("valid"):
        contact = normalise("phone", text, region=region)
        assert (item["e164"], item["extension"]) == (contact.value, contact.details.get("extension"))
    else:
        with pytest.raises(InvalidInput) as raised:
            normalise("phone", text, region=region)
        assert all(problem.hint for problem in raised.value.problems)


def test_a_number_of_unknown_country_asks_for_its_code() -> None:
    """Without a country there is no guess; the hint says how to write the number."""
    with pytest.raises(InvalidInput) as raised:
        normalise("phone", "138 0013 8000")
    (problem,) = raised.value.problems
    assert "+86" in (problem.hint or "")


def test_an_address_is_kept_as_written_and_compared_without_case() -> None:
    """Case and the spelling of an internationalised domain do not tell addresses apart."""
    contact = normalise("email", " Ann@Bücher.Example ")
    assert (contact.value, contact.match_key) == ("Ann@Bücher.Example", "ann@xn--bcher-kva.example")
    assert contact.match_key == match_key("email", "ANN@xn--bcher-kva.example")


def test_extensions_tell_numbers_apart() -> None:
    """Two people behind one switchboard are not the same."""
    one = normalise("phone", "+1 650 253 0000 ext. 12")
    assert (one.value, one.match_key) == ("+16502530000", "+16502530000x12")
    assert match_key("phone", "+16502530000;ext=12") == one.match_key
    assert match_key("phone", "+1 650 253 0000") == "+16502530000"


@given(local=st.from_regex(r"[A-Za-z0-9]{1,12}(\.[a-z0-9]{1,5})?", fullmatch=True), upper=st.booleans())
def test_normal_addresses_are_their_own_normal_form(local: str, upper: bool) -> None:
    """Looking an address up by its quick form finds the same as by its full check."""
    address = f"{local}@{'EXAMPLE' if upper else 'example'}.com"
    contact = normalise("email", address)
    assert contact.match_key == match_key("email", address) == normalise("email", contact.match_key).match_key


@given(number=st.integers(min_value=13000000000, max_value=19999999999))
def test_a_number_in_normal_form_stays_as_it_is(number: int) -> None:
    """E.164 is a fixed point, with and without a region."""
    if accepted("phone", str(number), "CN"):
        contact = normalise("phone", str(number), region="CN")
        assert normalise("phone", contact.value) == contact == normalise("phone", contact.value, region="US")


def test_chinese_addresses_begin_with_the_province() -> None:
    """The parts of a Chinese address are joined from the largest to the smallest, without spaces."""
    parts = {
        "street": "南京路1号",
        "district": "黄浦区",
        "city": "上海市",
        "province": "上海市",
        "postal_code": "200001",
    }
    assert normalise("address", "", details={**parts, "postal_code": "200001"}).value == "200001 上海市黄浦区南京路1号"


def test_western_addresses_begin_with_the_street() -> None:
    """The parts of another address are joined from the smallest to the largest."""
    parts = {"street": "1 High St", "city": "Leeds", "postal_code": "LS1 1AA", "country": "Great Britain"}
    contact = normalise("address", "", details=parts)
    assert (contact.value, contact.details["country"]) == ("1 High St, LS1 1AA Leeds", "GB")


@pytest.mark.parametrize(
    ("text", "code"),
    [("cn", "CN"), ("China", "CN"), ("中国", "CN"), ("德国", "DE"), ("United Kingdom", "GB"), ("UK", "GB"),
     ("the Netherlands", "NL"), ("EIRE", "IE"), ("USA", "US"), ("美国", "US"), ("Hong Kong", "HK"), ("Narnia", None),
     ("XX", None), ("", None)],
)  # fmt: skip
def test_countries_are_known_by_code_and_name(text: str, code: str | None) -> None:
    """A country is found by its code and by its usual names in English and Chinese."""
    assert code == country_code(text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "http://", "https://a b.com", "ftp://example.com", "nothing"])
def test_what_a_browser_should_not_open_is_no_web_page(text: str) -> None:
    """Only http and https addresses of a host are accepted."""
    with pytest.raises(InvalidInput):
        website(text)


def test_nothing_is_verified_in_the_future(crm: CRM, admin: Actor) -> None:
    """A contact point that comes as verified was verified before now, with a new customer and later alike."""
    point = {"kind": "email", "value": "ann@example.com", "verified_at": "2999-01-01T00:00:00Z"}
    with pytest.raises(InvalidInput) as refused:
        crm.run(admin, "customer.create", {"name": "Ann", "contact_points": [point]})
    assert [problem.field for problem in refused.value.problems] == ["contact_points.0.verified_at"]
    ann = crm.run(admin, "customer.create", {"name": "Ann"})
    with pytest.raises(InvalidInput) as refused:
        crm.run(admin, "contact_point.add", point, target=ann.id)
    assert [problem.field for problem in refused.value.problems] == ["verified_at"]
