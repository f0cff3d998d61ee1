"""Contracts with sources: what breaks one stops the feed, changes nothing, and makes work for somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from crmkit_quality.contracts.models import ContractBreach, SourceContract
from crmkit_quality.contracts.terms import Terms, as_type, flaws_of, types_of, value_of
from sqlalchemy import func, select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.errors import FeedStopped, InvalidInput, Refused
from crmkit.exchange.api import ImportOptions, plan_import, run_import
from tests.plugins.quality.conftest import SYSTEM, add, person

TERMS: dict[str, Any] = {
    "source": "shop",
    "required": ["email"],
    "headings": ["Email"],
    "conditions": ['country in ["DE", "FR"]'],
    "max_invalid": 0.25,
    "max_duplicates": 0.5,
    "min_rows": 2,
}
GOOD = "Name,Email,Country\nAda,a@x.de,DE\nBob,b@x.de,FR\n"


@pytest.fixture
def agreed(quality: CRM) -> CRM:
    """A customer base that has agreed with a source."""
    quality.run(SYSTEM, "quality.contract.create", TERMS)
    return quality


def load(crm: CRM, folder: Path, text: str, source: str = "shop") -> Any:
    """Import a file of a source."""
    path = folder / "feed.csv"
    path.write_text(text, encoding="utf-8")
    return run_import(crm, SYSTEM, plan_import(crm, path, ImportOptions(source=source, again=True)))


def count(crm: CRM) -> int:
    """Return how many customers there are."""
    with crm.session(SYSTEM) as session:
        return session.scalar(select(func.count(Customer.id))) or 0


def contract(crm: CRM) -> SourceContract:
    """Return the contract."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(SourceContract)).one()


def breaches(crm: CRM, actor: Any = SYSTEM) -> list[tuple[str, str]]:
    """Return kind and state of the breaches that somebody sees, the oldest first."""
    with crm.session(actor) as session:
        found = session.scalars(select(ContractBreach).order_by(ContractBreach.id))
        return [(each.kind, each.state) for each in found]


def test_a_file_that_keeps_it_is_taken_in(agreed: CRM, tmp_path: Path) -> None:
    """And it is noted when something came, and how much."""
    assert load(agreed, tmp_path, GOOD).created == 2
    found = contract(agreed)
    assert (found.state, found.fed_rows, found.fed_at is not None) == ("active", 2, True)
    assert breaches(agreed) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Name,Country\nAda,DE\nBob,FR\n", "schema"),
        ("Name,Email,Country\nAda,a@x.de,DE\n", "rows"),
        ("Name,Email,Country\nAda,a@x.de,DE\nBob,,FR\n", "invalid"),
        ("Name,Email,Country\nAda,a@x.de,DE\nBob,b@x.de,IT\n", "invalid"),
        ("Name,Email,Country\nAda,a@x.de,DE\nBob,b@x.de,Atlantis\n", "invalid"),
    ],
)
def test_a_file_that_breaks_it_changes_nothing(agreed: CRM, tmp_path: Path, text: str, kind: str) -> None:
    """It stops the source, and somebody has to look into it."""
    with pytest.raises(FeedStopped, match="breaks the contract"):
        load(agreed, tmp_path, text)
    assert count(agreed) == 0
    assert (contract(agreed).state, breaches(agreed)) == ("stopped", [(kind, "open")])


def test_a_share_of_invalid_rows_is_tolerated(agreed: CRM, tmp_path: Path) -> None:
    """What the import itself can take goes in, the rest is rejected row by row."""
    rows = "".join(f"{number},N{number},n{number}@x.de,DE\n" for number in range(7))
    done = load(agreed, tmp_path, f"External id,Name,Email,Country\n{rows}8,Bob,,FR\n9,Cy,no address,FR\n")
    assert (done.created, done.rejected) == (8, 1)


def test_too_many_duplicates_break_it(agreed: CRM, tmp_path: Path) -> None:
    """The same feed twice is no new feed."""
    load(agreed, tmp_path, GOOD)
    with pytest.raises(FeedStopped, match="are there already"):
        load(agreed, tmp_path, GOOD)
    assert (count(agreed), breaches(agreed)) == (2, [("duplicates", "open")])


def test_nothing_is_taken_from_a_source_that_is_stopped(agreed: CRM, tmp_path: Path) -> None:
    """Neither files nor single writes, until somebody releases it; other sources are not concerned."""
    with pytest.raises(FeedStopped):
        load(agreed, tmp_path, "Name,Country\nAda,DE\n")
    with pytest.raises(FeedStopped, match=r"^CK706 Nothing is taken"):
        load(agreed, tmp_path, GOOD)
    good = {"source": "shop", "email": "c@x.de", "country": "DE"}
    with pytest.raises(FeedStopped):
        add(agreed, "Cy", **good)
    with pytest.raises(FeedStopped):
        add(agreed, "Cy", external_id="1", identifier_source="shop")
    customer = add(agreed, "Di", email="d@x.de", source="fair")
    with pytest.raises(FeedStopped):
        agreed.run(
            SYSTEM,
            "interaction.record",
            {"kind": "note", "customer_id": customer, "source": "shop", "external_id": "9", "subject": "Hello"},
        )
    assert load(agreed, tmp_path, "Name,Email\nEve,e@x.de\n", source="fair").created == 1
    agreed.run(SYSTEM, "quality.contract.release", {"resolution": "The export was mended."}, target=contract(agreed).id)
    assert load(agreed, tmp_path, GOOD).created == 2
    assert add(agreed, "Cy", **good)
    assert breaches(agreed) == [("schema", "done")]


