"""Who gets work: the strategies, what stands in the way of somebody, and what happens when nobody can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_work.api import Wish, assign
from crmkit_work.assignment.models import AssignmentEntry, OpenWork
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import InvalidInput, NotFound
from tests.plugins.work.assignment.conftest import BOSS, away, codes, give, queue, user

# --- whose turn it is ------------------------------------------------------------------------------------------------


def test_round_robin_gives_everybody_their_turn(work: CRM) -> None:
    """Whoever had the last turn longest ago is next; the others are said to come later."""
    ada, bo, cy = (user(work, login) for login in ("ada", "bo", "cy"))
    queue(work, ada, bo, cy)
    found = [give(work, number) for number in range(6)]
    assert [each.user_id for each in found] == [ada, bo, cy, ada, bo, cy]
    assert codes(found[0]) == {bo: "after_in_turn", cy: "after_in_turn"}
    assert (found[5].strategy, found[5].why.values) == ("round_robin", {"turn": 6})


def test_weights_are_spread_smoothly(work: CRM) -> None:
    """Five, one and one: the heavy one is not served five times in a row."""
    ada, bo, cy = (user(work, login) for login in ("ada", "bo", "cy"))
    queue(work, ada, bo, cy, strategy="weighted", weights=(5, 1, 1))
    assert [give(work, number).user_id for number in range(7)] == [ada, ada, bo, ada, cy, ada, ada]


def test_least_loaded_counts_open_work_for_the_weight(work: CRM) -> None:
    """What is done no longer counts, what others say is open does."""
    ada, bo = user(work, "ada"), user(work, "bo")
    queue(work, ada, bo, strategy="least_loaded", weights=(2, 1))
    assert [give(work, number).user_id for number in range(3)] == [ada, bo, ada]
    work.run(BOSS, "work.load.note", {"ref": "test.work:1", "user_id": None})
    assert give(work, 3).user_id == bo
    assert give(work, 4, loads={str(ada): 9}).user_id == bo


def test_work_of_a_customer_sticks_to_whoever_knows_them(work: CRM) -> None:
    """First to the owner, else to who had the last of it; not if that one is not there."""
    ada, bo = user(work, "ada"), user(work, "bo")
    owned = work.run(BOSS, "customer.create", {"name": "Li", "owner_id": bo}).id
    other = work.run(BOSS, "customer.create", {"name": "Wang"}).id
    queue(work, ada, bo)
    first = give(work, 1, queue="desk", customer_id=owned)
    assert (first.user_id, first.strategy, codes(first)) == (bo, "sticky", {ada: "not_sticky"})
    assert give(work, 2, queue="desk", customer_id=other).user_id == ada
    assert [give(work, number, queue="desk", customer_id=other).strategy for number in (3, 4)] == ["sticky", "sticky"]
    away(work, bo)
    assert give(work, 5, queue="desk", customer_id=owned).user_id == ada


# --- what stands in the way -------------------------------------------------------------------------------------------


def test_each_reason_has_its_code(lite: CRM) -> None:
    """Everybody who does not get the work is told why, with what the words need."""
    names = ("gone", "left", "sick", "busy", "off", "full", "lame", "mute", "able")
    people = {name: user(lite, name) for name in names}
    lite.run(BOSS, "user.deactivate", target=people["gone"])
    away(lite, people["sick"])
    for name, presence in (("busy", "busy"), ("off", "offline")):
        lite.run(BOSS, "work.person.set_presence", {"user_id": people[name], "presence": presence})
    lite.run(BOSS, "work.person.set", {"user_id": people["full"], "capacity": 0})
    for name in names:
        if name != "lame":
            lite.run(BOSS, "work.person.set_skill", {"user_id": people[name], "skill": "billing", "level": 3})
        if name != "mute":
            lite.run(BOSS, "work.person.set", {"user_id": people[name], "languages": ["zh-Hans"]})
    queue(lite, *people.values(), skills=["billing:2"], languages=["zh"])
    found = give(lite, 1, queue="desk", exclude=(people["left"],))
    assert found.user_id == people["able"]
    assert {name: codes(found).get(identity) for name, identity in people.items()} == {
        "gone": "inactive",
        "left": "excluded",
        "sick": "absent",
        "busy": "busy",
        "off": "offline",
        "full": "at_capacity",
        "lame": "lacks_skill",
        "mute": "lacks_language",
        "able": None,
    }


def test_words_for_the_verdicts_are_in_both_languages(lite: CRM) -> None:
    """A reason reads as a sentence, with instants on the wall of a zone."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    lite.run(BOSS, "work.person.set_skill", {"user_id": ada, "skill": "billing", "level": 1})
    queue(lite, ada, bo, skills=["billing:2"])
    away(lite, bo)
    why_not = {each.user_id: each for each in give(lite, 1).why_not}
    assert why_not[ada].render() == 'They lack "billing" at level 2; they have level 1.'
    assert why_not[bo].render("en", "Asia/Shanghai").startswith("They are absent until 20")
    assert "+00:00" not in why_not[bo].render()
    assert "billing" in why_not[ada].render("zh-Hans")
    assert why_not[ada].render("zh-Hans") != why_not[ada].render()


