"""Queues and territories as they are kept: what can be changed, by whom, and what would not make sense."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from crmkit_work.assignment.models import Queue, QueueTurn
from crmkit_work.assignment.territories import territory_of
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Refused
from tests.plugins.work.assignment.conftest import BOSS, give, queue, user


def refused(crm: CRM, operation: str, values: dict[str, Any], target: Any = None) -> list[str | None]:
    """Run what is not right; return the fields that are named."""
    with pytest.raises(InvalidInput) as caught:
        crm.run(BOSS, operation, values, target=target)
    return [problem.field for problem in caught.value.problems]


# --- queues -----------------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_queue_is_all_said_at_once(lite: CRM) -> None:
    """Skills, calendar, fallbacks: each by its field; a name is taken once."""
    wrong = {"skills": ["tea:x"], "calendar_id": uuid4(), "fallback_queue_id": uuid4(), "fallback_team_id": uuid4()}
    assert refused(lite, "work.queue.create", {"name": "desk", **wrong}) == list(wrong)
    assert refused(lite, "work.queue.create", {"name": "  "}) == ["name"]
    queue(lite)
    with pytest.raises(AlreadyExists):
        queue(lite)


def test_queues_do_not_fall_back_in_a_circle(lite: CRM) -> None:
    """Neither on themselves nor by way of others."""
    first = queue(lite, name="first")
    second = queue(lite, name="second", fallback_queue_id=first)
    third = queue(lite, name="third", fallback_queue_id=second)
    for following in (first, third):
        change = {"fallback_queue_id": following}
        assert refused(lite, "work.queue.update", change, first) == ["fallback_queue_id"]


def test_members_are_persons_or_teams(lite: CRM) -> None:
    """One of the two, who is there; a second time changes what holds; who is out gets nothing more."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    desk = queue(lite, ada, bo)
    team = lite.run(BOSS, "team.create", {"name": "Service"}).id
    assert refused(lite, "work.queue.add_member", {"user_id": ada, "team_id": team}, desk) == ["user_id"]
    assert refused(lite, "work.queue.add_member", {}, desk) == ["user_id"]
    for nobody in ({"user_id": uuid4()}, {"team_id": uuid4()}):
        with pytest.raises(NotFound):
            lite.run(BOSS, "work.queue.add_member", nobody, target=desk)
        with pytest.raises(NotFound):
            lite.run(BOSS, "work.queue.remove_member", nobody, target=desk)
    changed = lite.run(BOSS, "work.queue.add_member", {"user_id": ada, "weight": 7}, target=desk)
    assert changed.weight == 7
    lite.run(BOSS, "work.queue.remove_member", {"user_id": ada}, target=desk)
    assert {give(lite, number).user_id for number in range(3)} == {bo}


