"""The cleaners: what they put right, and that they do it once."""

from __future__ import annotations

import pytest
from crmkit_quality.cleaning.cleaners import CLEANERS, POINTS, TEXTS, chosen, cleaned
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.errors import InvalidInput

PERSON = {"kind": "person", "country": "CN", "province": ""}
SAMPLE = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(list("  \u3000\u200bＡｂ９mMrRdD.ß'İıŉ先生女士王浙江省市龍龙nN/aA-@<>")),
    ),
    max_size=14,
)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "  Ada \u3000 Lovelace\u200b ", "Ada Lovelace"),
        ("name", "ADA LOVELACE", "Ada Lovelace"),
        ("name", "ludwig van beethoven", "Ludwig van Beethoven"),
        ("name", "SHAUN O'NEIL-MCDONALD III", "Shaun O'Neil-McDonald III"),
        ("name", "Dr. Ada Lovelace", "Ada Lovelace"),
        ("name", "王伟先生", "王伟"),
        ("name", "王先生", "王先生"),
        ("name", "Ｌｉ　Ｗｅｉ", "Li Wei"),
        ("job_title", "n/a", ""),
        ("job_title", "无", ""),
        ("gender", "女", "female"),
        ("gender", "M", "male"),
        ("province", "浙江", "浙江省"),
        ("city", "杭州", "杭州市"),
        ("city", "Hangzhou", "Hangzhou"),
        ("email", "mailto:Ada@Example.COM", "ada@example.com"),
        ("email", "Ada <Ada@Example.COM>", "ada@example.com"),
        ("phone", "138 0013 8000", "+8613800138000"),
    ],
)
def test_a_value_is_put_right(field: str, value: str, expected: str) -> None:
    """By the usual cleaners."""
    found, by = cleaned(field, value, PERSON, chosen(()))
    assert (found, bool(by)) == (expected, expected != value)


def test_names_of_organisations_keep_their_letters() -> None:
    """IBM is no person."""
    assert cleaned("name", "IBM", {**PERSON, "kind": "organization"}, chosen(())) == ("IBM", ())


def test_characters_are_converted_where_somebody_asks() -> None:
    """Simplified or traditional, never by itself, and never both."""
    assert cleaned("name", "龍門", PERSON, chosen(["simplified"]))[0] == "龙门"
    assert cleaned("name", "龙门", PERSON, chosen(["traditional"]))[0] == "龍門"
    assert cleaned("name", "龍門", PERSON, chosen(()))[0] == "龍門"
    with pytest.raises(InvalidInput):
        chosen(["simplified", "traditional"])


def test_an_unknown_cleaner_is_named() -> None:
    """With those that there are."""
    with pytest.raises(InvalidInput, match="polish"):
        chosen(["polish"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    SAMPLE,
    st.sampled_from([*TEXTS, *POINTS]),
    st.sampled_from(["person", "organization"]),
    st.sampled_from(["CN", "GB", ""]),
    st.lists(st.sampled_from([name for name in CLEANERS if name != "traditional"])),
)
def test_cleaning_is_idempotent(value: str, field: str, kind: str, country: str, names: list[str]) -> None:
    """What was cleaned is not changed by cleaning it again, whatever it was and whichever cleaners."""
    fields = {"kind": kind, "country": country, "province": ""}
    once, _by = cleaned(field, value, fields, chosen(names))
    assert cleaned(field, once, fields, chosen(names)) == (once, ())
