"""How opportunities stood at any time, what that makes of facts and labels, and what nobody has planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_sales.pipelines.facts import STATES
from crmkit_sales.pipelines.history import states_at
from crmkit_sales.pipelines.lines import line_amount
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from crmkit_sales.pipelines.today import closing_soon, rotting, without_step
from crmkit_work.api import Task
from hypothesis import given, settings, strategies as st
from sqlalchemy import select

from crmkit import Product, moment_of, values_of
from crmkit.app import CRM
from crmkit.core.operations.worker import Worker
from crmkit.core.store.actor import Actor
from crmkit.engines.expressions.symbols import FactRef
from crmkit.errors import InvalidInput
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.plugins.sales.conftest import enabled

SELLER = Actor.system("selling")
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@frozen(kw_only=True)
class Shop:
    """A customer base with sales, its clock, and one customer."""

    crm: CRM
    clock: MovableClock
    ada: UUID

    def run(self, name: str, values: Any = None, target: Any = None) -> Any:
        """Run an operation of opportunities."""
        return self.crm.run(SELLER, f"sales.opportunity.{name}", values or {}, target=target)

    def add(self, **values: Any) -> Any:
        """Add an opportunity of the customer."""
        return self.run("create", {"customer_id": self.ada, "title": "Chairs", **values})

    def states(self, opportunity: Any) -> list[tuple[Any, ...]]:
        """Return cause, stage, probability, category and amount of each state, the first one first."""
        table = OpportunityState
        columns = (table.cause, table.stage, table.probability, table.category, table.amount_minor)
        with self.crm.session(SELLER) as session:
            query = select(*columns).where(table.opportunity_id == opportunity.id).order_by(table.since, table.id)
            return [tuple(row) for row in session.execute(query)]

    def facts(self, *names: str, as_of: datetime | None = None) -> tuple[Any, ...]:
        """Return facts about the customer."""
        refs = [FactRef(name=name) for name in names]
        with self.crm.session(SELLER) as session:
            values = values_of(session, refs, [self.ada], moment_of(session, as_of))[self.ada]
        return tuple(values[ref] for ref in refs)


@pytest.fixture
def shop(templates: Templates, tmp_path: Path) -> Iterator[Shop]:
    """A shop whose clock stands until it is moved."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    clock = MovableClock()
    clock.set(BEGIN)
    with CRM.open(url, clock=clock.as_clock()) as crm:
        crm.run(SELLER, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "UTC", "country": "DE"})
        yield Shop(crm=crm, clock=clock, ada=crm.run(SELLER, "customer.create", {"name": "Ada"}).id)


def test_each_change_that_counts_is_written_down_once(shop: Shop) -> None:
    """A new title counts for nothing; stage, amount, probability and end do."""
    found = shop.add(amount_minor=1000, currency="EUR")
    shop.run("update", {"title": "Fifty chairs"}, found)
    shop.run("update", {"amount_minor": 2000}, found)
    shop.run("update", {"probability": 65}, found)
    shop.run("move", {"stage": "proposal"}, found)
    shop.run("update", {"probability": None, "category": "omitted"}, found)
    shop.run("win", None, found)
    shop.run("reopen", {"stage": "negotiation"}, found)
    assert shop.states(found) == [
        ("created", "qualification", 2000, "pipeline", 1000),
        ("updated", "qualification", 2000, "pipeline", 2000),
        ("updated", "qualification", 6500, "pipeline", 2000),
        ("moved", "proposal", 6500, "best_case", 2000),
        ("updated", "proposal", 5000, "omitted", 2000),
        ("won", "won", 10000, "closed", 2000),
        ("reopened", "negotiation", 8000, "omitted", 2000),
    ]


def test_the_past_stays_as_it_was(shop: Shop) -> None:
    """As of any instant, and also of one that was removed since; at the instant of a change it is the new state."""
    found = shop.add(amount_minor=1000, currency="EUR")
    instants = [shop.clock.instant]
    for name, values in (("move", {"stage": "proposal"}), ("update", {"amount_minor": 5}), ("remove", None)):
        shop.clock.advance(days=1)
        shop.run(name, values, found)
        instants.append(shop.clock.instant)
    seen: list[Any] = []
    with shop.crm.session(SELLER) as session:
        for instant in [BEGIN - timedelta(seconds=1), *instants]:
            states = states_at(instant)
            seen.append(session.execute(select(states.c.stage, states.c.amount_minor)).one_or_none())
    assert [tuple(each) if each else None for each in seen] == [
        None, ("qualification", 1000), ("proposal", 1000), ("proposal", 5), None,
    ]  # fmt: skip


