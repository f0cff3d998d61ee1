"""Saved replies, macros, kept views and changes of several cases: for whom they are, what they do, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_service.cases.models import CaseMessage
from crmkit_service.desk.bulk import NotDone
from crmkit_service.desk.errors import StepRefused
from crmkit_service.desk.filling import check_fields, filled, unfilled
from crmkit_service.desk.macros import foreseen
from crmkit_service.desk.models import Macro, SavedReply
from crmkit_service.desk.suggesting import suggestions_for
from crmkit_service.desk.views import Wanted, listed
from sqlalchemy import func, select

from crmkit.errors import InvalidInput, NotFound, Refused
from tests.plugins.service.desk.agents import SYSTEM, number_of, opened, user
from tests.web.conftest import Web


def titles(web: Web, login: str, model: Any = SavedReply) -> list[str]:
    """Return the titles that somebody sees."""
    with web.crm.session(user(web.crm, login)) as session:
        return list(session.scalars(select(model.title).order_by(model.title)))


def test_fields_are_filled_in_and_nothing_else() -> None:
    """Whatever a text says, it is looked up or it stays."""
    values = {"customer.name": "Lin {{ agent.name }}", "case.number": "7"}
    assert filled("{{customer.name}}, {{ case.number }}", values) == "Lin {{ agent.name }}, 7"
    assert filled("{{ customer.given_name | you }} {{ today }}", values) == "you {{ today }}"
    assert filled("{{ ''.__class__ }} {% if 1 %}", values) == "{{ ''.__class__ }} {% if 1 %}"
    assert unfilled("{{ today }} and {{ today }}, {{ agent.name }}") == ["today", "agent.name"]
    assert [str(each.message) for each in check_fields("{{ customer.nam }}")] == ['There is no field "{name}".']


def test_a_reply_of_ones_own_is_seen_by_nobody_else(desk: Web) -> None:
    """Those of everybody are; only who may manage them adds and changes them."""
    sue, mia = user(desk.crm, "sue"), user(desk.crm, "mia")
    own = desk.crm.run(sue, "service.saved_reply.create", {"title": "Mine", "body": "Hello"})
    all_ = desk.crm.run(mia, "service.saved_reply.create", {"title": "Ours", "body": "Hello", "scope": "global"})
    assert titles(desk, "sue") == ["Mine", "Ours"]
    assert titles(desk, "mia") == ["Ours"]
    with pytest.raises(NotFound):
        desk.crm.run(mia, "service.saved_reply.update", {"title": "Theirs"}, target=own)
    with pytest.raises(Refused):
        desk.crm.run(sue, "service.saved_reply.update", {"title": "Theirs"}, target=all_)
    with pytest.raises(Refused):
        desk.crm.run(sue, "service.saved_reply.create", {"title": "Ours", "body": "Hello", "scope": "global"})
    with pytest.raises(InvalidInput, match=r'There is no field "customer\.nam"'):
        desk.crm.run(sue, "service.saved_reply.update", {"body": "{{ customer.nam }}"}, target=own)
    desk.crm.run(sue, "service.saved_reply.delete", {}, target=own)
    assert titles(desk, "sue") == ["Ours"]


def test_a_reply_of_a_team_is_its_members(sqlite_web: Web) -> None:
    """And of no other team."""
    given = {"title": "North", "body": "Hello", "scope": "team"}
    sqlite_web.crm.run(user(sqlite_web.crm, "mia"), "service.saved_reply.create", given)
    assert titles(sqlite_web, "sam") == ["North"]
    assert titles(sqlite_web, "sue") == []


def test_a_macro_does_all_or_nothing(desk: Web) -> None:
    """With a step that is refused nothing is done, and it says which one and why."""
    crm = desk.crm
    case = opened(crm, desk.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    steps = [
        {"act": "reply", "value": "Dear {{ customer.name }}, a photo please."},
        {"act": "priority", "value": "high"},
        {"act": "owner", "value": "me"},
        {"act": "state", "value": "waiting_customer"},
    ]
    macro = crm.run(sue, "service.macro.create", {"title": "Photo", "steps": steps})
    with crm.session(sue) as session:
        seen = foreseen(session, session.get_one(Macro, macro.id), number_of(crm, case.id))
        assert [(each.act, str(each.value), each.text) for each in seen] == [
            ("reply", "", "Dear Sofia Rossi, a photo please."),
            ("priority", "High", ""),
            ("owner", "Sue Support", ""),
            ("state", "Waiting for the customer", ""),
        ]
    crm.run(sue, "service.case.run_macro", {"macro_id": macro.id}, target=case)
    now = number_of(crm, case.id)
    assert (now.priority, now.owner_id, now.state) == ("high", desk.users["sue"], "waiting_customer")
    closing = [{"act": "note", "value": "Done"}, {"act": "state", "value": "closed"}]
    wrong = crm.run(sue, "service.macro.create", {"title": "Close", "steps": closing})
    with pytest.raises(StepRefused, match="Step 2 of the macro cannot be taken"):
        crm.run(sue, "service.case.run_macro", {"macro_id": wrong.id}, target=case)
    with crm.session(SYSTEM) as session:
        query = select(func.count()).select_from(CaseMessage).where(CaseMessage.direction == "internal")
        assert session.scalar(query) == 0


def test_a_macro_names_what_there_is(sqlite_web: Web) -> None:
    """States, priorities, queues, people and intents that there are not are refused, each at its step."""
    steps = [
        {"act": "state", "value": "merged"},
        {"act": "priority", "value": "soon"},
        {"act": "queue", "value": "none"},
        {"act": "owner", "value": "nobody-known"},
        {"act": "intent", "value": "unknown"},
        {"act": "note", "value": " "},
    ]
    with pytest.raises(InvalidInput) as refused:
        sqlite_web.crm.run(user(sqlite_web.crm, "sue"), "service.macro.create", {"title": "x", "steps": steps})
    assert [each.field for each in refused.value.problems] == [f"steps.{number}.value" for number in range(6)]


def test_several_cases_are_changed_each_by_itself(sqlite_web: Web) -> None:
    """What is refused of one is said, and the others are done."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    first, second, third = (opened(crm, sofia, text) for text in ("First", "Second", "Third"))
    sue = user(crm, "sue")
    crm.run(sue, "service.case.set_state", {"state": "resolved"}, target=second)
    cases = [first.id, second.id, third.id]
    failed = crm.run(sue, "service.case.bulk", {"cases": cases, "state": "on_hold"})
    assert [(each.number, "does not go from" in each.reason) for each in failed] == [(second.number, True)]
    assert isinstance(failed[0], NotDone)
    assert [number_of(crm, each).state for each in cases] == ["on_hold", "resolved", "on_hold"]
    assert crm.run(sue, "service.case.bulk", {"cases": [third.id, first.id], "act": "merge"}) == []
    assert number_of(crm, third.id).merged_into_id == first.id
    assert crm.run(sue, "service.case.bulk", {"cases": [first.id], "priority": "urgent"}) == []
    assert number_of(crm, first.id).priority == "urgent"
    for wrong in ({"cases": [first.id]}, {"cases": [], "act": "take"}, {"cases": [first.id], "act": "merge"}):
        with pytest.raises(InvalidInput):
            crm.run(sue, "service.case.bulk", wrong)