def test_working_hours_hold_for_a_queue_that_says_so(lite: CRM) -> None:
    """Off hours nobody gets work, unless the queue does not mind; the person's own calendar comes first."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    lite.run(BOSS, "work.calendar.create", {"name": "day", "hours": "mon-fri 09:00-17:00", "zone": "UTC"})
    night = lite.run(BOSS, "work.calendar.create", {"name": "night", "hours": "mon-sun 17:00-24:00", "zone": "UTC"})
    with lite.session(BOSS) as session:
        from crmkit_work.api import calendar_named

        day = calendar_named(session, "day").id
    queue(lite, ada, bo, calendar_id=day)
    queue(lite, ada, name="always", calendar_id=day, in_hours=False)
    evening = datetime(2026, 3, 2, 20, tzinfo=UTC)
    found = give(lite, 1, queue="desk", at=evening)
    assert (found.strategy, codes(found)) == ("waiting", {ada: "off_hours", bo: "off_hours"})
    assert found.why_not[0].values == {"until": "2026-03-03T09:00:00+00:00"}
    assert give(lite, 2, queue="always", at=evening).user_id == ada
    lite.run(BOSS, "work.person.set", {"user_id": bo, "calendar_id": night.id})
    assert give(lite, 3, queue="desk", at=evening).user_id == bo


def test_what_was_said_of_the_presence_ends(lite: CRM) -> None:
    """Busy until two o'clock means available from two o'clock on."""
    ada = user(lite, "ada")
    queue(lite, ada)
    later = datetime.now(UTC) + timedelta(hours=1)
    lite.run(BOSS, "work.person.set_presence", {"user_id": ada, "presence": "away", "until": later})
    assert give(lite, 1).strategy == "waiting"
    assert give(lite, 2, queue="desk", at=later).user_id == ada


def test_members_of_a_team_are_members(work: CRM) -> None:
    """Whoever joins the team gets work of its queues; an own place comes before that of the team."""
    ada, bo = user(work, "ada"), user(work, "bo")
    team = work.run(BOSS, "team.create", {"name": "Service"}).id
    for each in (ada, bo):
        work.run(BOSS, "team.add_member", {"user_id": each}, target=team)
    desk = queue(work)
    work.run(BOSS, "work.queue.add_member", {"team_id": team}, target=desk)
    work.run(BOSS, "work.queue.add_member", {"user_id": bo, "capacity": 1}, target=desk)
    assert {give(work, number).user_id for number in range(2)} == {ada, bo}
    assert codes(give(work, 3))[bo] == "at_capacity"


# --- when nobody can --------------------------------------------------------------------------------------------------


def test_a_daily_cap_leaves_nothing_silently_unassigned(work: CRM) -> None:
    """The fallback takes what the cap keeps from everybody, and the log says so."""
    ada, bo = user(work, "ada"), user(work, "bo")
    spare = queue(work, bo, name="spare")
    desk = queue(work, ada, max_per_day=2, fallback_queue_id=spare)
    assert [give(work, number).user_id for number in range(3)] == [ada, ada, bo]
    with work.session(BOSS) as session:
        entry = session.scalar(select(AssignmentEntry).where(AssignmentEntry.ref == "test.work:2"))
        assert entry is not None
        assert (entry.strategy, entry.queue_id, entry.user_id) == ("fallback", spare, bo)
        assert entry.verdicts == [[str(ada), "daily_limit", {"taken": 2, "limit": 2}, str(desk)]]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert give(work, 4, queue="desk", at=tomorrow).user_id == ada


def test_work_goes_to_a_team_or_waits(lite: CRM) -> None:
    """With a team to fall back on the team gets it; without any it waits in the queue in which it came."""
    team = lite.run(BOSS, "team.create", {"name": "Service"}).id
    last = queue(lite, name="last", fallback_team_id=team)
    first = queue(lite, name="first", fallback_queue_id=last)
    alone = queue(lite, name="alone")
    found = give(lite, 1, queue="first")
    assert (found.team_id, found.user_id, found.strategy, found.why.code) == (team, None, "fallback", "team")
    waiting = give(lite, 2, queue="alone")
    assert (waiting.team_id, waiting.user_id, waiting.queue_id, waiting.strategy) == (None, None, alone, "waiting")
    lite.run(BOSS, "work.queue.update", {"fallback_team_id": None}, target=last)
    assert give(lite, 3, queue="first").queue_id == first


def test_an_inactive_queue_gives_its_members_nothing(lite: CRM) -> None:
    """What comes in goes to the fallback."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    spare = queue(lite, bo, name="spare")
    desk = queue(lite, ada, fallback_queue_id=spare)
    lite.run(BOSS, "work.queue.update", {"active": False}, target=desk)
    assert give(lite, 1).user_id == bo


