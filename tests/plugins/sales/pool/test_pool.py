"""Customers whom nobody has: who may claim them, how many, and when they go back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_sales.pool.errors import NotFree, PoolLimitReached, StillCooling
from crmkit_sales.pool.models import Holding, HoldingMove
from crmkit_sales.pool.reading import pools_of, rows
from crmkit_work.notices.reading import told
from sqlalchemy import select, update

from crmkit import Customer, Period
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.plugins.work.staff import SYSTEM, customer, person, team


@frozen(kw_only=True)
class Field:
    """A sales team with a pool, somebody outside of it, and a customer whom nobody has."""

    crm: CRM
    sales: UUID
    sam: Actor
    kim: Actor
    lee: Actor
    """In another team."""
    boss: Actor
    ada: UUID

    def holding(self, customer_id: UUID) -> Holding | None:
        """Return how a customer stands in its pool."""
        with self.crm.session(SYSTEM) as session:
            return session.scalar(select(Holding).where(Holding.customer_id == customer_id))

    def id(self, customer_id: UUID) -> UUID:
        """Return the id of a customer's place in its pool."""
        found = self.holding(customer_id)
        assert found is not None
        return found.id

    def run(self) -> None:
        """Let the pools be looked after."""
        self.crm.run(SYSTEM, "sales.pool.run")

    def idle(self) -> None:
        """Let waiting subscriptions be carried out."""
        self.crm.worker().run_until_idle()

    def owner(self, customer_id: UUID) -> UUID | None:
        """Return whose customer it is."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(Customer, customer_id).owner_id

    def happened(self, customer_id: UUID) -> list[str]:
        """Return what happened to a customer in its pool."""
        with self.crm.session(SYSTEM) as session:
            query = select(HoldingMove.what).where(HoldingMove.customer_id == customer_id)
            return list(session.scalars(query.order_by(HoldingMove.at, HoldingMove.id)))

    def age(self, customer_id: UUID, days: float) -> None:
        """Let a customer have been where it is for some days."""
        with self.crm.engines.system_write.begin() as connection:
            connection.execute(
                update(Holding.__table__)
                .where(Holding.__table__.c.customer_id == customer_id)
                .values(since=datetime.now(UTC) - timedelta(days=days))
            )


def opened(crm: CRM, **terms: Any) -> Field:
    """Return a company with one pool."""
    sales, other = team(crm, "Sales"), team(crm, "Other")
    ada = customer(crm, name="Ada", standing="potential")
    field = Field(
        crm=crm,
        sales=sales,
        sam=person(crm, "sam", teams=[sales]),
        kim=person(crm, "kim", teams=[sales]),
        lee=person(crm, "lee", teams=[other]),
        boss=person(crm, "boss", "manager", teams=[sales]),
        ada=ada,
    )
    crm.run(SYSTEM, "sales.pool.create", {"name": "new", "title": "New leads", "team_id": sales, **terms})
    field.run()
    return field


@pytest.fixture
def field(crm: CRM) -> Field:
    """A pool on both databases."""
    return opened(crm, claims_per_day=2, holding_cap=3, no_contact_days=7, no_deal_days=30, cooldown_days=10)


@pytest.fixture
def lite_field(lite: CRM) -> Field:
    """A pool on SQLite."""
    return opened(lite, claims_per_day=2, holding_cap=3, no_contact_days=7, no_deal_days=30, cooldown_days=10)


def more(field: Field, number: int, **values: Any) -> list[UUID]:
    """Add customers and let them come into the pool."""
    found = [customer(field.crm, name=f"C{each}", standing="potential", **values) for each in range(number)]
    field.run()
    return found


def test_a_free_customer_is_claimed(field: Field) -> None:
    """The team sees and reads it, nobody else does; claimed it is one's own."""
    with field.crm.session(field.sam) as session:
        assert session.get(Customer, field.ada) is not None
        (shown,) = pools_of(session)
        assert [each.customer_id for each in shown.free] == [field.ada]
    with field.crm.session(field.lee) as session:
        assert session.get(Customer, field.ada) is None
        assert pools_of(session) == []
    with pytest.raises(NotFound):
        field.crm.run(field.lee, "sales.holding.claim", target=field.id(field.ada))
    field.crm.run(field.sam, "sales.holding.claim", target=field.id(field.ada))
    assert field.owner(field.ada) == field.sam.user_id
    assert field.happened(field.ada) == ["entered", "claimed"]
    with field.crm.session(field.kim) as session:
        assert [each.free_count for each in pools_of(session)] == [0]


