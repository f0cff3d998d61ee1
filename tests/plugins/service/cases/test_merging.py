"""Merging cases, undoing that, splitting messages off, and linking cases."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from crmkit_service.cases.errors import GoneElsewhere, LinkRefused, MergeRefused
from crmkit_service.cases.talking import thread_of
from crmkit_work.notices.models import Notice
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.errors import InvalidInput
from tests.plugins.service.cases.conftest import Base, kinds_of, opened


def texts_of(base: Base, case: UUID) -> list[str]:
    """Return what was said in a case."""
    with base.crm.session(base.system) as session:
        return [each.body for each in thread_of(session, base.case(case))]


def two(base: Base) -> tuple[UUID, UUID]:
    """Open two cases of the customer, each with a message."""
    return opened(base, body="One"), opened(base, body="Two")


def test_a_merged_case_leads_to_the_survivor(crm: CRM) -> None:
    """What was said goes over; whatever the customer still writes to the merged case stands in the survivor."""
    base = Base.of(crm)
    one, two_ = two(base)
    base.run("service.case.merge", {"into_id": one}, target=two_)
    merged = base.case(two_)
    assert (merged.state, merged.phase, merged.merged_into_id) == ("merged", "closed", one)
    assert (texts_of(base, one), texts_of(base, two_)) == (["One", "Two"], [])
    assert base.run("service.case.receive", {"body": "Three"}, target=two_).id == one
    assert texts_of(base, one) == ["One", "Two", "Three"]


def test_nothing_is_done_with_a_merged_case(lite: CRM) -> None:
    """The error says where the case goes on."""
    base = Base.of(lite)
    one, two_ = two(base)
    base.run("service.case.merge", {"into_id": one}, target=two_)
    for name, values in (
        ("service.case.reply", {"body": "Yes"}),
        ("service.case.note", {"body": "Yes"}),
        ("service.case.set_state", {"state": "closed"}),
        ("service.case.update", {"subject": "Else"}),
        ("service.case.set_priority", {"priority": "low"}),
        ("service.case.move", {}),
    ):
        with pytest.raises(GoneElsewhere) as refused:
            base.run(name, values, target=two_)
        assert (refused.value.code, refused.value.values["into"]) == ("SVC105", 1001)


def test_a_merge_is_undone_while_nothing_came_after(lite: CRM) -> None:
    """The messages come back, and the case is in the state in which it was."""
    base = Base.of(lite)
    one, two_ = two(base)
    base.run("service.case.set_state", {"state": "on_hold"}, target=two_)
    base.run("service.case.merge", {"into_id": one}, target=two_)
    base.run("service.case.unmerge", target=two_)
    back = base.case(two_)
    assert (back.state, back.phase, back.merged_into_id) == ("on_hold", "paused", None)
    assert (texts_of(base, one), texts_of(base, two_)) == (["One"], ["Two"])


def test_a_merge_is_not_undone_once_somebody_has_written(base: Base) -> None:
    """The survivor has gone on; the messages can be split off instead."""
    one, two_ = two(base)
    base.run("service.case.merge", {"into_id": one}, target=two_)
    base.time.pass_(timedelta(minutes=1))
    base.run("service.case.receive", {"body": "Three"}, target=one)
    with pytest.raises(MergeRefused) as refused:
        base.run("service.case.unmerge", target=two_)
    assert refused.value.code == "SVC103"


def test_cases_that_cannot_be_merged(lite: CRM) -> None:
    """Not into itself, not into another customer's, not into a merged one or spam."""
    base = Base.of(lite)
    one, two_ = two(base)
    other = base.run("customer.create", {"name": "Wu"}).id
    foreign, third = opened(base, customer_id=other), opened(base)
    base.run("service.case.merge", {"into_id": one}, target=third)
    base.run("service.case.set_state", {"state": "spam"}, target=one)
    for into in (two_, foreign, third, one):
        with pytest.raises(MergeRefused):
            base.run("service.case.merge", {"into_id": into}, target=two_)