def test_a_view_shows_what_it_says(desk: Web) -> None:
    """Due first, those without a deadline last; by words, by number, by kept filters; page after page."""
    crm, sofia = desk.crm, desk.customers["Sofia Rossi"]
    made = [
        opened(crm, sofia, f"Parcel {number}", type="complaint" if number % 2 else "support") for number in range(5)
    ]
    sue = user(crm, "sue")
    for case in made[:2]:
        crm.run(sue, "service.case.take", {}, target=case)
    crm.run(sue, "service.case.set_state", {"state": "on_hold"}, target=made[1])

    def shown(**wanted: Any) -> list[int]:
        with crm.session(sue) as session:
            return sorted(case.number - made[0].number for case in listed(session, Wanted(**wanted))[0])

    assert shown(view="mine") == [0, 1]
    assert shown(view="unassigned") == [2, 3, 4]
    assert shown(view="open") == [0, 2, 3, 4]
    assert shown(view="waiting") == [1]
    assert shown(view="open", kind="complaint") == [3]
    assert shown(view="mine", text=str(made[4].number)) == [4]
    kept = crm.run(sue, "service.view.create", {"title": "Complaints", "view": "unassigned", "kind": "complaint"})
    assert shown(view=str(kept.id)) == [3]
    with crm.session(sue) as session:
        pages = [listed(session, Wanted(view="open", page=page), size=3)[0] for page in (1, 2)]
        numbers = [case.number for page in pages for case in page]
        dues = [case.due_at for page in pages for case in page if case.due_at is not None]
    assert sorted(numbers) == sorted(made[place].number for place in (0, 2, 3, 4))
    assert dues == sorted(dues)
    crm.run(sue, "service.view.delete", {}, target=kept)


def test_an_earlier_answer_is_suggested(sqlite_web: Web) -> None:
    """That of a case like this one that is over, and saved replies with its words."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    sue = user(crm, "sue")
    past = opened(crm, sofia, "The kettle leaks at the handle")
    crm.run(sue, "service.case.answer", {"body": "We send a new one.", "then": "resolved"}, target=past)
    crm.run(sue, "service.saved_reply.create", {"title": "Kettle leaks", "body": "Sorry, {{ customer.name }}."})
    crm.run(sue, "service.saved_reply.create", {"title": "Invoices", "body": "Enclosed."})
    crm.worker().run_until_idle()
    case = opened(crm, sofia, "My kettle leaks")
    with crm.session(sue) as session:
        found = suggestions_for(session, number_of(crm, case.id))
    assert [(each.used_from, each.text, each.number) for each in found] == [
        ("saved_reply", "Sorry, Sofia Rossi.", None),
        ("answer", "We send a new one.", past.number),
    ]
