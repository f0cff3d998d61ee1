"""What is materialised equals what is computed, however it came to be, and says as of when it was."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import select, text

from crmkit import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import Clock, system_now
from crmkit.core.store.guard import region
from crmkit.engines.facts.counting import count
from crmkit.engines.facts.materialising import Refreshed, kept_facts, kept_moment
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.tables import FactValue
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import NotFound
from tests.conftest import Scale
from tests.engines.facts.support import SYSTEM, buy, configure, customer, day, record, reverse

FACTS = (
    "purchase.count",
    "purchase.amount",
    "purchase.net_amount",
    "purchase.last_at",
    "purchase.average_gap_days",
    'purchase.category_amount["tea"]',
    "interaction.count",
    "customer.city",
    "customer.tags",
    "contact.has_email",
    'consent.granted["marketing"]',
)


def values(crm: CRM) -> set[tuple[Any, ...]]:
    """Return everything that is materialised."""
    table = FactValue.__table__
    with crm.session(SYSTEM) as session, region(session, "a test"):
        names = {state.id: str(state.ref) for state in kept_facts(session)}
        return {
            (names[row.fact_id], row.customer_id, row.whole, row.number, row.text, row.day, row.instant)
            for row in session.connection().execute(select(table))
        }


def happens(crm: CRM, dice: random.Random, known: list[Any], bought: list[Any]) -> None:
    """Let something happen."""
    roll = dice.randrange(11)
    if roll == 0 or not known:
        known.append(customer(crm, city=dice.choice(("上海", "杭州", None)), tags=dice.choice(([], ["vip"]))))
        return
    who, now = dice.choice(known), dice.uniform(-50, -1)
    if roll <= 3:
        lines = [{"sku": "T1", "amount": str(dice.randrange(1, 90))}]
        given = {"kind": "purchase", "customer_id": who, "occurred_at": _ago(now), "currency": "CNY", "lines": lines}
        bought.append(crm.run(SYSTEM, "interaction.record", given).id)
    elif roll == 4:
        record(crm, who, "refund", _ago(now), amount="3", currency="CNY")
    elif roll == 5 and bought:
        reverse(crm, bought.pop(dice.randrange(len(bought))))
    elif roll == 6:
        given = {"kind": "note", "occurred_at": _ago(now)}
        loose = crm.run(SYSTEM, "interaction.record", given)
        crm.run(SYSTEM, "interaction.resolve", {"customer_id": who}, target=loose.id)
    elif roll == 7:
        crm.run(SYSTEM, "customer.update", {"city": dice.choice(("北京", None))}, target=who)
    elif roll == 8:
        crm.run(SYSTEM, "customer.delete", target=known.pop(known.index(who)))
    elif roll == 9:
        crm.run(SYSTEM, "customer.update", {"tags": dice.choice((["a", "b"], []))}, target=who)
    else:
        given = {"purpose": "marketing", "granted": dice.random() < 0.5, "expires_at": _ago(dice.choice((-0.5, 1)))}
        crm.run(SYSTEM, "consent.record", given, target=who)


def _ago(days: float) -> Any:
    return system_now() + timedelta(days=days)


def test_what_is_refreshed_equals_a_full_rebuild(crm: CRM, scale: Scale) -> None:
    """Whatever has happened since, to whomever; and both equal what is computed for that moment."""
    configure(crm)
    crm.run(SYSTEM, "product_category.create", {"name": "tea"})
    crm.run(SYSTEM, "product.create", {"sku": "T1", "category": "tea"})
    dice, known, bought = random.Random(7), [], []
    for _each in range(8):
        happens(crm, dice, known, bought)
    crm.run(SYSTEM, "fact.materialise", {"names": FACTS})
    for _round in range(scale(small=3, full=40)):
        for _each in range(scale(small=8, full=25)):
            happens(crm, dice, known, bought)
        crm.run(SYSTEM, "fact.refresh")
        refreshed = values(crm)
        crm.run(SYSTEM, "fact.refresh", {"full": True})
        assert values(crm) == refreshed
    with crm.session(SYSTEM) as session:
        moment = kept_moment(session)
        assert read(session, moment) == read(session, evolve(moment, kept={}))


def read(session: Any, moment: Moment) -> list[Any]:
    """Return the facts of all customers at a moment."""
    refs = [catalogue_of(session).ref(name) for name in FACTS]
    every = joined(session, refs, moment)
    statement = every.select(Customer.id, *(every.columns[ref] for ref in refs)).order_by(Customer.id)
    return [tuple(row) for row in session.execute(statement)]


def test_only_whom_something_concerns_is_looked_at(crm: CRM) -> None:
    """Unless a set does not say whom, or everything is asked for."""
    configure(crm)
    people = [customer(crm, f"C{number}") for number in range(5)]
    first = crm.run(SYSTEM, "fact.materialise", {"names": ("purchase.count",)})
    # Put the last computation so far back that what was recorded just before is not looked at once more.
    later(crm)
    buy(crm, people[2], day(0), "1")
    second = crm.run(SYSTEM, "fact.refresh")
    assert [Refreshed(facts=1, customers=None, values=0), Refreshed(facts=1, customers=1, values=1)] == [first, second]
    assert crm.run(SYSTEM, "fact.refresh", {"full": True}).customers is None


def later(crm: CRM) -> None:
    """Let the last computation have been two hours ago, and everything that was recorded before it earlier still."""
    with crm.engines.system_write.connect() as connection:
        for name, column in (
            ("crm_customer", "created_at"),
            ("crm_customer", "updated_at"),
            ("crm_fact_kept", "known_at"),
        ):
            hours = 9 if name == "crm_customer" else 2
            past = (
                f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{hours} hours')"
                if crm.engines.dialect == "sqlite"
                else f"{column} - interval '{hours} hours'"
            )
            connection.execute(text(f"UPDATE {name} SET {column} = {past}"))
        connection.commit()


def test_what_becomes_due_by_time_is_looked_at(crm_url: str) -> None:
    """A consent that has expired since, and a purchase that was recorded ahead of its day."""
    with CRM.open(crm_url, clock=Clock(day(1))) as crm:
        configure(crm)
        who = customer(crm)
        given = {"purpose": "marketing", "occurred_at": day(0), "expires_at": day(1.5)}
        crm.run(SYSTEM, "consent.record", given, target=who)
        buy(crm, who, day(1.2), "3")
        crm.run(SYSTEM, "fact.materialise", {"names": ('consent.granted["marketing"]', "purchase.count")})
        later(crm)
        before = {(name, whole) for name, _who, whole, *_rest in values(crm)}
    with CRM.open(crm_url, clock=Clock(day(2))) as crm:
        assert crm.run(SYSTEM, "fact.refresh").customers == 1
        after = {(name, whole) for name, _who, whole, *_rest in values(crm)}
    assert [{('consent.granted["marketing"]', 1)}, {("purchase.count", 1)}] == [before, after]


def test_materialised_facts_are_as_of_their_computation(crm: CRM) -> None:
    """What happens afterwards is in them from the next one on; facts that are not materialised are of the same time."""
    configure(crm)
    who = customer(crm)
    buy(crm, who, day(0), "5")
    crm.run(SYSTEM, "fact.materialise", {"names": ("purchase.count",)})
    buy(crm, who, day(1), "5")
    with crm.session(SYSTEM) as session:
        expression = catalogue_of(session).checked("purchase.count == 1 and purchase.amount == 5")
        assert [1, 0] == [count(session, expression, moment) for moment in (kept_moment(session), moment_of(session))]
    crm.run(SYSTEM, "fact.refresh")
    with crm.session(SYSTEM) as session:
        assert 0 == count(session, expression, kept_moment(session))


def test_what_is_no_longer_materialised_is_forgotten(crm: CRM) -> None:
    """With its values; of nothing there is no moment."""
    configure(crm)
    buy(crm, customer(crm), day(0), "5")
    crm.run(SYSTEM, "fact.materialise", {"names": ("purchase.count",)})
    crm.run(SYSTEM, "fact.dematerialise", {"names": ("purchase.count",)})
    assert set() == values(crm)
    with crm.session(SYSTEM) as session, pytest.raises(NotFound):
        kept_moment(session)
    with pytest.raises(NotFound):
        crm.run(SYSTEM, "fact.dematerialise", {"names": ("purchase.count",)})