def test_a_free_customer_is_read_and_not_changed(lite_field: Field) -> None:
    """Before one holds it."""
    with pytest.raises((Refused, NotFound)):
        lite_field.crm.run(lite_field.sam, "customer.update", {"city": "Berlin"}, target=lite_field.ada)


def test_two_claim_at_once_and_one_has_it(field: Field) -> None:
    """The other is told; nothing is lost."""
    place, barrier = field.id(field.ada), Barrier(2)
    heard: list[str] = []

    def claim(actor: Actor) -> None:
        barrier.wait()
        try:
            field.crm.run(actor, "sales.holding.claim", target=place)
            heard.append("claimed")
        except (Conflict, NotFound) as error:
            heard.append(error.code)

    threads = [Thread(target=claim, args=(actor,)) for actor in (field.sam, field.kim)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(heard)[1] == "claimed"
    assert field.happened(field.ada).count("claimed") == 1
    held = field.holding(field.ada)
    assert held is not None
    assert held.owner_id == field.owner(field.ada)


def test_claims_a_day_and_customers_held_are_limited(lite_field: Field) -> None:
    """The limit is told; a manager may assign beyond it."""
    field = lite_field
    ids = [field.ada, *more(field, 4)]
    for each in ids[:2]:
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(each))
    with pytest.raises(PoolLimitReached, match="2 customers a day"):
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(ids[2]))
    for each in ids[2:4]:
        field.crm.run(field.boss, "sales.holding.assign", {"user_id": field.sam.user_id}, target=field.id(each))
    with field.crm.engines.system_write.begin() as connection:
        connection.execute(update(HoldingMove.__table__).values(at=datetime.now(UTC) - timedelta(days=2)))
    with pytest.raises(PoolLimitReached, match="3 customers of"):
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(ids[4]))


def test_who_gives_back_waits_to_claim_again(lite_field: Field) -> None:
    """A colleague need not."""
    field = lite_field
    field.crm.run(field.sam, "sales.holding.claim", target=field.id(field.ada))
    with pytest.raises((Refused, NotFound)):
        field.crm.run(field.kim, "sales.holding.release", {"reason": "Not mine"}, target=field.id(field.ada))
    field.crm.run(field.sam, "sales.holding.release", {"reason": "No budget"}, target=field.id(field.ada))
    assert field.owner(field.ada) is None
    with pytest.raises(StillCooling):
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(field.ada))
    field.crm.run(field.kim, "sales.holding.claim", target=field.id(field.ada))
    assert field.happened(field.ada) == ["entered", "claimed", "released", "claimed"]


def test_who_is_not_in_touch_is_warned_once_and_then_loses_the_customer(field: Field) -> None:
    """A call begins the days anew."""
    field.crm.run(field.sam, "sales.holding.claim", target=field.id(field.ada))
    field.age(field.ada, 5)
    for _again in range(2):
        field.run()
    with field.crm.session(field.sam) as session:
        heard = [each.title for each in told(session, "en")]
    assert len(heard) == 1
    assert heard[0].startswith("Ada goes back to the pool on ")
    call = {"kind": "call", "customer_id": field.ada, "direction": "out", "body": "Nobody there"}
    field.crm.run(SYSTEM, "interaction.record", call)
    field.age(field.ada, 8)
    field.run()
    assert field.owner(field.ada) == field.sam.user_id
    lost = more(field, 1)[0]
    field.crm.run(field.sam, "sales.holding.claim", target=field.id(lost))
    field.age(lost, 8)
    field.run()
    assert (field.owner(lost), field.happened(lost)) == (None, ["entered", "claimed", "no_contact"])


