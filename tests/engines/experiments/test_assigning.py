"""Who is in which arm, and what is written down of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from crmkit import Actor
from crmkit.engines.experiments.assigning import arms_for, dealt, spared
from crmkit.engines.experiments.tables import Exposure
from crmkit.errors import Conflict, NotFound, Refused, UnknownDefinition
from crmkit.hooks.experiments import Arm
from tests.engines.experiments.support import MAIL, START, SYSTEM, Shop


def written(shop: Shop) -> int:
    """Return how many exposures are written down."""
    with shop.crm.session(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(Exposure)) or 0


def test_nobody_has_an_arm_before_the_start_and_after_the_end(shop: Shop) -> None:
    """A draft and a stopped experiment treat nobody; a running one deals everybody out."""
    ids = shop.customers(20)
    shop.save()
    before = shop.expose("winback", ids)
    shop.run("experiment.start", name="winback")
    during = shop.expose("winback", ids[:10])
    shop.run("experiment.stop", name="winback")
    after = shop.expose("winback", ids[10:])
    assert {None} == {*before.values(), *after.values()}
    assert {id: dealt(MAIL, id) for id in ids[:10]} == during
    assert 10 == written(shop)


def test_the_first_exposure_decides(shop: Shop) -> None:
    """Exposing somebody again answers the same and writes nothing."""
    ids = shop.customers(5)
    shop.begin()
    one = shop.expose("winback", [*ids, *ids])
    shop.time.on(3)
    assert one == shop.expose("winback", ids)
    assert 5 == written(shop)


def test_what_was_exposed_keeps_its_arm_after_the_end(shop: Shop) -> None:
    """Whoever was treated is still answered the arm of then when the experiment has ended."""
    ids = shop.customers(5)
    shop.begin()
    one = shop.expose("winback", ids)
    shop.run("experiment.stop", name="winback")
    assert one == shop.expose("winback", ids)


def test_a_part_of_the_base_takes_part(shop: Shop) -> None:
    """A share of 0.3 leaves about seven of ten out, and deals the rest out by the arms' shares, independently."""
    wanted = MAIL.__class__(
        name="part",
        title="Part",
        arms=(Arm(name="a", share=0.8), Arm(name="b", share=0.2)),
        metrics=MAIL.metrics,
        share=0.3,
    )
    arms = [dealt(wanted, uuid4()) for _number in range(20_000)]
    parts = [arms.count(arm) / len(arms) for arm in ("a", "b", None)]
    assert [0.24, 0.06, 0.70] == pytest.approx(parts, abs=0.01)


def test_a_condition_says_who_takes_part(shop: Shop) -> None:
    """Customers who do not meet the condition have no arm, and are not written down."""
    ids = shop.customers(12)
    shop.buy(ids[:6], -5)
    shop.begin(among="purchase.count >= 1")
    arms = shop.expose("winback", ids)
    assert [True] * 6 + [False] * 6 == [arms[id] is not None for id in ids]
    assert 6 == written(shop)


def test_a_holdout_is_left_alone_by_every_other_experiment(shop: Shop) -> None:
    """Whoever is in the control arm of a running hold-out has no arm elsewhere; when it ends, everybody has."""
    ids = shop.customers(60)
    hold = shop.begin(
        name="global",
        arms=(Arm(name="held", share=0.3), Arm(name="rest", share=0.7)),
        covers="everybody",
        spare=True,
    )
    shop.begin()
    held = {id for id in ids if dealt(hold, id) == "held"}
    with shop.crm.session(SYSTEM) as session:
        assert held == spared(session, ids)
        arms = arms_for(session, "winback", ids)
    assert 5 < len(held) < 35
    assert held == {id for id, arm in arms.items() if arm is None}
    shop.run("experiment.stop", name="global")
    with shop.crm.session(SYSTEM) as session:
        assert set() == spared(session, ids)
        assert None not in arms_for(session, "winback", ids).values()


def test_the_name_or_the_salt_deals(shop: Shop) -> None:
    """Another name deals anew; the same salt deals alike."""
    ids = [uuid4() for _number in range(200)]
    again, alike = (
        MAIL.__class__(name="again", title="Again", arms=MAIL.arms, metrics=MAIL.metrics, salt=salt)
        for salt in ("", "winback")
    )
    first = [dealt(MAIL, id) for id in ids]
    assert first != [dealt(again, id) for id in ids]
    assert first == [dealt(alike, id) for id in ids]


def test_each_of_many_has_its_own_answer(shop: Shop) -> None:
    """A customer that there is not, an instant in the future and an unknown experiment cost themselves alone."""
    (id,) = shop.customers(1)
    shop.begin()
    items = [
        {"experiment": "winback", "customer_id": uuid4()},
        {"experiment": "winback", "customer_id": id, "exposed_at": START + timedelta(days=1)},
        {"experiment": "winback", "customer_id": id, "exposed_at": START - timedelta(days=1)},
        {"experiment": "winbak", "customer_id": id},
        {"experiment": "winback", "customer_id": id},
    ]
    found = shop.crm.run_many(SYSTEM, "experiment.expose", items)
    codes = [NotFound.code, "CK500", "CK500", UnknownDefinition.code]
    assert codes == [outcome.problems[0].code for outcome in found[:4]]
    assert found[4].result in ("none", "mail")


def test_a_single_exposure_raises(shop: Shop) -> None:
    """One customer that there is not is an error."""
    shop.begin()
    with pytest.raises(NotFound):
        shop.run("experiment.expose", experiment="winback", customer_id=uuid4())


def test_an_exposure_is_about_its_customer(shop: Shop) -> None:
    """The audit record of an exposure names the customer, and it goes when the customer is erased."""
    (id,) = shop.customers(1)
    shop.begin()
    shop.expose("winback", [id])
    shop.crm.run(SYSTEM, "privacy.erase", {"reason": "asked for it"}, target=id)
    assert 0 == written(shop)


def test_who_may_not_may_not(shop: Shop) -> None:
    """Saving, starting and exposing need rights of their own."""
    user = shop.run("user.create", login="mei", name="Mei")
    mei = Actor.user(user.id, "Mei")
    shop.save()
    for operation, values in (
        ("experiment.save", {"experiment": MAIL}),
        ("experiment.start", {"name": "winback"}),
        ("experiment.expose", {"experiment": "winback", "customer_id": uuid4()}),
    ):
        with pytest.raises(Refused):
            shop.run(operation, mei, **values)


def test_what_was_started_stays_as_it_was(shop: Shop) -> None:
    """A started experiment is neither changed, started again nor deleted; one that does not run is not stopped."""
    shop.save(title="First")
    with pytest.raises(Conflict):
        shop.run("experiment.stop", name="winback")
    shop.run("experiment.start", name="winback")
    for operation, values in (
        ("experiment.save", {"experiment": MAIL}),
        ("experiment.start", {"name": "winback"}),
        ("experiment.delete", {"name": "winback"}),
    ):
        with pytest.raises(Conflict):
            shop.run(operation, **values)
    shop.run("experiment.stop", name="winback")
    with pytest.raises(Conflict):
        shop.run("experiment.stop", name="winback")


def test_a_draft_can_be_deleted(shop: Shop) -> None:
    """A draft that nobody started is gone when it is deleted."""
    shop.save()
    shop.run("experiment.delete", name="winback")
    with pytest.raises(UnknownDefinition):
        shop.run("experiment.start", name="winback")