def test_facts_are_the_sums_of_what_was_open_then(shop: Shop) -> None:
    """Open and weighted amounts in the base currency; what cannot be converted is counted, and in no sum."""
    shop.add(amount_minor=100_000, currency="EUR")
    second = shop.add(amount_minor=333, currency="EUR", stage="proposal")
    shop.add(amount_minor=500, currency="JPY")
    names = ("sales.open_amount", "sales.weighted_amount", "sales.won_amount", "sales.unconverted_count")
    # 20 percent of 1000.00, and 50 percent of 3.33, which is 1.67.
    before = (100_333, 20_167, None, 1)
    assert shop.facts(*names) == before
    yesterday = shop.clock.instant
    shop.clock.advance(days=1)
    shop.run("win", None, second)
    assert shop.facts(*names) == (100_000, 20_000, 333, 1)
    assert shop.facts(*names, as_of=yesterday) == before


def test_the_last_opportunity_is_the_open_one(shop: Shop) -> None:
    """Whatever has been closed since; without an open one it is that which closed last."""
    shop.add(stage="proposal")
    shop.clock.advance(days=3)
    other = shop.add()
    shop.run("lose", {"reason": "late"}, other)
    names = ("sales.last_stage", "sales.last_kind", "sales.stage_since")
    assert shop.facts(*names) == ("proposal", "open", BEGIN)


def test_what_nothing_happens_for_rots(shop: Shop) -> None:
    """After the days that its stage says; a call puts that off. The fact, the card and its words say the same."""
    found = shop.add(stage="negotiation", next_step="Call", next_step_on=date(2026, 12, 1))
    shop.clock.advance(days=13)
    assert (shop.facts("sales.rotting_count"), _card(shop, rotting)) == ((0,), [])
    shop.clock.advance(days=2)
    assert (shop.facts("sales.rotting_count"), _card(shop, rotting)) == ((1,), ["Chairs"])
    assert shop.facts("sales.rotting_count", as_of=shop.clock.instant - timedelta(days=3)) == (0,)
    call = {"kind": "call", "customer_id": found.customer_id, "occurred_at": shop.clock.instant}
    shop.crm.run(SELLER, "interaction.record", call)
    shop.clock.advance(days=1)
    assert (shop.facts("sales.rotting_count"), _card(shop, rotting)) == ((0,), [])


def test_what_nobody_has_planned_is_shown(shop: Shop) -> None:
    """No next step, or one whose day has passed; a planned step is a task of the owner's about the opportunity."""
    user = shop.crm.run(SELLER, "user.create", {"login": "eve", "name": "Eve"})
    found = shop.add(owner_id=user.id, expected_close="2026-03-05")
    assert (_card(shop, without_step), _card(shop, closing_soon)) == (["Chairs"], ["Chairs"])
    with pytest.raises(InvalidInput, match="has passed"):
        shop.run("plan", {"what": "Call Ada", "on": "2026-03-01"}, found)
    shop.run("plan", {"what": " Call  Ada ", "on": "2026-03-03"}, found)
    assert _card(shop, without_step) == []
    with shop.crm.session(SELLER) as session:
        task = session.scalars(select(Task)).one()
    assert (task.title, task.owner_id, task.ref) == ("Call Ada", user.id, f"sales.opportunity:{found.id}")
    assert task.due_at == datetime(2026, 3, 3, 17, tzinfo=UTC)
    shop.clock.advance(days=2)
    assert _card(shop, without_step) == ["Chairs"]


def _card(shop: Shop, rows: Any) -> list[str]:
    with shop.crm.session(SELLER) as session:
        lines: Sequence[Any] = rows(session)
        return [each.title for each in lines]


def test_the_sales_stage_follows_opportunities(shop: Shop) -> None:
    """An open one makes it an opportunity whatever the kernel's own conditions say; a won one wins it."""

    def label() -> Any:
        shop.crm.run(SELLER, "classification.run", {})
        return shop.facts("label.sales_stage")[0]

    assert label() == "potential"
    found = shop.add()
    assert label() == "opportunity"
    shop.run("lose", {"reason": "late"}, found)
    assert label() == "potential"
    shop.run("win", None, shop.run("reopen", None, found))
    assert label() == "won"