def test_other_weights_begin_anew(lite: CRM) -> None:
    """What smooth weighting had left over is in the measure of the old weights."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    desk = queue(lite, ada, bo, weights=(5, 1), strategy="weighted")
    give(lite, 1)
    lite.run(BOSS, "work.queue.add_member", {"user_id": bo, "weight": 2}, target=desk)
    with lite.session(BOSS) as session:
        assert set(session.scalars(select(QueueTurn.current))) == {0}


def test_a_queue_in_use_is_not_deleted(lite: CRM) -> None:
    """Not while open work came out of it, another falls back on it, or a territory goes there."""
    ada = user(lite, "ada")
    desk = queue(lite, ada)
    spare = queue(lite, name="spare")
    give(lite, 1)
    lite.run(BOSS, "work.queue.update", {"fallback_queue_id": spare}, target=desk)
    for each in (desk, spare):
        with pytest.raises(Conflict):
            lite.run(BOSS, "work.queue.delete", target=each)
    lite.run(BOSS, "work.load.note", {"ref": "test.work:1"})
    for each in (desk, spare):
        lite.run(BOSS, "work.queue.delete", target=each)
    with lite.session(BOSS) as session:
        assert session.scalars(select(Queue)).all() == []


@pytest.mark.parametrize("role", ["seller", "service_agent", "analyst"])
def test_who_may_not_manage_queues_changes_nothing(lite: CRM, role: str) -> None:
    """Neither queues nor territories, nor does anybody note loads or assign past the operations that bring work."""
    actor = Actor.user(user(lite, "sal", role))
    desk = queue(lite)
    for operation, values, target in (
        ("work.queue.create", {"name": "own"}, None),
        ("work.queue.update", {"active": False}, desk),
        ("work.queue.delete", {}, desk),
        ("work.queue.add_member", {"user_id": actor.user_id}, desk),
        ("work.queue.rebalance", {}, None),
        ("work.queue.distribute", {}, None),
        ("work.territory.create", {"name": "all", "condition": "true"}, None),
        ("work.load.note", {"ref": "test.work:1", "user_id": actor.user_id}, None),
        ("work.assignment.create", {"ref": "test.work:1", "queue": "desk"}, None),
    ):
        with pytest.raises(Refused):
            lite.run(actor, operation, values, target=target)


# --- territories ------------------------------------------------------------------------------------------------------


def territory(crm: CRM, name: str, condition: str, **values: Any) -> Any:
    """Add a territory and return its id."""
    return crm.run(BOSS, "work.territory.create", {"name": name, "condition": condition, **values}).id


def customer(crm: CRM, name: str, **values: Any) -> Any:
    """Add a customer and return the id."""
    return crm.run(BOSS, "customer.create", {"name": name, **values}).id


def test_the_deepest_territory_that_fits_counts(work: CRM) -> None:
    """Parts are looked at where the whole holds, in their order; without one the whole counts."""
    china = territory(work, "china", 'customer.country == "CN"')
    territory(work, "south", 'customer.province == "广东省"', parent_id=china, position=1)
    territory(work, "rest", "true", position=999)
    found = {}
    for name, values in (
        ("Li", {"country": "CN", "province": "广东省"}),
        ("Wang", {"country": "CN", "province": "浙江省"}),
        ("Ada", {"country": "GB", "province": "广东省"}),
    ):
        identity = customer(work, name, **values)
        with work.session(BOSS) as session:
            within = territory_of(session, identity)
        found[name] = within.name if within is not None else None
    assert found == {"Li": "south", "Wang": "china", "Ada": "rest"}


def test_a_territory_leads_to_a_person_or_a_queue(lite: CRM) -> None:
    """First the person, if able to; else the queue; the reason names the territory."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    desk = queue(lite, bo)
    territory(lite, "china", 'customer.country == "CN"', owner_id=ada, queue_id=desk, title="China")
    li = customer(lite, "Li", country="CN")
    first = give(lite, 1, customer_id=li)
    assert (first.user_id, first.strategy) == (ada, "territory")
    assert first.why.render() == 'They look after the territory "China".'
    lite.run(BOSS, "work.person.set_presence", {"user_id": ada, "presence": "offline"})
    assert (give(lite, 2, customer_id=li).user_id, give(lite, 2, customer_id=li).queue_id) == (bo, desk)
    nowhere = give(lite, 3, customer_id=customer(lite, "Ada", country="GB"))
    assert (nowhere.user_id, nowhere.why.code) == (None, "nobody")


def test_conditions_are_checked_when_they_are_saved(lite: CRM) -> None:
    """One that cannot be used is refused with its field, also in a change."""
    for wrong in ('customer.contry == "CN"', "customer.country ==", "customer.country > 3"):
        assert refused(lite, "work.territory.create", {"name": "x", "condition": wrong}) == ["condition"]
    found = territory(lite, "china", "true")
    assert refused(lite, "work.territory.update", {"condition": "1 +"}, found) == ["condition"]


def test_a_territory_does_not_lie_within_itself(lite: CRM) -> None:
    """Nor is one deleted while it has parts."""
    whole = territory(lite, "whole", "true")
    part = territory(lite, "part", "true", parent_id=whole)
    assert refused(lite, "work.territory.update", {"parent_id": part}, whole) == ["parent_id"]
    with pytest.raises(Conflict):
        lite.run(BOSS, "work.territory.delete", target=whole)
    lite.run(BOSS, "work.territory.delete", target=part)
    lite.run(BOSS, "work.territory.delete", target=whole)
    wrong = {"queue_id": uuid4(), "owner_id": uuid4(), "parent_id": uuid4()}
    assert refused(lite, "work.territory.create", {"name": "x", "condition": "true", **wrong}) == list(wrong)


def test_whose_customer_it_is_does_not_depend_on_who_asks(lite: CRM) -> None:
    """A condition over a fact that the actor may not read is decided all the same."""
    from crmkit_work.assignment.checks import CHECKS
    from crmkit_work.assignment.territories import fits

    from crmkit.hooks.contributions import Finding

    li = customer(lite, "Li", country="CN", birth_date="1990-01-01")
    agent = Actor.user(user(lite, "sal", "service_agent"))
    with lite.session(agent) as session:
        assert fits(session, 'customer.country == "CN"', li)
        assert not fits(session, "no.such_fact > 1", li)
    territory(lite, "empty", "true")
    with lite.session(BOSS) as session:
        found: list[Finding] = [one for check in CHECKS for one in check.run(session)]
    assert [each.code for each in found] == ["work.territory_empty"]
