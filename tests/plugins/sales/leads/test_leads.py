"""Leads: added, changed, qualified, converted and closed; and what is known of them as of another day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_sales.api import Opportunity
from crmkit_sales.leads.display import timeline_entries

from crmkit import Customer, catalogue_of, moment_of, values_of
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, Refused
from tests.plugins.sales.leads.house import BEGINNING, SYSTEM, House

NAMES = ("lead_state", "lead_source", "intent", "lead_count", "has_open_lead")


def facts(house: House, customer: UUID, *, days: float | None = None) -> dict[str, Any]:
    """Return facts about somebody, now or as of some days after the beginning."""
    with house.crm.session(SYSTEM) as session:
        refs = [catalogue_of(session).ref(f"sales.{name}") for name in NAMES]
        # What was recorded is known by the clock on the wall, which the tests do not set.
        moment = moment_of(session, None if days is None else BEGINNING + timedelta(days=days), datetime.now(UTC))
        return {str(ref).removeprefix("sales."): value
                for ref, value in values_of(session, refs, [customer], moment)[customer].items()}  # fmt: skip


def test_a_customer_has_one_open_lead(houses: House) -> None:
    """A second one is refused with the number of the first; once that is closed there can be another."""
    ada = houses.customer()
    first = houses.lead(customer_id=ada, title="Wholesale")
    with pytest.raises(AlreadyExists) as error:
        houses.lead(customer_id=ada)
    assert f"lead {first.number}" in error.value.render()
    houses.run("sales.lead.disqualify", {"reason": "No shop"}, target=first.id)
    assert houses.lead(customer_id=ada).number == first.number + 1


def test_a_lead_becomes_an_opportunity_of_the_same_customer(houses: House) -> None:
    """Title, budget, day, owner and source go over; nothing of the person is copied."""
    source = houses.run("sales.lead_source.create", {"name": "fair", "title": "Tea fair", "kind": "event"})
    ada = houses.customer(owner_id=str(houses.people["sam"].user_id))
    lead = houses.lead(
        customer_id=ada, title="Wholesale", budget_minor=500_00, currency="CNY", wanted_on="2026-06-01",
        source_id=source.id,
    )  # fmt: skip
    made = houses.run("sales.lead.convert", by="sam", target=lead.id)
    with houses.crm.session(SYSTEM) as session:
        found = session.get_one(Opportunity, made.id)
        assert (found.customer_id, found.title, found.amount_minor, str(found.expected_close), found.source) == (
            ada, "Wholesale", 500_00, "2026-06-01", "Tea fair"
        )  # fmt: skip
        assert found.owner_id == houses.people["sam"].user_id
        assert len(session.query(Customer).all()) == 1
    after = houses.read(lead)
    assert (after.state, after.opportunity_id, after.closed_at) == ("converted", made.id, BEGINNING)


def test_what_was_known_is_known_as_of_any_day(houses: House) -> None:
    """Facts are what the history says of that day."""
    ada = houses.customer()
    source = houses.run("sales.lead_source.create", {"name": "fair"})
    houses.time.advance(days=1)
    lead = houses.lead(customer_id=ada, source_id=source.id)
    houses.time.advance(days=1)
    houses.run("sales.lead.update", {"intent": "high"}, target=lead.id)
    houses.time.advance(days=1)
    houses.run("sales.lead.disqualify", {"reason": "Closed its shop"}, target=lead.id)
    none = {"lead_state": None, "lead_source": None, "intent": None, "lead_count": 0, "has_open_lead": False}
    new = {"lead_state": "new", "lead_source": "fair", "intent": "none", "lead_count": 1, "has_open_lead": True}
    assert facts(houses, ada, days=0.5) == none
    assert facts(houses, ada, days=1.5) == new
    assert facts(houses, ada, days=2.5) == {**new, "intent": "high"}
    assert facts(houses, ada) == {**new, "intent": "high", "lead_state": "disqualified", "has_open_lead": False}


def test_a_lead_out_of_a_queue_goes_to_whose_turn_it_is(house: House) -> None:
    """The assignment engine decides, and its log says why."""
    owners = [house.lead(queue="desk").owner_id for _number in range(2)]
    assert sorted(map(str, owners)) == sorted(str(house.people[login].user_id) for login in ("sam", "sue"))


def test_a_closed_lead_is_not_changed(house: House) -> None:
    """Neither what is known of it, nor by converting it a second time."""
    lead = house.lead()
    house.run("sales.lead.convert", target=lead.id)
    for operation, values in (("update", {"intent": "high"}), ("convert", {}), ("qualify", {}), ("recycle", {})):
        with pytest.raises(Conflict):
            house.run(f"sales.lead.{operation}", values, target=lead.id)


def test_half_a_budget_and_unknown_choices_are_refused(house: House) -> None:
    """Each with the field that is wrong."""
    ada = house.customer()
    for values, field in (({"budget_minor": 5}, "currency"), ({"intent": "huge"}, "intent")):
        with pytest.raises(InvalidInput) as error:
            house.lead(customer_id=ada, **values)
        assert [each.field for each in error.value.problems] == [field]


def test_an_analyst_reads_and_changes_nothing(house: House) -> None:
    """Roles say who may do what."""
    lead = house.lead()
    for operation in ("sales.lead.qualify", "sales.lead.offer", "sales.lead.convert"):
        with pytest.raises(Refused):
            house.run(operation, by="ann", target=lead.id)


def test_a_recycled_lead_is_taken_up_again(house: House) -> None:
    """What marketing has back can be worked on, and qualified anew."""
    lead = house.lead()
    house.run("sales.lead.recycle", {"reason": "Next year"}, target=lead.id)
    house.run("sales.lead.work", by="max", target=lead.id)
    assert (house.read(lead).state, house.read(lead).owner_id) == ("working", house.people["max"].user_id)
    house.run("sales.lead.qualify", by="max", target=lead.id)
    assert house.causes(lead) == ["opened", "recycled", "worked", "qualified"]


def test_the_timeline_says_how_far_a_lead_came(house: House) -> None:
    """What happened within the span, in its order."""
    ada = house.customer()
    lead = house.lead(customer_id=ada, title="Wholesale")
    house.time.advance(days=1)
    house.run("sales.lead.qualify", target=lead.id)
    with house.crm.session(SYSTEM) as session:
        told = timeline_entries(session, [ada], None, None)
        later = timeline_entries(session, [ada], BEGINNING + timedelta(hours=1), None)
    assert [(str(each.title), each.summary, each.occurred_at) for each in told] == [
        ("Lead came in", "Wholesale", BEGINNING),
        ("Lead qualified", "Wholesale", BEGINNING + timedelta(days=1)),
    ]
    assert later == told[1:]
