"""Filling in what other systems know, and imports that heed trust."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_quality.api import Enriched, lineage

from crmkit.app import CRM
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.errors import InvalidInput
from crmkit.exchange.api import ImportOptions, plan_import, rehearse_import
from tests.plugins.quality.survivorship.conftest import ACTOR, Loader

Maker = Callable[..., UUID]


def enrich(crm: CRM, customer: UUID, source: str, *, as_of: Any = None, **values: Any) -> dict[str, str]:
    """Write what a source knows; return what became of each field."""
    given = {"source": source, "values": values, "as_of": as_of}
    done: Enriched = crm.run(ACTOR, "quality.customer.enrich", given, target=customer)
    return {one.field: one.outcome for one in done.fields}


def city(crm: CRM, customer: UUID) -> str | None:
    """Return where a customer lives."""
    with crm.session(ACTOR) as session:
        return session.get_one(Customer, customer).city


def test_empty_fields_are_anybodys_to_fill(quality: CRM, make: Maker) -> None:
    """Also by a source that is hardly trusted; what it wrote bears its name."""
    ada = make()
    assert {"city": "written", "website": "written"} == enrich(
        quality, ada, "vendor", city="Rome", website="https://ada.example"
    )
    with quality.session(ACTOR) as session:
        found = {one.field: (one.source, one.trust) for one in lineage(session, ada)}
    assert (("Vendor", 30), ("Entered here", 70)) == (found["city"], found["name"])


def test_what_is_trusted_more_is_never_replaced(quality: CRM, make: Maker) -> None:
    """The field keeps its value, and says why; a source that is trusted more replaces it."""
    ada = make(city="Rome")
    done = quality.run(ACTOR, "quality.customer.enrich", {"source": "vendor", "values": {"city": "Oslo"}}, target=ada)
    (kept,) = done.fields
    assert ("kept", "Kept: Entered here is trusted more (70) than Vendor (30).") == (kept.outcome, str(kept.because))
    assert {"city": "written"} == enrich(quality, ada, "erp", city="Bern")
    assert {"city": "kept"} == enrich(quality, ada, "vendor", city="Oslo")
    assert city(quality, ada) == "Bern"


def test_of_two_trusted_alike_the_newer_value_wins(quality: CRM, make: Maker) -> None:
    """Now is newer than what stands; what a source knew earlier is not."""
    ada = make()
    enrich(quality, ada, "erp", city="Rome")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    assert {"city": "kept"} == enrich(quality, ada, "erp", as_of=long_ago, city="Oslo")
    assert {"city": "written"} == enrich(quality, ada, "erp", city="Bern")
    assert city(quality, ada) == "Bern"


def test_an_order_of_sources_comes_before_trust(quality: CRM, make: Maker, rule: Callable[..., Any]) -> None:
    """Where a rule names it, the order decides."""
    ada = make()
    enrich(quality, ada, "erp", city="Rome")
    rule("city", "trusted_source", "vendor", "erp")
    assert {"city": "written"} == enrich(quality, ada, "vendor", city="Oslo")


def test_contact_points_are_added_and_none_is_lost(quality: CRM, make: Maker) -> None:
    """An e-mail address of a source stands beside what is there; the same one again changes nothing."""
    ada = make(email="ada@example.com")
    assert {"email": "written"} == enrich(quality, ada, "vendor", email="ada@work.example")
    assert {"email": "same"} == enrich(quality, ada, "vendor", email="ada@work.example")
    with quality.session(ACTOR) as session:
        from sqlalchemy import select

        points = {point.value for point in session.scalars(select(ContactPoint))}
    assert {"ada@example.com", "ada@work.example"} == points


def test_one_bad_value_costs_itself_alone(quality: CRM, make: Maker) -> None:
    """Values that are not valid, empty or not to be filled in are refused with the reason; the others are written."""
    ada = make()
    assert {
        "city": "written",
        "birth_date": "refused",
        "custom.colour": "refused",
        "email": "refused",
        "job_title": "refused",
        "tags": "refused",
        "nonsense": "refused",
    } == enrich(
        quality,
        ada,
        "vendor",
        **{
            "city": "Rome",
            "birth_date": "soon",
            "custom.colour": "red",
            "email": "nobody",
            "job_title": "",
            "tags": ["x"],
            "nonsense": 1,
        },
    )
    assert city(quality, ada) == "Rome"


@pytest.mark.parametrize("given", [{"source": " ", "values": {"city": "Rome"}}, {"source": "erp", "values": {}}])
def test_a_source_and_values_are_needed(quality: CRM, make: Maker, given: dict[str, Any]) -> None:
    """Without either there is nothing to do, and it is said."""
    with pytest.raises(InvalidInput):
        quality.run(ACTOR, "quality.customer.enrich", given, target=make())


def test_many_customers_at_once(quality: CRM, make: Maker) -> None:
    """Each gets its own answer; one that there is not costs itself alone, and one that comes twice is weighed twice."""
    ada, bo = make(), make(name="Bo", city="Rome")
    items = [
        {"customer_id": ada, "source": "vendor", "values": {"city": "Oslo"}},
        {"customer_id": bo, "source": "vendor", "values": {"city": "Oslo", "gender": "male"}},
        {"customer_id": "01a00000-0000-7000-8000-000000000000", "source": "vendor", "values": {"city": "Oslo"}},
        {"customer_id": ada, "source": "erp", "values": {"city": "Bern"}},
        {"customer_id": ada, "source": "vendor", "values": {"birth_date": "soon", "website": "https://a.example"}},
    ]
    outcomes = quality.run_many(ACTOR, "quality.customer.enrich_many", items)
    assert [True, True, False, True, True] == [one.ok for one in outcomes]
    told = [[each.outcome for each in one.result.fields] for one in outcomes if one.ok]
    assert [["written"], ["kept", "written"], ["written"], ["refused", "written"]] == told
    assert ("Bern", "Rome") == (city(quality, ada), city(quality, bo))


# --- imports ---------------------------------------------------------------------------------------------------------

FILE = "name,email,city,job_title\nAda,ada@example.com,Oslo,Countess\n"


def test_an_import_leaves_what_is_trusted_more(
    quality: CRM, make: Maker, rule: Callable[..., Any], load: Loader
) -> None:
    """Where the rule of a field is trust, a file of a source that is trusted less does not replace its value; what is
    empty is filled."""
    ada = make(email="ada@example.com", city="Rome")
    rule("city", "trusted_source")
    assert load(FILE, "vendor").updated == 1
    assert city(quality, ada) == "Rome"
    with quality.session(ACTOR) as session:
        assert session.get_one(Customer, ada).job_title == "Countess"
    assert load(FILE, "erp").updated == 1
    assert city(quality, ada) == "Oslo"


def test_an_import_replaces_what_no_rule_guards(quality: CRM, make: Maker, load: Loader) -> None:
    """Trust counts in imports only where a rule says so."""
    ada = make(email="ada@example.com", city="Rome")
    load(FILE, "vendor")
    assert city(quality, ada) == "Oslo"


def test_whoever_imports_trust_is_heeded(quality: CRM, make: Maker, rule: Callable[..., Any], tmp_path: Path) -> None:
    """A rehearsal of a file heeds trust as well, and changes nothing."""
    ada = make(email="ada@example.com", city="Rome")
    rule("*", "trusted_source")
    path = tmp_path / "file.csv"
    path.write_text(FILE, encoding="utf-8")
    plan = plan_import(quality, path, ImportOptions(source="vendor", on_duplicate="update"))
    assert rehearse_import(quality, ACTOR, plan).updated == 1
    assert city(quality, ada) == "Rome"
