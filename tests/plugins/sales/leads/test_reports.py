"""The reports on leads, on figures by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmkit_sales.leads.reports import (
    AnswersParameters,
    ResponseParameters,
    SourcesParameters,
    answer_rows,
    response_rows,
    source_rows,
)

from crmkit import Period, moment_of
from tests.plugins.sales.leads.house import BEGINNING, SYSTEM, House

PERIOD = Period(first=BEGINNING.date(), last=BEGINNING.date() + timedelta(days=6))


def rows(house: House, compute: Any, parameters: Any) -> list[dict[str, Any]]:
    """Return what a report computes in system scope."""
    with house.crm.session(SYSTEM) as session:
        return [dict(row) for row in compute(session, parameters, moment_of(session)).rows]


def test_what_a_source_brings_and_costs(houses: House) -> None:
    """Of three leads of the fair two are accepted and one is won: of 600.00, 200.00, 300.00 and 600.00 each."""
    fair = houses.run("sales.lead_source.create", {"name": "fair", "cost_minor": 600_00, "currency": "CNY"}).id
    houses.run("sales.lead_source.create", {"name": "unused", "cost_minor": 1_00, "currency": "CNY"})
    leads = [houses.lead(source_id=fair) for _number in range(3)]
    houses.lead()
    for lead in leads[:2]:
        houses.run("sales.lead.qualify", by="max", target=lead.id)
        houses.run("sales.lead.offer", {"user_id": houses.people["sam"].user_id}, by="max", target=lead.id)
        houses.run("sales.lead.accept", by="sam", target=lead.id)
    made = houses.run("sales.lead.convert", target=leads[0].id)
    houses.run("sales.opportunity.win", target=made.id)
    found, unknown = rows(houses, source_rows, SourcesParameters(period=PERIOD))
    names = ("source", "leads", "qualified", "accepted", "converted", "won", "cost", "per_lead", "per_accepted",
             "per_won")  # fmt: skip
    assert [found[name] for name in names] == ["fair", 3, 2, 2, 1, 1, 600_00, 200_00, 300_00, 600_00]
    assert (unknown["leads"], unknown["cost"], unknown["per_lead"]) == (1, None, None)


def test_a_cost_without_a_rate_is_named(house: House) -> None:
    """It is left out of the figures, and said."""
    fair = house.run("sales.lead_source.create", {"name": "fair", "cost_minor": 600_00, "currency": "EUR"}).id
    house.lead(source_id=fair)
    with house.crm.session(SYSTEM) as session:
        table = source_rows(session, SourcesParameters(period=PERIOD), moment_of(session))
    assert table.rows[0]["cost"] is None
    assert [dict(note.values) for note in table.notes] == [{}, {"sources": "fair"}]


def test_how_sales_answers(houses: House) -> None:
    """One accepted after an hour, one rejected after two, one not answered in time."""
    for hours, operation, values in ((1, "accept", {}), (2, "reject", {"reason": "No"}), (5, None, {})):
        lead = houses.lead()
        houses.run("sales.lead.qualify", target=lead.id)
        houses.run("sales.lead.offer", {"user_id": houses.people["sam"].user_id}, by="max", target=lead.id)
        houses.time.advance(hours=hours)
        if operation:
            houses.run(f"sales.lead.{operation}", values, by="sam", target=lead.id)
        houses.work()
    (found,) = rows(houses, answer_rows, AnswersParameters(period=PERIOD))
    assert [found[name] for name in ("seller", "offered", "accepted", "rejected", "missed", "answered", "hours")] == [
        "Sam", 3, 1, 1, 1, 2, 1.5,
    ]  # fmt: skip


def test_how_soon_a_lead_hears_of_us(houses: House) -> None:
    """What the customer does is no response, nor what was before the lead came in."""
    house, begun = houses, houses.time.at
    customers = [house.customer(owner_id=str(house.people["sam"].user_id)) for _number in range(3)]

    def calls(customer: Any, hours: float, direction: str) -> None:
        at = begun + timedelta(hours=hours)
        given = {"kind": "call", "direction": direction, "customer_id": customer, "occurred_at": at}
        house.run("interaction.record", given)

    for customer in customers:
        calls(customer, -3, "out")
        house.lead(customer_id=customer)
    house.time.advance(days=3)
    for customer, hours in zip(customers, (2, 30, None), strict=True):
        calls(customer, 1, "in")
        if hours is not None:
            calls(customer, hours, "out")
    (found,) = rows(house, response_rows, ResponseParameters(period=PERIOD, hours=24))
    names = ("group", "leads", "responded", "in_time", "hours")
    assert [found[name] for name in names] == ["Sam", 3, 2, 1, 16.0]
