"""Sales: opportunities on their way, what they tell others, and the plugin's own way through its states."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve
from sqlalchemy import text

from crmkit import moment_of, values_of
from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.operations.worker import Worker
from crmkit.core.store.actor import Actor
from crmkit.engines.expressions.symbols import FactRef
from crmkit.errors import Conflict, InvalidInput, NotFound

SELLER = Actor.system("selling")


@pytest.fixture
def sales(crm: CRM) -> CRM:
    """A CRM with sales enabled, once for each engine."""
    return crm


@pytest.fixture
def ada(sales: CRM) -> UUID:
    """A customer."""
    found: UUID = sales.run(SELLER, "customer.create", {"name": "Ada"}).id
    return found


Opener = Callable[..., Any]


@pytest.fixture
def opportunity(sales: CRM, ada: UUID) -> Opener:
    """Adds opportunities of the customer."""

    def add(title: str = "Fifty chairs", **values: Any) -> Any:
        return sales.run(SELLER, "sales.opportunity.create", {"customer_id": ada, "title": title, **values})

    return add


def events(crm: CRM) -> list[str]:
    """Return the names of the events of opportunities, in order."""
    with crm.engines.system_read.connect() as connection:
        found = connection.execute(
            text("SELECT name FROM crm_event WHERE name LIKE 'sales.opportunity.%' ORDER BY recorded_at, id")
        )
        return list(found.scalars())


def test_an_opportunity_begins_in_the_first_stage(opportunity: Opener, ada: UUID) -> None:
    """It belongs to the customer, is open, and has its amount with its currency."""
    found = opportunity(amount_minor=125_000, currency="EUR", expected_close="2026-12-24")
    assert (found.customer_id, found.stage, found.is_open) == (ada, "qualification", True)
    assert (str(found.amount), found.expected_close) == ("1250.00 EUR", date(2026, 12, 24))


def test_owner_is_the_customers(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """Unless said otherwise, whoever looks after the customer looks after the opportunity."""
    user = sales.run(SELLER, "user.create", {"login": "eve", "name": "Eve"})
    sales.run(SELLER, "customer.assign", {"owner_id": user.id}, target=ada)
    assert opportunity().owner_id == user.id


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stage": "won"}, "stage"),
        ({"stage": "somewhere"}, "stage"),
        ({"amount_minor": 5}, "currency"),
        ({"currency": "EUR"}, "amount_minor"),
        ({"amount_minor": -1, "currency": "EUR"}, "amount_minor"),
        ({"amount_minor": 1, "currency": "XXQ"}, None),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_bad_input_is_named(opportunity: Opener, values: dict[str, object], field: str | None) -> None:
    """A stage that is not open, half an amount, no currency of this world: each is refused with its field."""
    with pytest.raises(InvalidInput) as caught:
        opportunity(**values)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_unknown_customer_is_refused(opportunity: Opener) -> None:
    """An opportunity needs a customer that exists."""
    with pytest.raises(NotFound, match="no customer"):
        opportunity(customer_id="00000000-0000-7000-8000-000000000000")


def test_moving_winning_and_opening_again(sales: CRM, opportunity: Opener) -> None:
    """Stages change by operations that tell what happened; moving to the same stage tells nothing."""
    found = opportunity(amount_minor=100, currency="CNY")
    for stage in ("proposal", "proposal", "qualification"):
        found = sales.run(SELLER, "sales.opportunity.move", {"stage": stage}, target=found)
    won = sales.run(SELLER, "sales.opportunity.win", {}, target=found)
    assert (won.stage, won.is_open, won.closed_at is not None) == ("won", False, True)
    again = sales.run(SELLER, "sales.opportunity.reopen", {"stage": "negotiation"}, target=found)
    assert (again.stage, again.closed_at) == ("negotiation", None)
    assert events(sales) == [
        "sales.opportunity.created",
        "sales.opportunity.moved",
        "sales.opportunity.moved",
        "sales.opportunity.won",
        "sales.opportunity.moved",
    ]


def test_a_lost_one_keeps_its_reason(sales: CRM, opportunity: Opener) -> None:
    """Why it was lost is kept with it, and forgotten when it is opened again."""
    found = opportunity()
    lost = sales.run(SELLER, "sales.opportunity.lose", {"reason": "too dear"}, target=found)
    assert (lost.stage, lost.lost_reason) == ("lost", "too dear")
    assert sales.run(SELLER, "sales.opportunity.reopen", {}, target=found).lost_reason is None


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("win", {}),
        ("lose", {}),
        ("move", {"stage": "proposal"}),
        ("update", {"title": "other"}),
    ],
)
def test_a_closed_one_is_not_changed(sales: CRM, opportunity: Opener, operation: str, values: dict[str, str]) -> None:
    """What is won stays as it was won until it is opened again; what is open is not opened again."""
    found = opportunity()
    with pytest.raises(Conflict, match="is open"):
        sales.run(SELLER, "sales.opportunity.reopen", {}, target=found.id)
    sales.run(SELLER, "sales.opportunity.win", {}, target=found.id)
    with pytest.raises(Conflict, match="is closed: Won"):
        sales.run(SELLER, f"sales.opportunity.{operation}", values, target=found.id)


def test_half_an_amount_is_refused_at_updating_too(sales: CRM, opportunity: Opener) -> None:
    """Taking away the currency alone is refused; taking away both is not."""
    found = opportunity(amount_minor=100, currency="CNY")
    with pytest.raises(InvalidInput):
        sales.run(SELLER, "sales.opportunity.update", {"currency": None}, target=found.id)
    cleared = sales.run(SELLER, "sales.opportunity.update", {"currency": None, "amount_minor": None}, target=found.id)
    assert cleared.amount is None


def test_timeline_tells_of_opening_and_closing(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """Within the half-open span, for the customers asked for, with a reference to the record."""
    found = opportunity("Chairs", amount_minor=100, currency="CNY")
    won = sales.run(SELLER, "sales.opportunity.win", {}, target=found)
    with sales.session(SELLER) as session:

        def kinds(since: datetime | None, until: datetime | None) -> list[str]:
            answer = sales.dispatcher.only(
                "sales", "crmkit_timeline", session=session, customer_ids=[ada], since=since, until=until
            )
            assert answer is not None
            return [entry.kind for entry in answer.value if entry.ref == f"sales.opportunity:{found.id}"]

        assert kinds(None, None) == ["sales.opportunity.created", "sales.opportunity.won"]
        assert kinds(won.closed_at, None) == ["sales.opportunity.won"]
        assert kinds(None, won.closed_at) == ["sales.opportunity.created"]


def test_timeline_speaks_the_readers_language(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """The words are translated, the title that somebody typed stays."""
    opportunity("Chairs {legs}")
    reader = evolve(SELLER, language="zh_Hans")
    with sales.session(reader) as session:
        answer = sales.dispatcher.only(
            "sales", "crmkit_timeline", session=session, customer_ids=[ada], since=None, until=None
        )
        assert answer is not None
        assert ["商机：Chairs {legs}"] == [entry.title for entry in answer.value]


def test_panel_sums_open_ones_by_currency(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """Stages in their order, amounts of different currencies side by side, closed ones left out."""
    opportunity(amount_minor=100, currency="CNY", stage="proposal")
    opportunity(amount_minor=250, currency="CNY", stage="proposal")
    opportunity(amount_minor=999, currency="EUR", stage="proposal")
    opportunity()
    sales.run(SELLER, "sales.opportunity.lose", {"reason": "late"}, target=opportunity(amount_minor=7, currency="EUR"))
    with sales.session(SELLER) as session:
        answer = sales.dispatcher.only("sales", "crmkit_customer_panels", session=session, customer_ids=[ada])
    assert answer is not None
    (panel,) = answer.value
    assert panel.rows == (("Qualification", "1"), ("Proposal", "3 · 3.50 CNY · 9.99 EUR"))


def test_facts_are_as_they_were_on_a_day(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """Before it was closed an opportunity was open; before it was opened, or recorded, there was none."""
    first = opportunity(expected_close="2027-01-31")
    opportunity(expected_close="2027-03-31")
    won = sales.run(SELLER, "sales.opportunity.win", {}, target=first)
    now, tick = datetime.now(UTC) + timedelta(seconds=1), timedelta(microseconds=1)

    def row(as_of: datetime, known_at: datetime) -> tuple[object, ...]:
        names = ("sales.open_count", "sales.won_count", "sales.lost_count", "sales.next_close")
        with sales.session(SELLER) as session:
            refs = [FactRef(name=name) for name in names]
            values = values_of(session, refs, [ada], moment_of(session, as_of, known_at))[ada]
        return tuple(values[ref] for ref in refs)

    assert row(now, now) == (1, 1, 0, date(2027, 3, 31))
    assert row(won.closed_at - tick, now) == (2, 0, 0, date(2027, 1, 31))
    assert row(first.opened_at - tick, now) == (0, 0, 0, None)
    assert row(now, first.opened_at - tick) == (0, 0, 0, None)


def test_sums_and_rot_are_facts_on_every_engine(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """Money by its probability, the last stage, and what has long been silent, as of now and of a later day."""
    sales.run(SELLER, "business.configure", {"name": "Shop", "base_currency": "EUR", "zone": "UTC", "country": "DE"})
    opportunity(amount_minor=333, currency="EUR", stage="proposal")
    names = ("sales.open_amount", "sales.weighted_amount", "sales.rotting_count", "sales.last_stage")

    def row(as_of: datetime | None) -> tuple[object, ...]:
        with sales.session(SELLER) as session:
            refs = [FactRef(name=name) for name in names]
            values = values_of(session, refs, [ada], moment_of(session, as_of))[ada]
        return tuple(values[ref] for ref in refs)

    assert row(None) == (333, 167, 0, "proposal")
    assert row(datetime.now(UTC) + timedelta(days=31)) == (333, 167, 1, "proposal")


def test_opportunities_go_with_their_customer(sales: CRM, opportunity: Opener, ada: UUID) -> None:
    """While sales is disabled, too: the customer is removed for good and takes them along."""
    opportunity()
    sales.disable("sales")
    sales.run(SELLER, "customer.remove", {}, target=ada)
    with sales.engines.system_read.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sales_opportunity")).scalar() == 0


def test_api_names_exist_and_are_the_operations(sales: CRM) -> None:
    """What other plugins import is what the registry runs."""
    import crmkit_sales.api as api

    offered = {getattr(api, name) for name in api.__all__ if name.endswith("_opportunity")}
    run = {each for each in sales.registry.owned("sales", "operation") if each.name.startswith("sales.opportunity.")}
    assert offered <= run


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_a_leavers_opportunities_are_handed_over(sales: CRM, opportunity: Opener, state: str) -> None:
    """Also while the plugin is not loaded: what somebody owned is never left with nobody."""
    leaver, heir = (sales.run(SELLER, "user.create", {"login": name, "name": name}).id for name in ("leaver", "heir"))
    opportunity(owner_id=leaver)
    if state == "disabled":
        sales.disable("sales")
    moved = sales.run(SELLER, "user.hand_over", {"to_id": heir}, target=leaver)
    assert {"sales_opportunity": 1} == dict(moved.records)
    with sales.session(SELLER) as session:
        versions = session.execute(text("SELECT version FROM sales_opportunity")).scalars().all()
    assert [2] == list(versions)


def test_winning_makes_a_customer(sales: CRM, ada: UUID, opportunity: Opener) -> None:
    """The rule that sales ships acts within what its manifest declares; an admin can stop it."""
    sales.run(SELLER, "sales.opportunity.win", target=opportunity())
    Worker(sales).run_until_idle()
    with sales.session(SELLER) as session:
        assert session.get_one(Customer, ada).standing == "customer"
    sales.run(SELLER, "rule.disable", {"name": "sales.convert"})
    bob = sales.run(SELLER, "customer.create", {"name": "Bob"}).id
    sales.run(SELLER, "sales.opportunity.win", target=opportunity(customer_id=bob))
    Worker(sales).run_until_idle()
    with sales.session(SELLER) as session:
        assert session.get_one(Customer, bob).standing == "potential"