def test_what_is_protected_or_locked_stays(lite_field: Field) -> None:
    """Until the protection ends, or a manager unlocks it."""
    field = lite_field
    other = more(field, 1)[0]
    for each in (field.ada, other):
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(each))
    field.crm.run(field.boss, "sales.holding.protect", {"days": 20}, target=field.id(field.ada))
    field.crm.run(field.boss, "sales.holding.lock", {"reason": "A tender"}, target=field.id(other))
    for each in (field.ada, other):
        field.age(each, 40)
    field.run()
    assert [field.owner(each) for each in (field.ada, other)] == [field.sam.user_id] * 2
    field.crm.run(field.boss, "sales.holding.unlock", target=field.id(other))
    assert field.happened(other)[-2:] == ["locked", "unlocked"]
    free = more(field, 1)[0]
    field.crm.run(field.boss, "sales.holding.lock", {"reason": "A dispute"}, target=field.id(free))
    with pytest.raises((NotFree, NotFound)):
        field.crm.run(field.kim, "sales.holding.claim", target=field.id(free))


def test_the_pool_follows_assignments_made_elsewhere(lite_field: Field) -> None:
    """Whoever is given a customer holds it; one taken away is free."""
    field = lite_field
    field.crm.run(SYSTEM, "customer.assign", {"owner_id": field.kim.user_id, "team_id": field.sales}, target=field.ada)
    field.idle()
    held = field.holding(field.ada)
    assert held is not None
    assert (held.state, held.owner_id) == ("held", field.kim.user_id)
    field.crm.run(SYSTEM, "customer.assign", {"owner_id": None}, target=field.ada)
    field.idle()
    held = field.holding(field.ada)
    assert held is not None
    assert (held.state, held.owner_id) == ("free", None)


def test_who_became_a_customer_leaves_the_pool(lite_field: Field) -> None:
    """And stays with whoever sold to them."""
    field = lite_field
    field.crm.run(field.sam, "sales.holding.claim", target=field.id(field.ada))
    field.crm.run(SYSTEM, "customer.convert", target=field.ada)
    field.run()
    assert field.holding(field.ada) is None
    assert (field.owner(field.ada), field.happened(field.ada)[-1]) == (field.sam.user_id, "left")


def test_owned_customers_come_in_where_the_pool_says_so(lite_field: Field) -> None:
    """Their days begin when the pool first sees them."""
    field = lite_field
    mine = more(field, 1, owner_id=field.kim.user_id, team_id=field.sales)[0]
    assert field.holding(mine) is None
    with field.crm.session(SYSTEM) as session:
        (shown,) = pools_of(session)
    field.crm.run(SYSTEM, "sales.pool.update", {"covers_owned": True}, target=shown.pool.id)
    field.run()
    held = field.holding(mine)
    assert held is not None
    assert (held.state, held.owner_id) == ("held", field.kim.user_id)


def test_fairness_is_reported(lite_field: Field) -> None:
    """Each member has a row, whoever got nothing too."""
    field = lite_field
    for each in (field.ada, *more(field, 1)):
        field.crm.run(field.sam, "sales.holding.claim", target=field.id(each))
    with field.crm.session(field.boss) as session:
        today = session.today()
        table = rows(session, Period(first=today - timedelta(days=1), last=today + timedelta(days=1)), None)
    assert {row["person"]: (row["claimed"], row["held"]) for row in table.rows} == {
        "Sam": (2, 2),
        "Kim": (0, 0),
        "Boss": (0, 0),
    }
    assert table.notes[0].values == {"pool": "New leads", "gini": "0.67"}


def test_terms_that_cannot_be_used_are_refused(lite_field: Field) -> None:
    """A condition is checked when it is saved, with the place of the mistake."""
    for values in ({"condition": "customer.standin == 1"}, {"name": "Not a name"}):
        given = {"name": "other", "title": "Other", "team_id": lite_field.sales, **values}
        with pytest.raises(InvalidInput):
            lite_field.crm.run(SYSTEM, "sales.pool.create", given)


def test_facts_tell_where_a_customer_is(lite_field: Field) -> None:
    """So that lists and rules can ask for who is free."""
    field = lite_field
    from crmkit import customers_where

    with field.crm.session(SYSTEM) as session:
        free = session.scalars(customers_where(session, 'sales.pool == "new" and sales.pool_state == "free"')).all()
    assert free == [field.ada]
