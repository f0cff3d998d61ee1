"""What a programme brings: lots are drawn once, groups stay as they were drawn, and chance is told from effects."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_loyalty.effect.comparing import Effect, Spent, effect_of
from crmkit_loyalty.effect.migrating import NONE, Migration, migration_of
from crmkit_loyalty.effect.reading import program_effect, usage_of
from crmkit_loyalty.effect.reports import (
    EffectParameters,
    MigrationParameters,
    effect_rows,
    migration_rows,
)
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.models import Draw, Member
from sqlalchemy import select

from crmkit import customers_where
from tests.plugins.loyalty.shop import Shop

DAYS = 30


def draws(shop: Shop) -> dict[UUID, tuple[bool, int]]:
    """Return who was held out, and at which percentage."""
    with shop.crm.session(shop.actor) as session:
        return {each.customer_id: (each.held_out, each.percent) for each in session.scalars(select(Draw))}


def members(shop: Shop) -> set[UUID]:
    """Return who takes part."""
    with shop.crm.session(shop.actor) as session:
        return set(session.scalars(select(Member.customer_id).where(Member.left_at.is_(None))))


def effect(shop: Shop, days: int = DAYS, margin: int = 0) -> Effect:
    """Return what the programme brings."""
    with shop.crm.session(shop.actor) as session:
        return program_effect(session, program_named(session), days, margin)


def program(shop: Shop, **values: Any) -> None:
    """Change the programme."""
    with shop.crm.session(shop.actor) as session:
        id_ = program_named(session).id
    shop.run("loyalty.program.update", values, target=id_)


def come(shop: Shop, names: list[str], amount: int = 10) -> dict[str, UUID]:
    """Have new customers come, who buy something at once."""
    made: dict[str, UUID] = {}
    for name in names:
        made[name] = shop.customers[name] = shop.run("customer.create", {"kind": "person", "name": name}).id
    for name in names:
        values = {"kind": "purchase", "customer_id": made[name], "currency": "CNY", "amount": amount}
        shop.run("interaction.record", values)
    shop.work()
    return made


@pytest.fixture
def drawing(both: Shop) -> Shop:
    """A shop whose programme everybody joins who buys, but half of them, who are held out."""
    both.rules({"name": "one", "points": "amount"})
    program(both, enrolment="automatic", holdout=50)
    return both


NAMES = [f"Customer {number}" for number in range(20)]


def test_who_draws_is_in_or_held_out(drawing: Shop) -> None:
    people = come(drawing, NAMES)
    found = draws(drawing)
    assert set(people.values()) == set(found)
    assert {id_ for id_, (held, _percent) in found.items() if not held} == members(drawing)
    assert 0 < len(members(drawing)) < len(people)
    assert {50} == {percent for _held, percent in found.values()}


def test_a_lot_is_kept_whatever_share_is_held_out_later(drawing: Shop) -> None:
    come(drawing, NAMES)
    before, inside = draws(drawing), members(drawing)
    for share in (0, 10):
        program(drawing, holdout=share)
        for name in NAMES:
            drawing.run(
                "interaction.record",
                {"kind": "purchase", "customer_id": drawing.customers[name], "currency": "CNY", "amount": 5},
            )
        drawing.work()
        assert before == draws(drawing)
        assert inside == members(drawing)


def test_where_nobody_is_held_out_nobody_draws(drawing: Shop) -> None:
    program(drawing, holdout=0)
    people = come(drawing, NAMES[:3])
    assert {} == draws(drawing)
    assert set(people.values()) == members(drawing)


def test_who_is_taken_in_by_hand_stays_in_the_group_that_was_drawn(drawing: Shop) -> None:
    come(drawing, NAMES)
    held = sorted(id_ for id_, (held, _percent) in draws(drawing).items() if held)
    drawing.run("loyalty.member.join", {"customer_id": held[0]})
    drawing.clock.advance(days=DAYS + 1)
    assert len(held) == effect(drawing).held_out.customers


@pytest.mark.parametrize("first", [True, False], ids=["held out first", "joined first"])
def test_after_a_merge_the_first_lot_counts(drawing: Shop, first: bool) -> None:
    """Whoever is absorbed: in the comparison, as a fact, and for whoever buys again."""
    people = list(come(drawing, NAMES).values())
    found = draws(drawing)
    early = next(id_ for id_ in people if found[id_][0] is first)
    drawing.clock.advance(days=1)
    more = list(come(drawing, [f"Late {name}" for name in NAMES]).values())
    late = next(id_ for id_ in more if draws(drawing)[id_][0] is not first)
    before = effect(drawing, days=1)
    drawing.run("customer.merge", {"absorb": early}, target=late)
    drawing.work()
    with drawing.crm.session(drawing.actor) as session:
        held = set(session.scalars(customers_where(session, "loyalty.held_out == 1")))
    assert (late in held) is first
    drawing.clock.advance(days=DAYS + 1)
    after = effect(drawing)
    inside = sum(not lot for lot, _percent in found.values()) + sum(
        not draws(drawing)[id_][0] for id_ in more if id_ != late
    )
    assert before.members.customers < after.members.customers
    assert inside == after.members.customers


def test_what_each_group_spent_is_counted_within_the_days(drawing: Shop) -> None:
    """The purchase by which the lot was drawn does not count, nor what comes after the days; refunds count against."""
    people = come(drawing, NAMES)
    found = draws(drawing)
    inside = next(id_ for id_ in people.values() if not found[id_][0])

    def record(kind: str, amount: int, **more: Any) -> Any:
        values = {"kind": kind, "customer_id": inside, "currency": "CNY", "amount": amount, **more}
        return drawing.run("interaction.record", values)

    drawing.clock.advance(days=10)
    bought = record("purchase", 300)
    record("refund", 100, about_id=bought.id)
    drawing.clock.advance(days=25)
    record("purchase", 5000)
    counted = effect(drawing)
    assert counted.members.mean.value == pytest.approx(20_000 / counted.members.customers)
    assert (1, 0) == (counted.members.buyers, counted.held_out.buyers)
    assert counted.difference is None, "there are fewer than thirty in a group"


def test_who_has_not_been_followed_for_so_long_does_not_count(drawing: Shop) -> None:
    come(drawing, NAMES)
    drawing.clock.advance(days=DAYS - 1)
    assert 0 == effect(drawing).members.customers


def spent(members: Sequence[float], held: Sequence[float], stratum: int = 10, cost: float = 0.0) -> list[Spent]:
    """Return what customers of both groups spent, and what each of the programme cost."""
    inside = [Spent(stratum=stratum, held_out=False, revenue=each, cost=cost) for each in members]
    return [*inside, *(Spent(stratum=stratum, held_out=True, revenue=each) for each in held)]


def test_the_difference_by_hand() -> None:
    """Thirty who spent 20 and 40 in turn against thirty who spent 10 and 30: 10 more each, 300 in all. The variance of
    either is 100 x 30/29, so the standard error is sqrt(2 x 100 / 29), and t(58; 0.975) = 2.0017. Each costs 2."""
    found = effect_of(spent([20.0, 40.0] * 15, [10.0, 30.0] * 15, cost=2.0), 30, margin=50)
    assert found.difference is not None
    assert found.extra is not None
    assert found.returned is not None
    error = (200 / 29) ** 0.5
    assert pytest.approx(10) == found.difference.value
    assert pytest.approx(10 - 2.0017 * error, abs=1e-3) == found.difference.low
    assert pytest.approx(300) == found.extra.value
    assert pytest.approx(2.8015 * error, abs=1e-3) == found.smallest
    assert (60, pytest.approx((300 * 0.5 - 60) / 60)) == (found.returned.cost_minor, found.returned.value)
    assert found.certain


def test_seasons_are_no_effect() -> None:
    """Ten percent were held out in a rich season and fifty in a poor one: who was held out is poorer on the whole, and
    yet the programme brings nothing."""
    covered = 0
    for seed in range(60):
        chance = random.Random(seed)
        rich = [chance.gauss(300, 80) for _each in range(500)]
        poor = [chance.gauss(100, 30) for _each in range(500)]
        found = effect_of([*spent(rich[50:], rich[:50], 10), *spent(poor[250:], poor[:250], 50)], 30)
        assert found.difference is not None
        assert found.difference.low is not None
        assert found.difference.high is not None
        covered += found.difference.low <= 0 <= found.difference.high
    assert covered >= 51


def test_two_strata_by_hand() -> None:
    """Forty against thirty-two with a difference of 5, and twenty against thirty-two with one of 11: on average, by how
    many joined, (40 x 5 + 20 x 11) / 60 = 7."""
    one = spent([15.0, 15.0, 5.0, 5.0] * 10, [5.0, 5.0, 5.0, 5.0] * 8, 10)
    two = spent([30.0, 34.0] * 10, [21.0, 21.0] * 16, 50)
    found = effect_of([*one, *two], 30)
    assert found.difference is not None
    assert pytest.approx(7) == found.difference.value
    assert (60, 64) == (found.members.customers, found.held_out.customers)


def test_where_nobody_was_held_out_nothing_is_compared() -> None:
    found = effect_of([*spent([1000.0] * 200, [], 5), *spent([20.0, 40.0] * 15, [10.0, 30.0] * 15, 10)], 30)
    assert found.difference is not None
    assert (30, pytest.approx(10)) == (found.members.customers, found.difference.value)


def test_who_was_held_out_and_redeems_is_no_cost_of_the_programme() -> None:
    held = [Spent(stratum=10, held_out=True, revenue=each, cost=2.0) for each in [10.0, 30.0] * 15]
    found = effect_of([*spent([20.0, 40.0] * 15, [], cost=5.0), *held], 30, margin=50)
    assert found.returned is not None
    assert 90 == found.returned.cost_minor, "thirty times five less two"


def test_fewer_than_thirty_tell_nothing() -> None:
    found = effect_of(spent([1.0] * 1000, [2.0] * 29), 30, margin=10)
    assert (None, None, None, None) == (found.difference, found.extra, found.returned, found.smallest)


@pytest.mark.parametrize("true", [0.0, 400.0])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(true: float) -> None:
    """Amounts as skewed as those of shops: 95 of 100 experiments are expected to cover; fewer than 86 would be chance
    once in some ten thousand."""
    covered = 0
    for seed in range(100):
        chance = random.Random(seed)

        def amount(more: float, chance: random.Random = chance) -> float:
            return more + (chance.lognormvariate(7, 1) if chance.random() < 0.6 else 0.0)

        found = effect_of(spent([amount(true) for _n in range(900)], [amount(0.0) for _n in range(300)]), 30)
        assert found.difference is not None
        assert found.difference.low is not None
        assert found.difference.high is not None
        covered += found.difference.low <= true <= found.difference.high
    assert covered >= 86


def test_a_return_is_not_made_up() -> None:
    values = [20.0, 40.0] * 15
    assert effect_of(spent(values, values, cost=0.0), 30, margin=50).returned is None
    assert effect_of(spent(values, values, cost=1.0), 30, margin=0).returned is None


def test_how_much_it_is_used(drawing: Shop) -> None:
    program(drawing, holdout=0)
    people = come(drawing, NAMES[:4], amount=100)
    drawing.run("loyalty.points.spend", {"customer_id": people[NAMES[0]], "points": 40})
    with drawing.crm.session(drawing.actor) as session:
        today = session.today()
        now = usage_of(session, program_named(session), today, today)
        then = usage_of(session, program_named(session), today - timedelta(days=9), today - timedelta(days=1))
    assert (4, 1.0, 400, 40, 0.1) == (now.members, now.active.value, now.issued, now.spent, now.redeemed)
    assert (0, None) == (then.members, then.redeemed)


def moved(shop: Shop, days: int) -> Migration:
    """Return how tiers moved in the last days."""
    with shop.crm.session(shop.actor) as session:
        today = session.today()
        return migration_of(session, program_named(session), today - timedelta(days=days), today)


def test_how_tiers_move(both: Shop) -> None:
    both.run("loyalty.tier_metric.create", {"name": "earned", "source": "points"})
    both.run("loyalty.tier.create", {"name": "basic", "level": 0})
    both.run("loyalty.tier.create", {"name": "gold", "level": 1, "reach": {"earned": 100}})
    both.customer("Wang Lin")
    both.work()
    both.clock.advance(days=5)
    both.give(150, "Wang Lin")
    both.customer("Li Na")
    both.work()
    found = moved(both, 3)
    assert {("basic", "gold"): 1, (NONE, "basic"): 1} == dict(found.counts)
    assert (NONE, "basic", "gold") == found.tiers
    with both.crm.session(both.actor) as session:
        first = session.today() - timedelta(days=3)
        table = migration_rows(session, MigrationParameters(first=first), None)
    assert [("-", 1, 1, 0), ("basic", 1, 0, 1)] == [
        (row["tier"], row["customers"], row["to_1"], row["to_2"]) for row in table.rows
    ]


def test_the_report_says_what_can_be_told(drawing: Shop) -> None:
    with drawing.crm.session(drawing.actor) as session:
        table = effect_rows(session, EffectParameters(), None)
    assert ["members", "held_out"] == [row["key"] for row in table.rows]
    assert any("Nobody was held out" in note.text for note in table.notes)


def test_being_held_out_is_a_fact(drawing: Shop) -> None:
    come(drawing, NAMES)
    held = {id_ for id_, (held, _percent) in draws(drawing).items() if held}
    with drawing.crm.session(drawing.actor) as session:
        assert held == set(session.scalars(customers_where(session, "loyalty.held_out == 1")))
