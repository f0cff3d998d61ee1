"""Address cards: what the files of real programs say, field by field, and what is made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.exchange.api import ImportOptions, plan_import, run_import
from crmkit.exchange.encodings import detect_stream
from crmkit.exchange.readers import open_rows
from crmkit.exchange.sources import Lines, Source
from crmkit.exchange.vcards.cards import Card, cards
from crmkit.exchange.vcards.columns import values_of
from tests.exchange.importing import ACTOR, contacts, count, customers, figures, load

SAMPLES = Path(__file__).parent.parent / "data" / "import-samples"
PROGRAMS = sorted(path.name for path in (SAMPLES / "vcard").iterdir())


def cards_of(path: Path) -> list[Card]:
    """Return the cards of a file."""
    source = Source(path)
    return list(cards(Lines(source, detect_stream(source.open, name=source.name))))


def said(card: Card) -> dict[str, Any]:
    """Return what a card says, as the expected values have it."""
    found: dict[str, Any] = {"version": card.version, "notes": len(card.notes), "has_photo": card.has_photo}
    names = dict(zip(("family", "given", "additional", "prefix", "suffix"), card.names or (), strict=False))
    lists = {
        "organisation": [list(parts) for parts in card.organizations],
        "titles": card.titles,
        "emails": card.emails,
        "phones": [{"number": one.number, "types": list(one.types)} for one in card.phones],
        "addresses": [{"types": list(one.types), "parts": list(one.parts)} for one in card.addresses],
        "urls": card.urls,
        "nickname": card.nicknames,
        "categories": card.categories,
        "birthday": card.birthday,
    }
    full = {} if card.full_name is None else {"full_name": card.full_name}
    return {**found, **names, **full, **{name: value for name, value in lists.items() if value}}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_cards_of_real_programs_are_read_field_by_field(program: str) -> None:
    """Versions 2.1, 3.0 and 4.0 of five programs and two standards give exactly what they say."""
    expected = json.loads((SAMPLES / "vcard.json").read_text("utf-8"))[program]
    found = cards_of(SAMPLES / "vcard" / program)
    assert [said(card) for card in found] == expected
    assert [card.problem for card in found] == [None] * len(expected)


def one(text: str, make: Callable[..., Path]) -> dict[str, Any]:
    """Return the values of the only card with some lines."""
    (card,) = cards_of(make(f"BEGIN:VCARD\r\nVERSION:4.0\r\n{text}\r\nEND:VCARD\r\n", "a.vcf"))
    assert card.problem is None
    return values_of(card)


def test_contact_points_have_kinds_and_labels(make: Callable[..., Path]) -> None:
    """Phones, addresses, pages and accounts are told apart, with the labels of types and of named groups."""
    points = one(
        'TEL;TYPE="work,fax":+1 212 555 0100\r\nTEL;TYPE=cell;PREF=1:+44 7911 123456\r\nitem1.TEL:+49 30 123456\r\n'
        "item1.X-ABLabel:Ferienhaus\r\nEMAIL;TYPE=home:a@b.example\r\nADR;TYPE=home:;;1 High St;Leeds;;LS1;UK\r\n"
        "IMPP:xmpp:ann@example.com\r\nX-SOCIALPROFILE;TYPE=twitter;x-user=ann:http://twitter.com/ann\r\n"
        "X-QQ:12345\r\nURL;TYPE=work:https://a.example",
        make,
    )["more_contact_points"]
    assert [(point["kind"], point["label"], point.get("preferred", False)) for point in points] == [
        ("phone", "work fax", False),
        ("phone", "mobile", True),
        ("phone", "Ferienhaus", False),
        ("email", "home", False),
        ("address", "home", False),
        ("social", "xmpp", False),
        ("social", "twitter", False),
        ("social", "qq", False),
        ("web", "work", False),
    ]
    assert points[4]["details"] == {"street": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "UK"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BDAY:19800131", {"birth_date": "1980-01-31"}),
        ("BDAY:1980-01-31T00:00:00Z", {"birth_date": "1980-01-31"}),
        ("BDAY:--0131", {"day_without_year": "01-31"}),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-01-31", {"day_without_year": "01-31"}),
        ("BDAY;VALUE=text:circa 1800", {"day_without_year": "circa 1800"}),
        ("KIND:org\r\nORG:Acme;Sales", {"kind": "organization", "name": "Acme", "department": "Sales"}),
        ("X-ABShowAs:COMPANY\r\nFN:Acme\r\nORG:Acme", {"kind": "organization", "name": "Acme"}),
        ("FN:A\r\nUID:urn:uuid:4fbe8971-0bc3", {"external_id": "4fbe8971-0bc3"}),
        ("GENDER:F\r\nLANG;PREF=2:en\r\nLANG;PREF=1:zh-CN", {"gender": "female", "language": "zh-CN"}),
        ("CATEGORIES:a\\,b,vip", {"tags": ["a,b", "vip"]}),
        ("RELATED;TYPE=spouse;VALUE=text:Jo\r\nGEO:geo:1,2\r\nREV:20240101T000000Z",
         {"related": "spouse: Jo", "geo": "1,2", "revised": "20240101T000000Z"}),
        ("TZ:Asia/Shanghai\r\nX-FOO:bar\r\nX-FOO:baz", {"time_zone": "Asia/Shanghai", "X-FOO": "bar; baz"}),
        ("NOTE:one\\ntwo\r\nNOTE:thr\r\n ee", {"note": "one\ntwo\n\nthree"}),
        ("FN;SORT-AS=\"x;y\":A\\;B\\,C\\\\D", {"name": "A;B,C\\D"}),
    ],
)  # fmt: skip
def test_properties_become_fields(line: str, expected: dict[str, Any], make: Callable[..., Path]) -> None:
    """Days without a year, organisations, ids, lists, escapes, further properties."""
    assert {name: value for name, value in one(line, make).items() if name in expected} == expected


def test_character_sets_of_single_properties_are_decoded(make: Callable[..., Path]) -> None:
    """A file of version 2.1 may hold GB18030 and quoted-printable Latin-1 side by side."""
    text = b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
    text += b"N;CHARSET=GB18030:" + "王;小明".encode("gb18030") + b"\r\n"
    text += b"ORG;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller=\r\n & Co\r\nEND:VCARD\r\n"
    (row,) = open_rows(make(text, "a.vcf"), encoding="utf-8")
    assert row.problem is None
    assert row.cells[1:4] == (None, "王", "小明")
    assert "Müller & Co" in row.cells


def test_cards_within_cards_are_passed_over(make: Callable[..., Path]) -> None:
    """The card of an agent is no customer, and does not end the card that it stands in."""
    inner = "AGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nFN:Agent\r\nEND:VCARD\r\n"
    path = make(f"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Ann\r\n{inner}TITLE:Boss\r\nEND:VCARD\r\n", "a.vcf")
    (card,) = cards_of(path)
    assert (card.full_name, card.titles) == ("Ann", ["Boss"])


def test_what_is_wrong_with_a_card_refuses_that_card_alone(make: Callable[..., Path]) -> None:
    """No end, no line of a card, stray text, a list of people: each is told of, the others are read."""
    text = (
        "BEGIN:VCARD\nVERSION:3.0\nFN:Lost\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD\n"
        "what is this\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Broken\nno colon here\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:All\nMEMBER:urn:uuid:1\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Cut"
    )
    rows = list(open_rows(make(text, "a.vcf")))
    assert [(row.line, row.problem and row.problem.render()[:34]) for row in rows] == [
        (1, "The card that begins on line 1 has"),
        (4, None),
        (8, "Lines 8 to 8 belong to no card. A "),
        (9, "Line 12 is no line of a card. It s"),
        (14, "KIND: The card is that of a list o"),
        (20, "The card that begins on line 20 sa"),
        (23, "The card that begins on line 23 ha"),
    ]


def test_rejected_cards_can_be_mended_and_imported(crm: CRM, make: Callable[..., Path]) -> None:
    """They come back as they were with the reason, as a file that an import reads; the customers are then there."""
    good = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEMAIL:ann@example.com\r\nEND:VCARD\r\n"
    bad = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\r\nEMAIL:nonsense\r\nNOTE:stays\r\nEND:VCARD\r\n"
    report = load(crm, make(good + bad + "stray\r\n", "a.vcf"))
    assert figures(report) == (3, 1, 0, 0, 2)
    assert report.rejected_file is not None
    assert report.rejected_file.name == "a.rejected.vcf"
    text = report.rejected_file.read_bytes().decode()
    assert "X-CRMKIT-REJECTED-PROPERTY:EMAIL\r\n" in text
    assert "NOTE:stays\r\n" in text
    again = load(crm, make(text, "again.vcf"))
    assert figures(again) == (2, 0, 0, 0, 2)
    assert again.rejected_file is not None
    assert again.rejected_file.read_text("utf-8").count("X-CRMKIT-REJECTED-REASON") == 2
    mended = text.replace("nonsense", "ben@example.com").replace("stray\r\n", "")
    assert figures(load(crm, make(mended, "mended.vcf"))) == (1, 1, 0, 0, 0)
    assert contacts(crm, "Ben") == [("email", "ben@example.com", None)]


def test_an_interrupted_import_of_cards_goes_on(
    lite: CRM, make: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off after the first batch, the same import goes on behind it; rejected cards come once."""
    monkeypatch.setattr("crmkit.exchange.importer.BATCH", 5)
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Name {0}\r\nEMAIL:{1}\r\nEND:VCARD\r\n"
    mails = [f"a{number}@example.com" if number % 4 else "nonsense" for number in range(12)]
    path = make("".join(card.format(number, mail) for number, mail in enumerate(mails)), "a.vcf")

    def stop(progress: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(lite, ACTOR, plan_import(lite, path), stop)
    report = load(lite, path)
    assert (report.resumed, figures(report)) == (True, (12, 9, 0, 0, 3))
    assert report.rejected_file is not None
    assert report.rejected_file.read_text().count("BEGIN:VCARD") == 3
    assert count(lite) == 9


def test_a_card_adds_to_a_known_customer_and_takes_nothing_away(lite: CRM, make: Callable[..., Path]) -> None:
    """Updating by a card keeps the contact points and the kind that the card does not name."""
    lite.run(ACTOR, "customer.create", {"name": "Acme", "kind": "organization", "email": "info@acme.example"})
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nEMAIL:INFO@acme.example\r\nTEL:+442071838750\r\nEND:VCARD\r\n"
    assert figures(load(lite, make(card, "a.vcf"), on_duplicate="update")) == (1, 0, 1, 0, 0)
    assert [(kind, value) for kind, value, _label in contacts(lite, "Acme")] == [
        ("email", "info@acme.example"),
        ("phone", "+442071838750"),
    ]
    assert customers(lite)["Acme"].kind == "organization"


def test_numbers_without_a_country_are_those_of_the_address(lite: CRM, make: Callable[..., Path]) -> None:
    """A card with an address in a country has its phone numbers read as dialled there."""
    card = (
        "BEGIN:VCARD\nVERSION:2.1\nN:Doe;Jo\nTEL;WORK:(905) 555-1234\nADR;WORK:;;1 A St;Toronto;ON;;Canada\nEND:VCARD\n"
    )
    assert figures(load(lite, make(card, "a.vcf"))) == (1, 1, 0, 0, 0)
    assert ("phone", "+19055551234", "work") in contacts(lite, "Doe Jo") + contacts(lite, "Jo Doe")


def test_several_values_in_one_cell_are_several_contact_points(lite: CRM, make: Callable[..., Path]) -> None:
    """Google writes "a ::: b" into one cell; all are kept, none refuses the row."""
    path = make(
        "name,email,mobile,home street,home city\n"
        "Ann,a@x.example ::: b@x.example,+447911123456 ::: +447911123457,1 High St ::: 2 Low St,Leeds ::: York\n"
    )
    assert figures(load(lite, path)) == (1, 1, 0, 0, 0)
    assert [(kind, value) for kind, value, _label in contacts(lite, "Ann")] == [
        ("email", "a@x.example"),
        ("phone", "+447911123456"),
        ("address", "1 High St, Leeds"),
        ("email", "b@x.example"),
        ("phone", "+447911123457"),
        ("address", "2 Low St, York"),
    ]


def test_the_plan_shows_columns_and_what_is_not_taken(lite: CRM, make: Callable[..., Path]) -> None:
    """What there is no field for is a column that a person can map to a custom field."""
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nNICKNAME:Annie\nNOTE:likes tea\nEND:VCARD\n"
    plan = plan_import(lite, make(card, "a.vcf"), ImportOptions(mapping={"note": "custom.remark"}, make_fields=True))
    assert (plan.format, plan.resource, plan.mapped["note"]) == ("vcard", "customers", "custom.remark")
    assert "nickname" in plan.unmapped
    assert figures(run_import(lite, ACTOR, plan)) == (1, 1, 0, 0, 0)
    assert isinstance(customers(lite)["Ann"], Customer)
