"""Saved replies: adding, changing and removing them, and what one says for a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import func, select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit_service.cases.models import Case
from crmkit_service.desk.filling import check_fields, filled, values_for
from crmkit_service.desk.models import SavedReply, SuggestionUse
from crmkit_service.desk.sharing import Scope, placed, require_mine

_ = texts("crmkit_service")

RESOURCE = "service.saved_reply"

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Body = Annotated[
    str,
    Input(
        title=_("Text"),
        max_length=10_000,
        multiline=True,
        classified="internal",
        help=_("Fields in double braces are filled in, such as customer.name; a bar says what stands there otherwise."),
    ),
]
Language = Annotated[str, Input(title=_("Language"), max_length=12, classified="internal", help=_("Empty: any."))]
Intent = Annotated[str | None, Input(title=_("For the intent"), max_length=80, classified="internal")]


@operation("service.saved_reply.create", title=_("Add a saved reply"), effect="create")
def create_reply(
    session: CrmSession,
    *,
    title: Title,
    body: Body,
    scope: Scope = "personal",
    language: Language = "",
    intent: Intent = None,
) -> SavedReply:
    """Keep a text to answer with. Raises InvalidInput for fields that there are not, Refused for others' without the
    right."""
    _check(title, body)
    reply = SavedReply(
        title=title.strip(), body=body, language=language, intent=intent or None, **placed(session, scope, RESOURCE)
    )
    session.add(reply)
    return reply


@attrs.frozen(kw_only=True)
class SavedReplyChanges:
    """What is to be changed of a saved reply; what is not given stays."""

    title: Title | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    intent: Intent | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("service.saved_reply.update", title=_("Change the saved reply"), effect="update")
def update_reply(session: CrmSession, reply: SavedReply, changes: SavedReplyChanges) -> SavedReply:
    """Change a saved reply. Raises as adding one does."""
    require_mine(session, reply, RESOURCE)
    values = given(changes)
    _check(values.get("title", reply.title), values.get("body", reply.body))
    for name, value in values.items():
        setattr(reply, name, value)
    return reply


@operation("service.saved_reply.delete", title=_("Remove the saved reply"), effect="delete")
def delete_reply(session: CrmSession, reply: SavedReply) -> None:
    """Remove a saved reply; what was answered with it stays. Raises Refused for others' without the right."""
    require_mine(session, reply, RESOURCE)
    session.delete(reply)


def offered(session: CrmSession, case: Case) -> list[SavedReply]:
    """Return the saved replies that whoever acts has for a case: those for its intent first, then by how often they
    were used lately. Those in another language than the case's are left out."""
    query = select(SavedReply).where(SavedReply.active).order_by(SavedReply.title, SavedReply.id)
    language = case.language or ""
    found = [each for each in session.scalars(query) if not each.language or not language or each.language == language]
    uses = times_used(session, "saved_reply")
    return sorted(found, key=lambda each: (each.intent is None or each.intent != case.intent, -uses.get(each.id, 0)))


def times_used(session: CrmSession, used_from: str) -> dict[UUID, int]:
    """Return how often each suggestion of a kind was used within the last 90 days, by its id."""
    since = session.gate.clock.business_now() - timedelta(days=90)
    query = (
        select(SuggestionUse.source_id, func.count().label("uses"))
        .where(SuggestionUse.used_from == used_from, SuggestionUse.at >= since)
        .group_by(SuggestionUse.source_id)
    )
    return {row.source_id: row.uses for row in session.execute(query)}


def said_for(session: CrmSession, reply: SavedReply, case: Case) -> str:
    """Return what a saved reply says for a case."""
    return filled(reply.body, values_for(session, case))


def _check(title: str, body: str) -> None:
    problems = check_fields(body)
    if not title.strip():
        problems.append(Problem(InvalidInput.code, _("This cannot be empty."), field="title"))
    if not body.strip():
        problems.append(Problem(InvalidInput.code, _("This cannot be empty."), field="body"))
    if problems:
        raise InvalidInput(problems)


OPERATIONS = [create_reply, update_reply, delete_reply]
