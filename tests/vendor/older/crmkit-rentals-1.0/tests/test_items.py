"""Items can be added and finished, and what goes wrong is said."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from crmkit import CRM, Actor, Conflict, InvalidInput

from crmkit_rentals.models import Item


def test_an_item_is_added_and_finished(crm: CRM, actor: Actor, customers) -> None:
    """An item belongs to its customer, is open, and is finished once."""
    customer = customers(name="Li Na")
    values = {"customer_id": customer.id, "title": "Call back", "due_on": "2030-01-31"}
    item = crm.run(actor, "rentals.add", values)
    crm.run(actor, "rentals.finish", target=item.id)
    with crm.session(actor) as session:
        stored = session.get(Item, item.id)
    assert stored is not None
    assert (stored.customer_id, stored.title, stored.created_by) == (customer.id, "Call back", actor.id)
    assert stored.finished_at is not None
    with pytest.raises(Conflict):
        crm.run(actor, "rentals.finish", target=item.id)


def test_a_customer_who_is_not_there_is_refused(crm: CRM, actor: Actor) -> None:
    """The error names the field."""
    with pytest.raises(InvalidInput) as caught:
        crm.run(actor, "rentals.add", {"customer_id": uuid.uuid4(), "title": "Call back"})
    assert [problem.field for problem in caught.value.problems] == ["customer_id"]


def test_what_happens_is_told(crm: CRM, actor: Actor, customers, events) -> None:
    """Adding and finishing each emit an event with the item's id."""
    item = crm.run(actor, "rentals.add", {"customer_id": customers().id, "title": "Call back"})
    crm.run(actor, "rentals.finish", target=item.id)
    assert [event["item_id"] for event in events("rentals.added")] == [str(item.id)]
    assert [event["item_id"] for event in events("rentals.finished")] == [str(item.id)]


def test_facts_count_open_items_as_they_stood(crm: CRM, actor: Actor, customers, facts) -> None:
    """A finished item counts for the time before it was finished."""
    customer = customers()
    item = crm.run(actor, "rentals.add", {"customer_id": customer.id, "title": "Call back"})
    values = {"customer_id": customer.id, "title": "Write", "due_on": "2030-01-31"}
    crm.run(actor, "rentals.add", values)
    later = datetime.now(UTC) + timedelta(hours=1)
    (before,) = facts("rentals", later, known_at=later, customers=[customer.id])
    crm.run(actor, "rentals.finish", target=item.id)
    (after,) = facts("rentals", later, known_at=later)
    assert (before.open, after.open) == (2, 1)
    assert after.next_due.isoformat() == "2030-01-31"


def test_who_becomes_a_customer_gets_a_first_item(crm: CRM, actor: Actor, customers) -> None:
    """The item is added by a worker, once, however often the event is delivered."""
    customer = customers()
    crm.run(actor, "customer.convert", target=customer.id)
    crm.worker().run_until_idle()
    with crm.session(actor) as session:
        assert [item.customer_id for item in session.query(Item)] == [customer.id]


def test_forgotten_items_are_finished(crm: CRM, actor: Actor, customers, clock) -> None:
    """An item that has been overdue for more than a year is finished by the daily job; a younger one stays."""
    customer = customers()
    day = clock.instant.date()
    for number, title in ((400, "Old"), (300, "Young")):
        values = {"customer_id": customer.id, "title": title, "due_on": day - timedelta(days=number)}
        crm.run(actor, "rentals.add", values)
    crm.worker().run_until_idle()
    clock.advance(days=1, minutes=1)
    crm.worker().run_until_idle()
    with crm.session(actor) as session:
        assert [item.title for item in session.query(Item) if item.finished_at is None] == ["Young"]


def test_doctor_names_what_is_due(crm: CRM, actor: Actor, customers) -> None:
    """The check finds items that are due, and says so when there are none."""
    from crmkit_rentals.checks import nothing_is_overdue

    with crm.session(actor) as session:
        assert [finding.level for finding in nothing_is_overdue(session)] == ["ok"]
    values = {"customer_id": customers().id, "title": "Late", "due_on": "2020-01-31"}
    crm.run(actor, "rentals.add", values)
    with crm.session(actor) as session:
        assert [finding.values for finding in nothing_is_overdue(session)] == [{"number": 1}]


def test_finished_items_are_in_the_timeline(crm: CRM, actor: Actor, customers) -> None:
    """An open item is not shown, a finished one is, with when it was finished."""
    from crmkit_rentals.plugin import crmkit_timeline

    customer = customers()
    crm.run(actor, "rentals.add", {"customer_id": customer.id, "title": "Write"})
    item = crm.run(actor, "rentals.add", {"customer_id": customer.id, "title": "Call back"})
    finished = crm.run(actor, "rentals.finish", target=item.id)
    with crm.session(actor) as session:
        entries = crmkit_timeline(session, [customer.id], None, None)
    assert [(entry.summary, entry.occurred_at) for entry in entries] == [("Call back", finished.finished_at)]
