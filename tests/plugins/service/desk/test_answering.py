"""Answering from the page: nothing goes out over what has come meanwhile, nothing that was written is lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_service.cases.models import CaseMessage
from crmkit_service.desk.answering import draft_of
from crmkit_service.desk.errors import UnfilledField
from crmkit_service.desk.models import ReplyDraft, SuggestionUse
from sqlalchemy import select

from tests.plugins.service.desk.agents import SYSTEM, number_of, opened, user
from tests.web.conftest import Web


def last(web: Web, case_id: UUID) -> CaseMessage:
    """Return the last message of a case."""
    with web.crm.session(SYSTEM) as session:
        query = select(CaseMessage).where(CaseMessage.case_id == case_id).order_by(CaseMessage.at, CaseMessage.id)
        return list(session.scalars(query))[-1]


def draft(web: Web, case: Any, login: str) -> ReplyDraft | None:
    """Return somebody's draft for a case, with its text read."""
    with web.crm.session(user(web.crm, login)) as session:
        found = draft_of(session, number_of(web.crm, case.id))
        if found is not None:
            _read = found.body
        return found


def test_an_answer_is_filled_in_and_sent(desk: Web) -> None:
    """With the state that it is to have then, and what was kept of it is gone."""
    case = opened(desk.crm, desk.customers["Sofia Rossi"])
    sue = user(desk.crm, "sue")
    desk.crm.run(sue, "service.draft.keep", {"body": "Dear"}, target=case)
    text = "Dear {{ customer.name }}, it is case {{ case.number }}. {{ agent.name }}"
    seen = last(desk, case.id).id
    message = desk.crm.run(
        sue, "service.case.answer", {"body": text, "seen": seen, "then": "waiting_customer"}, target=case
    )
    with desk.crm.session(sue) as session:
        said = session.get_one(CaseMessage, message.id)
        assert said.body == f"Dear Sofia Rossi, it is case {case.number}. Sue Support"
    assert number_of(desk.crm, case.id).state == "waiting_customer"
    assert draft(desk, case, "sue") is None


def test_an_answer_over_another_one_is_held(sqlite_web: Web) -> None:
    """What was written is kept and not sent; once what is new was seen it goes."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    seen = last(sqlite_web, case.id).id
    sue, mia = user(crm, "sue"), user(crm, "mia")
    crm.run(mia, "service.case.answer", {"body": "It is on its way.", "seen": seen}, target=case)
    held = crm.run(sue, "service.case.answer", {"body": "I do not know.", "seen": seen}, target=case)
    assert isinstance(held, ReplyDraft)
    kept = draft(sqlite_web, case, "sue")
    assert kept is not None
    assert (kept.held, kept.body, kept.seen_id) == (True, "I do not know.", seen)
    assert last(sqlite_web, case.id).author_id == sqlite_web.users["mia"]
    newest = last(sqlite_web, case.id).id
    crm.run(sue, "service.case.answer", {"body": "I do not know.", "seen": newest}, target=case)
    assert last(sqlite_web, case.id).author_id == sqlite_web.users["sue"]
    assert draft(sqlite_web, case, "sue") is None


def test_a_message_of_the_customer_holds_an_answer_back(sqlite_web: Web) -> None:
    """A note of a colleague, and what the same person wrote, do not."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    seen = last(sqlite_web, case.id).id
    sue = user(crm, "sue")
    crm.run(user(crm, "mia"), "service.case.note", {"body": "She called."}, target=case)
    sent = crm.run(sue, "service.case.answer", {"body": "One", "seen": seen}, target=case)
    assert isinstance(sent, CaseMessage)
    assert isinstance(crm.run(sue, "service.case.answer", {"body": "Two", "seen": seen}, target=case), CaseMessage)
    crm.run(SYSTEM, "service.case.receive", {"body": "Forget it!"}, target=case)
    assert isinstance(crm.run(sue, "service.case.answer", {"body": "Three", "seen": seen}, target=case), ReplyDraft)


def test_a_note_is_never_held(sqlite_web: Web) -> None:
    """It goes to colleagues; fields in it stay as they are written."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    seen = last(sqlite_web, case.id).id
    crm.run(SYSTEM, "service.case.receive", {"body": "Hello?"}, target=case)
    note = crm.run(
        user(crm, "sue"), "service.case.answer", {"body": "{{ x }}", "kind": "note", "seen": seen}, target=case
    )
    assert (note.direction, note.body) == ("internal", "{{ x }}")


def test_a_field_without_a_value_is_not_sent(sqlite_web: Web) -> None:
    """Unless something stands in for it."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Blue Kettle Ltd"])
    mia = user(crm, "mia")
    with pytest.raises(UnfilledField, match=r"There is no value for case\.product"):
        crm.run(mia, "service.case.answer", {"body": "About {{ case.product }}"}, target=case)
    text = "About {{ case.product | your order }}"
    sent = crm.run(mia, "service.case.answer", {"body": text}, target=case)
    assert sent.body == "About your order"


def test_a_file_goes_along(sqlite_web: Web) -> None:
    """It is kept among the customer's files, and the message names it."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    file = {"filename": "label.txt", "content": b"Return label"}
    sent = crm.run(user(crm, "sue"), "service.case.answer", {"body": "Here it is.", "file": file}, target=case)
    assert len(sent.files) == 1


def test_what_an_answer_was_made_of_is_recorded(sqlite_web: Web) -> None:
    """So that it can be counted how often a suggestion helped."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    reply = crm.run(sue, "service.saved_reply.create", {"title": "On its way", "body": "It is on its way."})
    values = {"body": "It is on its way.", "used_from": "saved_reply", "used_id": reply.id}
    crm.run(sue, "service.case.answer", values, target=case)
    with crm.session(SYSTEM) as session:
        use = session.scalars(select(SuggestionUse)).one()
        assert (use.case_id, use.used_from, use.source_id, use.user_id) == (
            case.id,
            "saved_reply",
            reply.id,
            sqlite_web.users["sue"],
        )


def test_a_draft_is_kept_and_discarded(sqlite_web: Web) -> None:
    """It is its writer's alone, and empty it is none."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    crm.run(sue, "service.draft.keep", {"body": "Dear", "kind": "note"}, target=case)
    kept = draft(sqlite_web, case, "sue")
    assert kept is not None
    assert (kept.kind, kept.held) == ("note", False)
    assert draft(sqlite_web, case, "mia") is None
    crm.run(sue, "service.draft.keep", {"body": "  "}, target=case)
    assert draft(sqlite_web, case, "sue") is None
    crm.run(sue, "service.draft.keep", {"body": "Again"}, target=case)
    crm.run(sue, "service.draft.discard", {}, target=case)
    assert draft(sqlite_web, case, "sue") is None