def test_a_leavers_history_goes_on_under_the_heir(shop: Shop) -> None:
    """Once the records were handed over, so are the present states; the past stays the leaver's."""
    leaver, heir = (
        shop.crm.run(SELLER, "user.create", {"login": each, "name": each}).id for each in ("leaver", "heir")
    )
    found = shop.add(owner_id=leaver)
    shop.clock.advance(days=1)
    shop.crm.run(SELLER, "user.hand_over", {"to_id": heir}, target=leaver)
    Worker(shop.crm).run_until_idle()
    with shop.crm.session(SELLER) as session:
        owners = [
            session.scalar(select(states.c.owner_id).where(states.c.opportunity_id == found.id))
            for states in (states_at(BEGIN), states_at(shop.clock.instant + timedelta(minutes=1)))
        ]
    assert owners == [leaver, heir]


def test_the_amount_is_that_of_the_lines(shop: Shop) -> None:
    """Quantity times price less discount, each line rounded once; beside lines no other amount is taken."""
    product = shop.crm.run(SELLER, "product.create", {"sku": "C-1", "title": "Chair"})
    assert isinstance(product, Product)
    lines = [
        {"product_id": str(product.id), "quantity": "3", "unit_price_minor": 333, "discount": "10"},
        {"text": "Delivery", "unit_price_minor": 5000},
    ]
    found = shop.run("set_lines", {"currency": "EUR", "lines": lines}, shop.add())
    # 3 times 3.33 less a tenth is 8.991.
    assert (found.amount_minor, shop.states(found)[-1][-1]) == (5899, 5899)
    with pytest.raises(InvalidInput, match="that of its lines"):
        shop.run("update", {"amount_minor": 1}, found)
    assert shop.run("update", {"amount_minor": 5899}, found).amount_minor == 5899
    shop.run("set_lines", {"currency": "EUR", "lines": []}, found)
    assert shop.run("update", {"amount_minor": 1}, found).amount_minor == 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"unit_price_minor": 1}, "lines.0.text"),
        ({"text": "x", "unit_price_minor": 1, "quantity": "0"}, "lines.0.quantity"),
        ({"text": "x", "unit_price_minor": 1, "discount": "101"}, "lines.0.discount"),
    ],
)
def test_lines_that_cannot_be_are_refused_by_their_place(shop: Shop, line: Any, field: str) -> None:
    """With their number, and what of them is wrong."""
    with pytest.raises(InvalidInput) as caught:
        shop.run("set_lines", {"currency": "EUR", "lines": [line]}, shop.add())
    assert [problem.field for problem in caught.value.problems] == [field]


@given(
    quantity=st.decimals("0.001", "10000", places=3),
    price=st.integers(0, 10**9),
    discount=st.decimals("0", "100", places=2),
)
@settings(max_examples=200, deadline=None)
def test_a_line_is_within_half_a_unit_of_the_exact_amount(quantity: Decimal, price: int, discount: Decimal) -> None:
    """Rounded once, and never more than what there is without a discount."""
    amount = line_amount(quantity, price, discount)
    exact = quantity * price * (100 - discount) / 100
    assert abs(amount - exact) <= Decimal("0.5")
    assert 0 <= amount <= line_amount(quantity, price, Decimal(0))


def test_facts_at_present_are_those_of_the_history(shop: Shop) -> None:
    """The quick way by the opportunities' own rows, and the way by their states, agree on all of them."""
    for stage, amount in (("qualification", 100), ("proposal", 250), ("negotiation", 999)):
        found = shop.add(stage=stage, amount_minor=amount, currency="EUR")
        shop.clock.advance(hours=5)
        if amount == 250:
            shop.run("win", None, found)
    shop.clock.advance(hours=1)
    names = [f"sales.{each}" for each in ("open_count", "won_count", "open_amount", "weighted_amount", "last_stage")]
    assert shop.facts(*names) == shop.facts(*names, as_of=shop.clock.instant)
    with shop.crm.engines.system_read.connect() as connection:
        states = states_at(shop.clock.instant, of=STATES)
        written = set(connection.execute(select(states.c.opportunity_id, states.c.stage)).all())
    with shop.crm.session(SELLER) as session:
        assert {tuple(row) for row in session.execute(select(Opportunity.id, Opportunity.stage))} == written
