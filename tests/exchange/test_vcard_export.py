"""Customers as address cards: what is written is read back without a change, and nothing that is sealed slips out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit.app import CRM
from crmkit.errors import InvalidInput
from crmkit.exchange.api import ExportOptions, export
from crmkit.exchange.readers import open_rows
from crmkit.exchange.vcards.exporting import card_of, points_of
from crmkit.exchange.vcards.writing import content_line, escaped, fold
from tests.exchange.importing import ACTOR, customers, figures, load

REVEALED: dict[str, Any] = {"reveal": True, "reason": "test"}
FULL: dict[str, Any] = {
    "name": "王小明",
    "family_name": "王",
    "given_name": "小明",
    "salutation": "先生",
    "birth_date": "1980-01-31",
    "gender": "male",
    "language": "zh-CN",
    "time_zone": "Asia/Shanghai",
    "tags": ["vip", "a;b", "c,d"],
    "organization": "=Acme, Ltd",
    "website": "https://acme.example/?a=1,2;3",
    "contact_points": [
        {"kind": "phone", "value": "+8613800138000;ext=12", "label": "work fax"},
        {"kind": "phone", "value": "+442071838750", "label": "Ferienhaus"},
        {"kind": "email", "value": "b@example.com"},
        {"kind": "email", "value": "a@example.com", "preferred": True, "label": "second home"},
        {
            "kind": "address",
            "label": "home",
            "details": {"street": "太原路1号\n2楼, 左", "city": "上海", "district": "徐汇区", "postal_code": "200000",
                        "country": "CN"},
        },
        {"kind": "address", "value": 'Some "where", else;\nline', "label": "lager", "details": {"city": "Ulm"}},
        {"kind": "social", "value": "xm", "label": "wechat"},
        {"kind": "web", "value": "https://blog.example/?a=1,2"},
    ],
}  # fmt: skip


def fill(crm: CRM) -> None:
    """Add three customers: one with everything that a card can say."""
    crm.run(ACTOR, "customer.create", FULL)
    short = {
        "name": "Ann",
        "email": "ann@example.com",
        "mobile": "+447911123456",
        "street": "1 High St",
        "city": "Leeds",
    }
    crm.run(ACTOR, "customer.create", {**short, "country": "GB"})


@pytest.mark.parametrize("form", ["vcard", "vcard3"])
def test_importing_an_export_changes_nothing(crm: CRM, tmp_path: Path, form: Any) -> None:
    """Into the customer base that it came from: no record has another version or other contact points."""
    fill(crm)
    before = {name: (one.id, one.version) for name, one in customers(crm).items()}
    first, second = tmp_path / "a.vcf", tmp_path / "b.vcf"
    export(crm, ACTOR, first, ExportOptions(format=form, **REVEALED))
    assert figures(load(crm, first, on_duplicate="update")) == (3, 0, 3, 0, 0)
    assert {name: (one.id, one.version) for name, one in customers(crm).items()} == before
    export(crm, ACTOR, second, ExportOptions(format=form, **REVEALED))
    assert second.read_bytes() == first.read_bytes()


def test_an_export_into_an_empty_base_is_the_same_byte_for_byte(lite: CRM, tmp_path: Path, templates: Any) -> None:
    """Written, imported elsewhere and written again gives the same cards."""
    fill(lite)
    first, second = tmp_path / "a.vcf", tmp_path / "b.vcf"
    export(lite, ACTOR, first, ExportOptions(**REVEALED))
    (tmp_path / "other").mkdir()
    with CRM.open(templates.copy("sqlite", tmp_path / "other")) as other:
        assert figures(load(other, first)) == (3, 3, 0, 0, 0)
        export(other, ACTOR, second, ExportOptions(**REVEALED))
    assert second.read_bytes() == first.read_bytes()


def test_what_is_sealed_is_not_written_unless_it_is_revealed(lite: CRM, tmp_path: Path) -> None:
    """Without revealing, a card has no contact points and no date of birth; identity numbers it never has."""
    lite.run(ACTOR, "customer.create", {**FULL, "identity_number": "AB123456", "identity_kind": "passport"})
    hidden, whole = tmp_path / "a.vcf", tmp_path / "b.vcf"
    report = export(lite, ACTOR, hidden, ExportOptions())
    text = hidden.read_text("utf-8")
    assert "contact_points" in report.left_out
    assert not any(word in text for word in ("TEL", "EMAIL", "ADR", "BDAY", "example.com/?a"))
    export(lite, ACTOR, whole, ExportOptions(**REVEALED))
    assert "BDAY:19800131" in whole.read_text("utf-8")
    assert "AB123456" not in whole.read_text("utf-8")


def test_only_customers_have_cards(lite: CRM, tmp_path: Path) -> None:
    """Purchases as cards are refused, and no file is left."""
    with pytest.raises(InvalidInput, match="Only customers"):
        export(lite, ACTOR, tmp_path / "a.vcf", ExportOptions(resource="purchases"))
    assert list(tmp_path.glob("*.vcf")) == []


def test_other_programs_read_what_is_written(lite: CRM, tmp_path: Path) -> None:
    """vobject finds in version 3.0 what is in the card."""
    fill(lite)
    path = tmp_path / "a.vcf"
    export(lite, ACTOR, path, ExportOptions(format="vcard3", **REVEALED))
    found = {card.fn.value: card for card in vobject.readComponents(path.read_text("utf-8"))}
    card = found["王小明"]
    assert (card.n.value.family, card.n.value.given, card.org.value) == ("王", "小明", ["=Acme, Ltd"])
    assert card.bday.value == "1980-01-31"
    assert sorted(one.value for one in card.contents["email"]) == ["a@example.com", "b@example.com"]


_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n,;:\\\"'^"), max_size=120)


@settings(max_examples=150, deadline=None)
@given(text=_TEXT)
def test_lines_are_folded_within_75_octets_and_never_within_a_character(text: str) -> None:
    """Chinese and other characters of several bytes stay whole."""
    folded = fold(f"NOTE:{escaped(text)}").encode()
    assert all(len(line) <= 75 for line in folded.split(b"\r\n"))
    assert folded.replace(b"\r\n ", b"").decode() == f"NOTE:{escaped(text)}\r\n"


_POINTS = st.lists(
    st.one_of(
        st.builds(lambda value, label: {"kind": "social", "value": value, "label": label},
                  _TEXT.map(str.strip).filter(bool), st.sampled_from((None, "wechat", "line"))),
        st.builds(lambda value, label: {"kind": "email", "value": value, "label": label},
                  st.emails(), st.sampled_from((None, "home", "work", "my: own;"))),
        st.builds(lambda one, two: {"kind": "address", "label": "home", "details": {"street": one, "city": two}},
                  _TEXT.map(str.strip).filter(bool), _TEXT.map(str.strip).filter(bool)),
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=_TEXT.map(str.strip).filter(bool), family=_TEXT.map(str.strip), points=_POINTS, tags=st.lists(
    _TEXT.map(str.strip).filter(bool), max_size=3), version=st.sampled_from(("4.0", "3.0")))  # fmt: skip
def test_what_a_card_says_is_read_as_it_was_written(
    tmp_path: Path, name: str, family: str, points: list[dict[str, Any]], tags: list[str], version: Any
) -> None:
    """Names, tags and contact points of any characters come back as they were."""
    values = {"kind": "person", "name": name, "family_name": family, "contact_points": points, "tags": tags}
    path = tmp_path / "a.vcf"
    path.write_bytes(card_of(values, version).encode())
    source = open_rows(path)
    (row,) = source
    assert row.problem is None
    found = source.mapping(row)
    assert (found["name"], found["family_name"] or "") == (name, family)
    assert found.get("tags") or [] == tags
    read: Any = found["more_contact_points"] or []
    assert [(one["kind"], one["label"]) for one in read] == [(one["kind"], one["label"]) for one in points_of(values)]
    for given_, back in zip(points, read, strict=True):
        if given_["kind"] == "address":
            assert back["details"] == given_["details"]
        else:
            assert back["value"] == given_["value"]


def test_parameters_are_quoted_where_they_must() -> None:
    """Quotes and breaks of a parameter are written after RFC 6868, and nothing can begin a line of its own."""
    assert content_line("ADR", ";;;;;;", [("LABEL", 'a "b"\r\nX:c')]) == "ADR;LABEL=\"a ^'b^'^nX:c\":;;;;;;\r\n"
    assert escaped("a\r\nEND:VCARD\x00") == "a\\nEND:VCARD"
