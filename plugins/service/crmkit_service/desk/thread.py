"""What is shown of a case in the order of time: what was said, and between it what was done, in words.

Names stand for ids. Must not change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import Attachment, CrmSession, texts
from crmkit_service.cases.history import events_of
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage
from crmkit_service.cases.talking import Said, thread_of
from crmkit_service.cases.words import PRIORITIES, SEVERITIES, STATES
from crmkit_service.desk.showing import queue_titles, user_names
from crmkit_service.desk.views import identity
from crmkit_service.intents.reading import titles as intent_titles

_ = texts("crmkit_service")

OPENED = _("The case was opened")
TOOK = _("{who} took it")
TOLD: Mapping[str, str] = {
    "opened": OPENED,
    "state": _("{who} set it to {after}"),
    "priority": _("{who} gave it the priority {after}"),
    "severity": _("{who} gave it the severity {after}"),
    "queue": _("{who} moved it to the queue {after}"),
    "owner": _("{who} gave it to {after}"),
    "intent": _("{who} said that it is about {after}"),
    "merged": _("{who} merged cases"),
    "unmerged": _("{who} undid a merge"),
    "split": _("{who} split messages off"),
    "linked": _("{who} linked it to another case"),
    "unlinked": _("{who} removed a link"),
    "acknowledged": _("Its receipt was acknowledged"),
    "escalated": _("It was escalated"),
    "rated": _("The customer rated it with {after} of 5"),
    "complaint": _("{who} noted how the complaint is handled"),
    "after_sale": _("{who} recorded something after the sale"),
}
"""What is told of events between the messages; others are not."""
NOBODY, NO_QUEUE, SYSTEM = _("nobody"), _("none"), _("The system")


@frozen(kw_only=True)
class Item:
    """Something in the thread: a message with its text, author and files, or an event in words."""

    at: datetime
    said: Said | None = None
    author: str = ""
    files: Sequence[Attachment] = ()
    new: bool = False
    text: str = ""
    values: Mapping[str, Any] = field(factory=dict[str, Any])
    """Of an event: marked texts and plain values."""


def items_of(session: CrmSession, case: Case, customer: str, *, new: Sequence[CaseMessage] = ()) -> list[Item]:
    """Return the thread of a case, the first first; ``new`` are messages that stand out."""
    said = thread_of(session, case)
    events = [each for each in events_of(session, case.id) if each.kind in TOLD]
    people = user_names(
        session, {each.message.author_id for each in said} | {each.user_id for each in events} | _owners(events)
    )
    files = _files(session, said)
    fresh = {each.id for each in new}
    messages = [
        Item(
            at=each.message.at,
            said=each,
            author=_author(each.message, people, customer),
            files=files.get(each.message.id, ()),
            new=each.message.id in fresh,
        )
        for each in said
    ]
    told = _told(session, events, people)
    # An event of the same instant as a message follows it: the answer came first, and then the state.
    return sorted([*messages, *told], key=lambda item: (item.at, item.text is not OPENED, item.said is None))


def _author(message: CaseMessage, people: Mapping[UUID, str], customer: str) -> str:
    if message.direction == "in":
        return customer
    return people.get(message.author_id, "") if message.author_id is not None else ""


def _owners(events: Sequence[CaseEvent]) -> set[UUID | None]:
    return {identity(each.after) for each in events if each.kind == "owner"}


def _told(session: CrmSession, events: Sequence[CaseEvent], people: Mapping[UUID, str]) -> list[Item]:
    queues = queue_titles(session, {identity(each.after) for each in events if each.kind == "queue"})
    intents = intent_titles(session, {each.after for each in events if each.kind == "intent"})
    named: dict[str, Mapping[str, str]] = {
        "state": STATES,
        "priority": PRIORITIES,
        "severity": SEVERITIES,
        "queue": {str(known): title for known, title in queues.items()} | {"": NO_QUEUE},
        "owner": {str(known): name for known, name in people.items()} | {"": NOBODY},
        "intent": intents,
    }
    return [
        Item(
            at=each.at,
            text=TOOK if each.kind == "owner" and each.after == str(each.user_id) else TOLD[each.kind],
            values={
                "who": people.get(each.user_id, SYSTEM) if each.user_id is not None else SYSTEM,
                "after": named.get(each.kind, {}).get(each.after, each.after),
            },
        )
        for each in events
        if each.kind not in ("queue", "owner") or each.before or each.after
    ]


def _files(session: CrmSession, said: Sequence[Said]) -> dict[UUID, list[Attachment]]:
    """Return the files of messages: those of the customer's interaction, and those that an answer names."""
    by_interaction = {each.message.interaction_id: each.message.id for each in said if each.message.interaction_id}
    named = {identity(known): each.message.id for each in said for known in each.message.files}
    wanted = [known for known in named if known is not None]
    found: dict[UUID, list[Attachment]] = {}
    query = select(Attachment).where(Attachment.interaction_id.in_(by_interaction) | Attachment.id.in_(wanted))
    for each in session.scalars(query.order_by(Attachment.recorded_at, Attachment.id)):
        message_id = named.get(each.id) or by_interaction.get(each.interaction_id)
        if message_id is not None:
            found.setdefault(message_id, []).append(each)
    return found
