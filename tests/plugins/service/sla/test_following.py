"""Clocks of cases as they are kept: within every change, and all at once after a change of policy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from crmkit_service.cases.history import events_of
from crmkit_service.sla.models import Policy
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.core.operations.worker import Worker
from crmkit.errors import AlreadyExists
from tests.plugins.service.sla.conftest import Base, clocks_of, due_of, later, opened, recompute, tick

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def policy(base: Base, name: str) -> Policy:
    """Return a policy."""
    with base.crm.session(base.system) as session:
        return session.scalars(select(Policy).where(Policy.name == name)).one()


def change(base: Base, name: str, **values: object) -> None:
    """Change a policy."""
    base.run("service.sla_policy.update", values, target=policy(base, name).id)


def test_a_new_case_is_due_at_once(desks: Base) -> None:
    """A case has its clocks, and is due by the first response, in the transaction that opens it."""
    case = opened(desks)
    found = clocks_of(desks, case)
    assert {name: each.state for name, each in found.items()} == {"first_response": "running", "resolution": "running"}
    assert due_of(desks, case) == ("first_response", NINE + timedelta(hours=8), False)


def test_an_answer_moves_the_deadline(desks: Base) -> None:
    """The first answer meets its clock, and the case is due by the next one in the same transaction."""
    case = opened(desks)
    later(desks, 2)
    desks.run("service.case.reply", {"body": "We look into it.", "channel": "chat"}, target=case)
    found = clocks_of(desks, case)
    assert (found["first_response"].state, found["first_response"].consumed) == ("met", 7200)
    assert due_of(desks, case)[0] == "resolution"
    desks.run("service.case.receive", {"body": "And now?"}, target=case)
    assert due_of(desks, case)[0] == "next_response"


def test_a_case_that_waits_is_due_by_nothing(desk: Base) -> None:
    """While a case waits for the customer its resolution is paused; it goes on with what was left."""
    case = opened(desk)
    desk.run("service.case.reply", {"body": "Which one?", "channel": "chat", "state": "waiting_customer"}, target=case)
    assert (due_of(desk, case)[1], clocks_of(desk, case)["resolution"].state) == (None, "paused")
    later(desk, 4)
    desk.run("service.case.receive", {"body": "The red one."}, target=case)
    assert clocks_of(desk, case)["resolution"].due_at == datetime(2026, 3, 6, 17, 0, tzinfo=UTC) + timedelta(hours=68)


def test_a_priority_that_rises_brings_the_deadline_forward(desk: Base) -> None:
    """What was used up stays used up under the target of another priority."""
    case = opened(desk)
    later(desk, 0.5)
    desk.run("service.case.set_priority", {"priority": "urgent"}, target=case)
    assert due_of(desk, case)[1] == NINE + timedelta(hours=1)


def test_who_is_of_a_better_plan_is_answered_sooner(desk: Base) -> None:
    """The most special policy that fits holds, and the history of the case says which."""
    desk.run("customer.pin_label", {"dimension": "service_level", "label": "premium"}, target=desk.customer)
    case = opened(desk)
    assert due_of(desk, case)[1] == NINE + timedelta(hours=2)
    with desk.crm.session(desk.system) as session:
        assert [each.after for each in events_of(session, case) if each.kind == "policy"] == ["premium"]


def test_a_contract_goes_before_everything(desk: Base) -> None:
    """A policy for the contract of one customer holds for that customer's cases, and for no other's."""
    given = {"name": "lin", "terms": "first_response: 10m", "level": "contract", "customer_id": desk.customer}
    desk.run("service.sla_policy.create", {**given, "calendar": "always"})
    other = desk.run("customer.create", {"name": "Wu"}).id
    case, theirs = opened(desk), opened(desk, customer_id=other)
    assert due_of(desk, case)[1] == NINE + timedelta(minutes=10)
    assert due_of(desk, theirs)[1] == NINE + timedelta(hours=8)


def test_a_case_of_another_type_comes_under_another_policy(desk: Base) -> None:
    """When the type changes, the policy does, and the clocks with it; no target of the old one survives."""
    case = opened(desk, type="consultation")
    later(desk, 1)
    desk.run("service.case.update", {"type": "complaint"}, target=case)
    found = clocks_of(desk, case)
    assert due_of(desk, case)[:2] == ("acknowledgement", NINE + timedelta(hours=4))
    assert found["resolution"].due_at == datetime(2026, 3, 13, 17, 0, tzinfo=UTC)


def test_what_is_merged_or_spam_is_due_no_more(desk: Base) -> None:
    """A case that is put aside as spam has no deadline, and gets it back when it was none."""
    case = opened(desk)
    desk.run("service.case.set_state", {"state": "spam"}, target=case)
    assert due_of(desk, case) == (None, None, False)
    later(desk, 1)
    desk.run("service.case.set_state", {"state": "open"}, target=case)
    assert due_of(desk, case)[:2] == ("first_response", datetime(2026, 3, 3, 10, 0, tzinfo=UTC))


def test_a_change_of_policy_reaches_all_open_cases(desks: Base) -> None:
    """New terms hold for clocks that run, with what they have used up; what has ended stays as it was."""
    case, answered = opened(desks), opened(desks)
    later(desks, 2)
    desks.run("service.case.reply", {"body": "Here.", "channel": "chat"}, target=answered)
    change(desks, "usual", terms="first_response: 3h\nresolution: 10h")
    Worker(desks.crm).run_until_idle()
    assert due_of(desks, case) == ("first_response", NINE + timedelta(hours=3), False)
    found = clocks_of(desks, answered)
    assert (found["first_response"].state, found["first_response"].target) == ("met", 8 * 3600)
    assert due_of(desks, answered)[:2] == ("resolution", datetime(2026, 3, 3, 11, 0, tzinfo=UTC))


def test_a_policy_that_is_switched_off_takes_its_deadlines_along(desk: Base) -> None:
    """Where no policy holds any more, nothing is due, and nothing escalates."""
    case = opened(desk)
    later(desk, 9)
    for name in ("usual", "complaints", "premium", "extended"):
        change(desk, name, active=False)
    recompute(desk)
    assert due_of(desk, case) == (None, None, False)
    assert {each.state for each in clocks_of(desk, case).values()} == {"cancelled"}
    assert tick(desk).fired == 0


def test_folding_again_changes_nothing(desk: Base) -> None:
    """Who folds all clocks twice writes nothing the second time, and finds what was kept within each change."""
    case = opened(desk)
    later(desk, 1)
    desk.run("service.case.reply", {"body": "Here.", "channel": "chat"}, target=case)
    assert (recompute(desk).clocks, recompute(desk).shown) == (0, 0)


def test_another_calendar_counts_from_when_the_team_has_the_case(desk: Base) -> None:
    """A policy by the calendar of every second is due by the wall clock."""
    change(desk, "usual", calendar="always")
    case = opened(desk)
    assert due_of(desk, case)[1] == NINE + timedelta(hours=8)
    later(desk, 4)
    assert clocks_of(desk, case)["resolution"].due_at == NINE + timedelta(hours=40)


def test_agreements_have_clocks_of_their_own(desk: Base) -> None:
    """The team of a queue and a third party have their own deadlines, beside that of the customer."""
    desk.run("work.queue.create", {"name": "second", "title": "Second level"})
    desk.run("service.sla_policy.create", {"name": "ola2", "kind": "ola", "terms": "1h", "queues": ["second"]})
    desk.run("service.sla_policy.create", {"name": "vendor", "kind": "uc", "terms": "2h"})
    case = opened(desk)
    desk.run("service.case.move", {"queue": "second"}, target=case)
    later(desk, 0.5)
    desk.run("service.case.set_state", {"state": "waiting_third_party"}, target=case)
    found = clocks_of(desk, case)
    assert (found["ola"].state, found["ola"].consumed) == ("paused", 1800)
    assert found["uc"].due_at == NINE + timedelta(hours=2.5)
    assert due_of(desk, case)[:2] == ("first_response", NINE + timedelta(hours=8))


def test_who_sees_no_case_still_moves_its_clocks(desk: Base) -> None:
    """Where a change is made by somebody who cannot see the case, a job of the system folds its clocks."""
    role = desk.run("role.create", {"name": "stranger", "title": "Stranger"}).id
    for action in ("read", "update"):
        desk.run("role.grant", {"resource": "service.case", "action": action, "scope": "own"}, target=role)
    eve = desk.user("eve", "stranger")
    case = opened(desk)
    change(desk, "usual", active=False)
    desk.crm.run(Actor.user(eve, "Eve"), "service.sla.follow", {"case_id": case})
    assert due_of(desk, case)[0] == "first_response"
    Worker(desk.crm).run_until_idle()
    assert due_of(desk, case)[0] is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "usual"}, AlreadyExists),
        ({"name": "Gold!"}, InvalidInput),
        ({"terms": "soon"}, InvalidInput),
        ({"condition": "customer.nothing == 1"}, InvalidInput),
        ({"types": ["question"]}, NotFound),
        ({"queues": ["nowhere"]}, NotFound),
        ({"calendar": "moon"}, NotFound),
        ({"terms": "resolution: 1h; calendar moon"}, NotFound),
    ],
)
def test_policies_that_cannot_be(desk: Base, values: dict[str, object], error: type[Exception]) -> None:
    """What a policy names has to be there, and what it says has to be understood."""
    with pytest.raises(error):
        desk.run("service.sla_policy.create", {"name": "gold", "terms": "resolution: 1h", **values})


def test_a_question_that_comes_over_is_due_from_the_merge_on(desks: Base) -> None:
    """What nobody answered in a merged case has to be answered in the survivor, which is worked on again; undoing the
    merge takes that back, and an answered case brings none."""
    survivor = opened(desks)
    desks.run("service.case.reply", {"body": "Since when?", "channel": "chat"}, target=survivor)
    desks.run("service.case.set_state", {"state": "waiting_customer"}, target=survivor)
    answered, asking = (opened(desks, body="And the lid?") for _each in range(2))
    later(desks, 2)
    desks.run("service.case.reply", {"body": "It is on its way.", "channel": "chat"}, target=answered)
    desks.run("service.case.merge", {"into_id": survivor}, target=answered)
    assert ("next_response" in clocks_of(desks, survivor), desks.case(survivor).state) == (False, "waiting_customer")
    desks.run("service.case.merge", {"into_id": survivor}, target=asking)
    found = clocks_of(desks, survivor)["next_response"]
    assert (found.state, found.started_at, found.due_at) == ("running", later(desks, 0), NINE + timedelta(hours=26))
    assert (desks.case(survivor).state, due_of(desks, survivor)[0]) == ("open", "next_response")
    later(desks, 1)
    desks.run("service.case.unmerge", target=asking)
    assert clocks_of(desks, survivor)["next_response"].state == "cancelled"
    assert (due_of(desks, survivor)[0], due_of(desks, asking)[0]) == ("resolution", "first_response")
    desks.run("service.case.merge", {"into_id": survivor}, target=asking)
    desks.run("service.case.reply", {"body": "The lid, too.", "channel": "chat"}, target=survivor)
    assert clocks_of(desks, survivor)["next_response"].state == "met"
