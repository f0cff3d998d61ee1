"""The closed loop: a bad score is due, is given to somebody with a task, is contacted, resolved, verified, reopened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmkit_feedback.classifying.models import FeedbackTheme, Theme
from crmkit_feedback.items.errors import MoveNotPossible
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.words import MOVES, STATES
from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import CrmSession, InvalidInput, operation
from tests.plugins.feedback.items.office import MONDAY, Office


def test_a_detractor_opens_a_task_within_working_hours(office: Office) -> None:
    """A bad score is its customer's owner's, with a task that is due when feedback is."""
    item = office.item(office.said(2))
    assert (item.band, item.loop, item.state) == ("bad", True, "assigned")
    assert item.owner_id == office.people["sam"].user_id
    task = office.task(item.id)
    assert task is not None
    assert (task.owner_id, task.due_at, task.source) == (item.owner_id, item.due_at, "feedback")
    assert item.due_at is not None
    assert item.due_at >= MONDAY + timedelta(hours=48)


def test_deadlines_are_of_working_time(office: Office) -> None:
    """By the usual calendar of work, nights and the weekend do not count."""
    office.run("work.calendar.create", {"name": "office", "hours": "mon-fri 09:00-17:00", "usual": True})
    item = office.item(office.said(2))
    # Monday from ten to five are 7 hours; Tuesday to Friday 32; the following Monday 8, and Tuesday the last one.
    assert item.due_at == MONDAY.replace(hour=1) + timedelta(days=8, hours=1)


@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_whoever_is_not_bad_opens_no_loop(office: Office, score: int) -> None:
    """Passives and promoters are kept, and nobody has to see to them."""
    item = office.item(office.said(score))
    assert (item.loop, item.state, item.task_id, item.due_at) == (False, "new", None, None)


def test_what_is_old_opens_no_loop(office: Office) -> None:
    """A bad score of last year is kept without a deadline."""
    item = office.item(office.said(1, received_at=MONDAY - timedelta(days=200)))
    assert (item.band, item.loop) == ("bad", False)


def test_the_way_to_verified_finishes_the_task(office: Office) -> None:
    """Contact, resolution and the customer's word follow each other; the task goes with it."""
    item = office.said(2)
    office.wait(hours=1)
    office.act("contact", item, {"note": "Called"}, by="sam")
    office.act("resolve", item, {"resolution": "New seal", "cause": "Seal", "ask": False}, by="sam")
    found = office.item(item)
    task = office.task(item)
    assert task is not None
    assert (found.state, found.cause, task.state) == ("resolved", "Seal", "done")
    assert found.contacted_at == MONDAY + timedelta(hours=1)
    office.act("verify", item, by="sam")
    assert office.item(item).state == "verified"
    office.act("close", item, by="sam")
    assert office.item(item).state == "closed"


def test_opening_again_sets_a_new_deadline_and_opens_the_task(office: Office) -> None:
    """What was over is in progress again, with its task, and counts as opened again."""
    item = office.said(2)
    office.act("resolve", item, {"resolution": "New seal", "ask": False}, by="sam")
    before = office.item(item)
    office.wait(days=10)
    office.act("reopen", item, {"note": "It leaks again"}, by="sam")
    found, task = office.item(item), office.task(item)
    assert task is not None
    assert (found.state, found.reopened, found.resolved_at, task.is_open) == ("in_progress", 1, None, True)
    assert before.due_at is not None
    assert found.due_at is not None
    assert found.due_at > before.due_at


@pytest.mark.parametrize("state", sorted(STATES))
def test_only_moves_that_follow_are_made(office: Office, state: str) -> None:
    """From "new" feedback goes where the words say, and nowhere else."""
    item = office.said(9)
    if state in MOVES["new"] or state == "new":
        office.act("move", item, {"state": state})
        assert office.item(item).state == state
    else:
        with pytest.raises(MoveNotPossible):
            office.act("move", item, {"state": state})


def test_a_resolution_says_what_was_done(office: Office) -> None:
    """Nothing is resolved by an empty text."""
    item = office.said(2)
    with pytest.raises(InvalidInput):
        office.act("resolve", item, {"resolution": "  "})