def test_a_case_that_is_over_is_opened_again_by_what_is_merged_into_it(lite: CRM) -> None:
    """Somebody has to see to what came with it; where its type does not open cases again, it is refused."""
    base = Base.of(lite)
    moves = {"new": ["open", "resolved", "merged"], "open": ["resolved"], "resolved": ["closed"]}
    states = ["new", "open", "resolved", "closed", "merged"]
    final = {"name": "final", "title": "Final", "kind": "support", "states": states, "moves": moves}
    base.run("service.case_type.create", final)
    one, two_ = two(base)
    shut = opened(base, type="final")
    for each in (one, shut):
        base.run("service.case.set_state", {"state": "resolved"}, target=each)
    with pytest.raises(MergeRefused):
        base.run("service.case.merge", {"into_id": shut}, target=two_)
    base.run("service.case.merge", {"into_id": one}, target=two_)
    assert (base.case(one).state, base.case(one).reopened) == ("reopened", 1)


def test_messages_are_split_off_into_a_case_of_their_own(base: Base) -> None:
    """The new case begins when the first of them came, with its own history."""
    case = opened(base, body="The kettle is broken.")
    base.time.pass_(timedelta(hours=1))
    base.run("service.case.receive", {"body": "And where is my order?"}, target=case)
    with base.crm.session(base.system) as session:
        second = thread_of(session, base.case(case))[1].message
    new = base.run("service.case.split", {"messages": [second.id], "subject": "An order"}, target=case)
    assert (new.number, new.subject, new.opened_at, new.last_in_at) == (1002, "An order", base.time.now, base.time.now)
    assert (texts_of(base, case), texts_of(base, new.id)) == (["The kettle is broken."], ["And where is my order?"])
    assert base.case(case).last_in_at == base.time.now - timedelta(hours=1)
    with base.crm.session(base.system) as session:
        assert kinds_of(session, new.id) == ["opened", "customer_message", "split"]


def test_something_is_left_of_a_split_case(lite: CRM) -> None:
    """Not all messages, none, and none of another case are split off."""
    base = Base.of(lite)
    one, two_ = two(base)
    with base.crm.session(base.system) as session:
        (own,) = thread_of(session, base.case(one))
    with pytest.raises(MergeRefused):
        base.run("service.case.split", {"messages": [own.message.id]}, target=one)
    for messages in ([], [own.message.id]):
        with pytest.raises(InvalidInput):
            base.run("service.case.split", {"messages": messages}, target=two_)


def test_incidents_follow_their_problem(lite: CRM) -> None:
    """When the problem is resolved, incidents whose customers were answered are resolved too; of the others their
    owners are told."""
    base = Base.of(lite)
    owner = base.user("ann", "service_agent")
    problem, told, untold = opened(base), opened(base, channel="phone"), opened(base, owner_id=owner)
    for each in (told, untold):
        base.run("service.case.relate", {"to_id": problem, "role": "problem"}, target=each)
    base.run("service.case.reply", {"body": "We know of it."}, target=told)
    base.run("service.case.set_state", {"state": "resolved"}, target=problem)
    lite.worker().run_until_idle()
    assert (base.case(told).state, base.case(untold).state) == ("resolved", "new")
    with lite.session(base.system) as session:
        (notice,) = session.scalars(select(Notice)).all()
        assert (notice.user_id, notice.ref) == (owner, f"service.case:{untold}")


def test_cases_are_not_linked_in_circles(lite: CRM) -> None:
    """Neither to themselves nor to their own parts, nor to an incident."""
    base = Base.of(lite)
    one, two_, three = opened(base), opened(base), opened(base)
    base.run("service.case.relate", {"to_id": one, "role": "parent"}, target=two_)
    base.run("service.case.relate", {"to_id": one, "role": "problem"}, target=two_)
    for case, to, role in ((one, two_, "parent"), (one, one, "parent"), (three, two_, "problem")):
        with pytest.raises(LinkRefused) as refused:
            base.run("service.case.relate", {"to_id": to, "role": role}, target=case)
        assert refused.value.code == "SVC104"
    base.run("service.case.unrelate", {"role": "parent"}, target=two_)
    assert base.case(two_).parent_id is None
    assert base.history(two_)[1:] == [
        ("linked", "", "parent 1001"),
        ("linked", "", "problem 1001"),
        ("unlinked", "parent 1001", ""),
    ]
