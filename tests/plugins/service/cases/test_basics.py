"""Opening cases, what is said in them, and their states."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_service.cases.errors import MoveRefused, NotResolvable
from crmkit_service.cases.talking import thread_of

from crmkit import Interaction
from crmkit.app import CRM
from crmkit.errors import InvalidInput, NotFound
from tests.plugins.service.cases.conftest import Base, kinds_of, opened

SAID = "The kettle does not heat."


def test_a_case_has_a_number_a_type_and_what_the_customer_said(crm: CRM) -> None:
    """What the customer says becomes an interaction; the case is new and of the usual type."""
    base = Base.of(crm)
    case = opened(base, body=SAID, channel="form")
    found = base.case(case)
    assert (found.number, found.kind, found.state, found.phase) == (1001, "consultation", "new", "open")
    with crm.session(base.system) as session:
        (said,) = thread_of(session, found)
        assert (said.message.direction, said.body, found.last_in_at) == ("in", SAID, found.opened_at)
        assert kinds_of(session, case) == ["opened", "customer_message"]
        interaction = session.get_one(Interaction, said.message.interaction_id)
        assert (interaction.kind, interaction.payload) == ("service.message", {"number": 1001})


def test_a_case_is_opened_once_for_its_external_id(lite: CRM) -> None:
    """However often another system brings it, it is the same case, with one message."""
    base = Base.of(lite)
    first = opened(base, body=SAID, source="shop", external_id="7")
    again = opened(base, body=SAID, source="shop", external_id="7")
    assert first == again
    with lite.session(base.system) as session:
        assert kinds_of(session, first) == ["opened", "customer_message"]


def test_what_cannot_be_opened_is_said(lite: CRM) -> None:
    """An unknown type, queue and customer, an empty subject, an external id without its source."""
    base = Base.of(lite)
    for values, error in (
        ({"type": "quarrel"}, NotFound),
        ({"queue": "nowhere"}, NotFound),
        ({"customer_id": base.system_id}, NotFound),
        ({"subject": "  "}, InvalidInput),
        ({"external_id": "7"}, InvalidInput),
        ({"about": "contract 7"}, InvalidInput),
        ({"purchase_id": base.system_id}, InvalidInput),
    ):
        with pytest.raises(error):
            opened(base, **values)


def test_an_answer_opens_a_new_case_and_is_somebodys_contact(lite: CRM) -> None:
    """The first answer makes a new case an open one; by a channel that needs no sending it is recorded at once."""
    base = Base.of(lite)
    case = opened(base, body=SAID, channel="chat")
    message = base.run("service.case.reply", {"body": "Is it plugged in?"}, target=case)
    found = base.case(case)
    assert (found.state, found.last_out_at, message.delivery) == ("open", message.at, "none")
    with lite.session(base.system) as session:
        assert kinds_of(session, case) == ["opened", "customer_message", "agent_message", "state"]
        answer = session.get_one(Interaction, message.interaction_id)
        assert (answer.kind, answer.direction, answer.body) == ("chat", "out", "Is it plugged in?")


def test_an_answer_of_a_machine_is_nobodys_contact(lite: CRM) -> None:
    """It changes no state, and is no answer of a person."""
    base = Base.of(lite)
    case = opened(base, body=SAID, channel="chat")
    base.run("service.case.reply", {"body": "We have it.", "automatic": True}, target=case)
    found = base.case(case)
    assert (found.state, found.last_out_at) == ("new", None)
    with lite.session(base.system) as session:
        assert kinds_of(session, case) == ["opened", "customer_message", "auto_message"]


def test_a_note_is_no_interaction_and_not_public(lite: CRM) -> None:
    """What colleagues write stays among them."""
    base = Base.of(lite)
    case = opened(base, body=SAID)
    base.run("service.case.note", {"body": "He sounds angry."}, target=case)
    with lite.session(base.system) as session:
        found = base.case(case)
        assert [(each.body, each.message.interaction_id) for each in thread_of(session, found)][1:] == [
            ("He sounds angry.", None)
        ]
        assert [each.body for each in thread_of(session, found, public=True)] == [SAID]


@pytest.mark.parametrize("state", ["waiting_customer", "waiting_third_party", "on_hold"])
def test_a_waiting_case_is_open_again_when_the_customer_writes(lite: CRM, state: str) -> None:
    """Whatever it waited for: somebody has to look at what the customer says."""
    base = Base.of(lite)
    case = opened(base, body=SAID)
    base.run("service.case.set_state", {"state": state}, target=case)
    assert base.case(case).phase == "paused"
    base.run("service.case.receive", {"body": "Any news?"}, target=case)
    assert (base.case(case).state, base.case(case).phase) == ("open", "open")


def test_a_message_soon_after_reopens_the_case(base: Base) -> None:
    """Within the days of its type the same case goes on, once more counted."""
    case = opened(base, body=SAID)
    base.run("service.case.set_state", {"state": "resolved"}, target=case)
    assert base.case(case).resolved_at == base.time.now
    base.time.pass_(timedelta(days=7))
    same = base.run("service.case.receive", {"body": "It is broken again."}, target=case)
    found = base.case(case)
    assert (same.id, found.state, found.reopened, found.resolved_at) == (case, "reopened", 1, None)


def test_a_message_much_later_opens_a_case_that_continues(base: Base) -> None:
    """After the days of its type a new case follows the old one, which stays as it is; a second delivery of the same
    message opens no third one."""
    case = opened(base, body=SAID)
    base.run("service.case.set_state", {"state": "resolved"}, target=case)
    base.time.pass_(timedelta(days=7, seconds=1))
    said = {"body": "Broken again.", "source": "app", "external_id": "m2"}
    new = base.run("service.case.receive", said, target=case)
    again = base.run("service.case.receive", said, target=case)
    assert (new.follows_id, new.number, base.case(case).state) == (case, 1002, "resolved")
    assert again.id == new.id


def test_a_message_is_added_once(lite: CRM) -> None:
    """What has the same source and external id is the same message."""
    base = Base.of(lite)
    case = opened(base, body=SAID)
    for _again in range(2):
        base.run("service.case.receive", {"body": "More", "source": "app", "external_id": "m1"}, target=case)
    with lite.session(base.system) as session:
        assert kinds_of(session, case) == ["opened", "customer_message", "customer_message"]


def test_an_illegal_move_says_what_is_allowed(lite: CRM) -> None:
    """A closed case does not wait; it can be opened again."""
    base = Base.of(lite)
    case = opened(base)
    for state in ("resolved", "closed"):
        base.run("service.case.set_state", {"state": state}, target=case)
    with pytest.raises(MoveRefused) as refused:
        base.run("service.case.set_state", {"state": "waiting_customer"}, target=case)
    assert refused.value.code == "SVC101"
    assert refused.value.values["allowed"] == "reopened"
    base.run("service.case.set_state", {"state": "reopened"}, target=case)
    assert (base.case(case).phase, base.case(case).closed_at) == ("open", None)


def test_a_type_says_what_is_needed_to_resolve(lite: CRM) -> None:
    """A complaint is not resolved before it was answered and its cause is known; the error names each field."""
    base = Base.of(lite)
    case = opened(base, type="complaint", body=SAID)
    assert base.case(case).priority == "high"
    with pytest.raises(NotResolvable) as refused:
        base.run("service.case.set_state", {"state": "resolved"}, target=case)
    assert [each.field for each in refused.value.problems] == ["answer", "complaint.root_cause", "complaint.upheld"]


def test_what_changes_is_written_down(lite: CRM) -> None:
    """Priority, severity, type and queue, with what was before and after; what stays leaves no trace."""
    base = Base.of(lite)
    queue = base.run("work.queue.create", {"name": "repairs", "title": "Repairs"})
    case = opened(base)
    base.run("service.case.set_priority", {"priority": "urgent"}, target=case)
    base.run("service.case.set_priority", {"priority": "urgent"}, target=case)
    base.run("service.case.move", {"queue": "repairs"}, target=case)
    base.run("service.case.update", {"severity": "major", "type": "support", "intent": "repair"}, target=case)
    assert base.case(case).kind == "support"
    assert base.history(case) == [
        ("opened", "", "new"),
        ("priority", "normal", "urgent"),
        ("queue", "", str(queue.id)),
        ("type", "consultation", "support"),
        ("severity", "", "major"),
        ("intent", "", "repair"),
    ]