def test_deputies_stand_in(work: CRM) -> None:
    """For somebody who is asked for and absent; in a queue when no other member can; and for each other."""
    ada, bo, cy = (user(work, login) for login in ("ada", "bo", "cy"))
    away(work, bo, deputy=cy)
    away(work, ada, deputy=bo)
    named = give(work, 1, users=(ada,))
    assert (named.user_id, named.strategy, codes(named)) == (cy, "deputy", {ada: "absent", bo: "absent"})
    assert named.why.render() == "They stand in for Bo, who is away."
    queue(work, ada)
    assert (give(work, 2).user_id, give(work, 2).strategy) == (cy, "deputy")


@pytest.mark.parametrize("gone", ["inactive", "absent"])
def test_reopened_work_never_goes_to_somebody_who_is_gone(work: CRM, gone: str) -> None:
    """Who had it first is asked first; where that one has left or is absent the queue decides anew."""
    ada, bo = user(work, "ada"), user(work, "bo")
    queue(work, ada, bo)
    assert give(work, 1).user_id == ada
    if gone == "inactive":
        work.run(BOSS, "user.deactivate", target=ada)
    else:
        away(work, ada)
    again = give(work, 1, users=(ada,), queue="desk", purpose="reopened")
    assert (again.user_id, codes(again)[ada]) == (bo, gone)


def test_a_deputy_who_cannot_take_it_does_not_get_it(lite: CRM) -> None:
    """Deputies who are absent for each other, offline or full leave it waiting."""
    ada, bo = user(lite, "ada"), user(lite, "bo")
    away(lite, ada, deputy=bo)
    lite.run(BOSS, "work.person.set_presence", {"user_id": bo, "presence": "offline"})
    queue(lite, ada)
    found = give(lite, 1)
    assert (found.strategy, codes(found)) == ("waiting", {ada: "absent", bo: "offline"})


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_wish_is_said(lite: CRM) -> None:
    """An unknown queue with those that there are, a skill that is not understood, loads of nobody."""
    queue(lite)
    with pytest.raises(NotFound, match="desk"):
        give(lite, 1, queue="dusk")
    for wrong in ({"skills": ("billing:99",)}, {"skills": (":2",)}, {"loads": {"ada": 1}}):
        with pytest.raises(InvalidInput) as caught:
            give(lite, 1, queue="desk", **wrong)
        assert [problem.field for problem in caught.value.problems] == list(wrong)


def test_without_a_queue_or_people_nobody_gets_it(lite: CRM) -> None:
    """It is said, and not lost in silence."""
    with lite.transaction(BOSS) as session:
        found = assign(session, Wish(ref="test.work:1"))
    assert (found.user_id, found.queue_id, found.why.code) == (None, None, "nobody")


def test_who_brings_work_needs_to_see_nobody_s_work(work: CRM) -> None:
    """The choice is the same whoever asks: a seller's work goes by loads that the seller cannot see."""
    ada, bo = user(work, "ada"), user(work, "bo")
    queue(work, ada, bo, strategy="least_loaded")
    for number in range(3):
        give(work, number, users=(ada,))
    seller = Actor.user(user(work, "sal", "seller"))
    with work.session(seller) as session:
        assert len(session.scalars(select(OpenWork)).all()) == 3
    assert give(work, 9).user_id == bo