def test_a_bulk_write_of_mixed_sources_loses_the_stopped_ones_alone(agreed: CRM) -> None:
    """Each input costs itself."""
    agreed.run(SYSTEM, "quality.contract.stop", target=contract(agreed).id)
    outcomes = agreed.run_many(
        SYSTEM,
        "customer.create",
        [{"name": "Ada", "source": "shop", "email": "a@x.de", "country": "DE"}, {"name": "Bob", "source": "fair"}],
    )
    assert [each.ok for each in outcomes] == [False, True]
    assert outcomes[0].problems[0].code == "CK706"


def test_single_writes_keep_the_terms(agreed: CRM) -> None:
    """What lacks a field or breaks a condition is refused with the field; the source goes on."""
    with pytest.raises(InvalidInput) as caught:
        add(agreed, "Cy", source="shop", country="DE")
    assert [problem.field for problem in caught.value.problems] == ["email"]
    with pytest.raises(InvalidInput, match="does not keep the contract"):
        add(agreed, "Cy", source="shop", country="IT", email="c@x.it")
    assert contract(agreed).state == "active"


def test_changing_a_customer_of_a_stopped_source_is_free(agreed: CRM) -> None:
    """The staff goes on working with what is there."""
    customer = add(agreed, "Cy", source="shop", country="DE", email="c@x.de")
    agreed.run(SYSTEM, "quality.contract.stop", target=contract(agreed).id)
    assert agreed.run(SYSTEM, "customer.update", {"city": "Berlin"}, target=customer).city == "Berlin"


def test_a_late_feed_is_noted_once(quality: CRM) -> None:
    """It makes work and stops nothing; what comes then settles it."""
    from crmkit_quality.contracts.watching import find_late

    quality.run(SYSTEM, "quality.contract.create", {"source": "shop", "max_age_hours": 1, "max_invalid": 1.0})
    with quality.engines.system_write.begin() as connection:
        table: Any = SourceContract.__table__
        connection.execute(table.update().values(created_at=datetime.now(UTC) - timedelta(hours=3)))

    def look() -> None:
        with quality.transaction(SYSTEM) as session:
            find_late(session, datetime.now(UTC))

    look()
    look()
    assert breaches(quality) == [("late", "open")]
    found = contract(quality)
    assert found.state == "active"
    quality.run(SYSTEM, "quality.contract.note_feed", {"contract_id": found.id, "rows": 1})
    look()
    assert breaches(quality) == [("late", "done")]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"conditions": ["contry == 'DE'"]}, "conditions.0"),
        ({"types": {"size": "many"}}, "types.size"),
        ({"source": " "}, "source"),
        ({"max_invalid": 2}, "max_invalid"),
    ],
)
def test_terms_that_cannot_be_used_are_refused(lite: CRM, values: dict[str, Any], field: str) -> None:
    """When they are agreed on, not when a file comes."""
    with pytest.raises(InvalidInput) as caught:
        lite.run(SYSTEM, "quality.contract.create", {**TERMS, **values})
    assert [problem.field for problem in caught.value.problems] == [field]


def test_only_who_may_releases(agreed: CRM) -> None:
    """A seller neither sees contracts nor lets anything in; nor can anybody pretend that all is well."""
    sam, ann = person(agreed, "sam", "seller"), person(agreed, "ann", "analyst")
    agreed.run(SYSTEM, "quality.contract.stop", target=contract(agreed).id)
    assert breaches(agreed, sam) == []
    with pytest.raises(Refused):
        agreed.run(ann, "quality.contract.release", target=contract(agreed).id)
    admin = person(agreed, "ada", "admin")
    with pytest.raises(Refused):
        agreed.run(admin, "quality.contract.note_feed", {"contract_id": contract(agreed).id, "rows": 1})
    assert agreed.run(admin, "quality.contract.release", target=contract(agreed).id).state == "active"


def test_an_interrupted_import_goes_on(agreed: CRM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has written itself are no duplicates that would stop it."""
    from crmkit.exchange import importer

    monkeypatch.setattr(importer, "BATCH", 1)
    real, calls = importer._write_batch, []

    def once(*given: Any) -> None:
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(given)
        real(*given)

    monkeypatch.setattr(importer, "_write_batch", once)
    with pytest.raises(KeyboardInterrupt):
        load(agreed, tmp_path, GOOD)
    monkeypatch.setattr(importer, "_write_batch", real)
    assert load(agreed, tmp_path, GOOD).resumed
    assert (count(agreed), contract(agreed).state) == (2, "active")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("12", "integer", 12),
        (12.5, "integer", None),
        ("12.5", "number", Decimal("12.5")),
        ("nan", "number", None),
        (date(2026, 1, 1), "date", date(2026, 1, 1)),
        ("2026-01-01", "date", None),
        ("a@b.de", "email", "a@b.de"),
        ("a@b", "email", None),
        (True, "boolean", True),
        ("", "text", None),
    ],
)
def test_a_value_is_of_a_type_or_none(value: Any, kind: str, expected: Any) -> None:
    """What is not of it is None for conditions, and a flaw where the contract states the type."""
    assert as_type(value, kind) == expected


def test_flaws_name_what_is_wrong() -> None:
    """Fields that are empty, of another type, and conditions that do not hold."""
    terms = Terms(required=["email", "name"], types={"size": "integer"}, conditions=[("size > 3", lambda row: False)])
    row = {"name": "A", "size": "many", "contact_points": [{"kind": "phone", "value": "1"}]}
    assert flaws_of(terms, row, types_of(row, terms.types)) == [
        ("required", "email"),
        ("type", "size"),
        ("condition", "size > 3"),
    ]
    assert value_of(row, "phone") == "1"