def test_giving_it_to_somebody_gives_the_task(office: Office) -> None:
    """A colleague gets the task with the feedback, and is told."""
    item = office.said(2)
    office.act("assign", item, {"owner_id": office.people["mia"].user_id}, by="sam")
    office.work()
    task = office.task(item)
    assert task is not None
    assert task.owner_id == office.item(item).owner_id == office.people["mia"].user_id
    assert any("Feedback 1001" in each for each in office.told("mia"))


def test_what_is_late_goes_to_the_lead_once(office: Office) -> None:
    """Past its deadline the lead is told, once; whoever was contacted in time is not late."""
    late, met = office.said(2), office.said(3)
    office.act("contact", met, by="sam")
    office.wait(days=8)
    office.wait(days=8)
    assert office.events(late).count("overdue") == 1
    assert "overdue" not in office.events(met)
    told = [each for each in office.told("mia") if "is late" in each]
    assert len(told) == 1
    assert "Sam" in told[0]


def test_whoever_sees_to_what_is_good_puts_it_into_the_loop(office: Office) -> None:
    """Contacting a passive makes it one's own, with a deadline."""
    item = office.said(7, loop=None)
    office.act("contact", item, by="sam")
    found = office.item(item)
    assert (found.loop, found.state, found.owner_id) == (True, "customer_contacted", office.people["sam"].user_id)


def test_policies_say_how_soon(office: Office) -> None:
    """A policy for some customers comes before the usual one, and changes take effect."""
    vip = office.customer("Vera")
    office.run("customer.tag", {"names": ["vip"]}, target=vip)
    values: dict[str, Any] = {"name": "vip", "title": "VIP", "position": 1, "bands": ("bad", "middling"), "hours": 4}
    office.run("feedback.loop_policy.create", {**values, "condition": '"vip" in customer.tags'})
    first, other = office.item(office.said(7, vip)), office.item(office.said(7))
    assert (first.loop, other.loop) == (True, False)
    assert first.due_at is not None
    assert first.due_at <= MONDAY + timedelta(days=1)


def test_a_policy_needs_what_it_names(office: Office) -> None:
    """A queue, a theme and a condition that there are not are refused."""
    for wrong in ({"queue": "nowhere"}, {"theme": "nothing"}, {"condition": "no.such.fact > 1"}):
        with pytest.raises(InvalidInput):
            office.run("feedback.loop_policy.create", {"name": "x", "title": "X", **wrong})


def test_a_queue_gives_it_out(office: Office) -> None:
    """With a queue in the policy, work's engine decides who gets it."""
    office.run("work.queue.create", {"name": "care", "title": "Care"})
    with office.crm.session(office.people["mia"]) as session:
        queue = session.scalars(select(Queue)).one()
    office.run("work.queue.add_member", {"user_id": office.people["mia"].user_id}, target=queue)
    values = {"name": "care", "title": "Care", "position": 1, "bands": ("bad",), "hours": 8, "queue": "care"}
    office.run("feedback.loop_policy.create", values)
    assert office.item(office.said(2)).owner_id == office.people["mia"].user_id


@operation("feedback.feedback.label_in_test", title="Label", permission="feedback.feedback.update")
def label(session: CrmSession) -> None:
    """Say that all feedback is about safety."""
    theme = Theme(name="safety", title="Safety", words=[], active=True)
    session.add(theme)
    session.flush()
    for each in session.scalars(select(Feedback)):
        session.add(FeedbackTheme(feedback_id=each.id, theme_id=theme.id, state="on", way="person"))


def test_a_theme_that_is_found_later_opens_the_loop(office: Office) -> None:
    """A policy about a theme fits once feedback is known to be about it; not what a person has decided about."""

    item, decided = office.said(9), office.said(9, loop=False)
    office.crm.registry.add("feedback", "operation", [label])
    office.run("feedback.feedback.label_in_test")
    values = {"name": "safety", "title": "Safety", "position": 1, "hours": 4, "theme": "safety"}
    office.run("feedback.loop_policy.create", values)
    office.run("feedback.feedback.tick")
    assert office.item(item).loop
    assert not office.item(decided).loop
