"""Gathering what happened in issues: cases of service where it is enabled, and threads of interactions beside them.

Texts are read in system scope to see what was asked again; nothing of them is kept. A fixed number of statements for
each chunk of issues. Changes nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, Interaction
from crmkit_experience.effort.counting import Said, plain

CHUNK = 500
CASE = "service.case"
SPOKEN = ("call", "email", "sms", "chat", "social", "visit", "meeting")
"""Kinds of interactions that are contacts."""
NOT_GIVEN = frozenset(
    {"account", "answered", "agenda", "automatic", "bounced", "duration", "headers", "in_reply_to", "likes"}
    | {"message_id", "messages", "network", "number", "page", "recording_url", "references", "session", "shares"}
    | {"status", "url", "voicemail"}
)
"""Details of interactions that no customer gives: they come with the call or the message."""
SHORTEST = 8
"""Questions with fewer letters are not compared."""
_QUESTION = re.compile(r"[^.!?。！？\n]*[?？]")


@frozen(kw_only=True)
class Issue:
    """What happened in one issue; ``end`` is None while it is open."""

    ref: str
    unit: str
    kind: str
    channel: str
    customer_id: UUID
    owner_id: UUID | None
    team_id: UUID | None
    start: datetime
    last: datetime
    end: datetime | None
    said: tuple[Said, ...]
    moves: tuple[tuple[datetime, str, str], ...] = ()


def cases(session: CrmSession, since: datetime) -> Iterator[list[Issue]]:
    """Yield, in chunks, the cases that are open or in which something happened since; none without service."""
    known = session.gate.registry.resources.get(CASE)
    if known is None:
        return
    from crmkit_service.api import CaseEvent

    model: Any = known.model
    active = select(CaseEvent.case_id).where(CaseEvent.at >= since)
    query = select(model.id).where(
        model.state.not_in(("merged", "spam")), model.phase.in_(("open", "paused")) | model.id.in_(active)
    )
    ids = list(session.scalars(query.order_by(model.id)))
    for start in range(0, len(ids), CHUNK):
        yield _cases(session, model, ids[start : start + CHUNK])


def _cases(session: CrmSession, model: Any, ids: Sequence[UUID]) -> list[Issue]:
    from crmkit_service.api import CaseEvent, CaseMessage

    said: dict[UUID, list[Said]] = defaultdict(list)
    messages = (
        select(CaseMessage, Interaction)
        .outerjoin(Interaction, Interaction.id == CaseMessage.interaction_id)
        .where(CaseMessage.case_id.in_(ids), CaseMessage.direction != "internal")
        .order_by(CaseMessage.at, CaseMessage.id)
    )
    for message, interaction in session.execute(messages):
        out = message.direction == "out"
        said[message.case_id].append(
            Said(
                at=message.at,
                channel=message.channel,
                out=out,
                automatic=message.automatic,
                given=frozenset() if out else given_in(interaction, message.body),
            )
        )
    moves: dict[UUID, list[tuple[datetime, str, str]]] = defaultdict(list)
    events = select(CaseEvent.case_id, CaseEvent.at, CaseEvent.before, CaseEvent.after).where(
        CaseEvent.case_id.in_(ids), CaseEvent.kind.in_(("owner", "queue"))
    )
    for row in session.execute(events.order_by(CaseEvent.at, CaseEvent.id)):
        moves[row.case_id].append((row.at, row.before, row.after))
    found: list[Issue] = []
    for case in session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)):
        heard = said[case.id]
        last = max([case.opened_at, *(each.at for each in heard)])
        if not any(not each.out for each in heard):
            # It was told in some way that left no message, such as on the telephone.
            heard = [Said(at=case.opened_at, channel=case.channel, out=False), *heard]
        found.append(
            Issue(
                ref=f"{CASE}:{case.id}",
                unit="case",
                kind=case.kind,
                channel=case.channel,
                customer_id=case.customer_id,
                owner_id=case.owner_id,
                team_id=case.team_id,
                start=min(case.opened_at, heard[0].at),
                last=last,
                end=case.resolved_at or case.closed_at,
                said=tuple(heard),
                moves=tuple(moves[case.id]),
            )
        )
    return found


def threads(session: CrmSession, since: datetime, now: datetime, quiet: timedelta) -> Iterator[list[Issue]]:
    """Yield, in chunks, the threads of interactions in which something happened since and that belong to no case. One
    in which nothing happened for so long (``quiet``) is over."""
    about = select(Interaction.customer_id, Interaction.thread).where(*_talk(session))
    active = about.where(Interaction.occurred_at >= since).group_by(Interaction.customer_id, Interaction.thread)
    keys = sorted({(str(row.customer_id), row.thread) for row in session.execute(active)})
    for start in range(0, len(keys), CHUNK):
        yield _threads(session, set(keys[start : start + CHUNK]), now, quiet)


def _talk(session: CrmSession) -> list[Any]:
    found: list[Any] = [
        Interaction.kind.in_(SPOKEN),
        Interaction.direction != "internal",
        Interaction.customer_id.is_not(None),
        Interaction.thread.is_not(None),
        Interaction.reverses_id.is_(None),
    ]
    if CASE in session.gate.registry.resources:
        from crmkit_service.api import CaseMessage

        taken = select(CaseMessage.interaction_id).where(CaseMessage.interaction_id.is_not(None))
        found.append(Interaction.id.not_in(taken))
    return found


def _threads(session: CrmSession, keys: Collection[tuple[str, str]], now: datetime, quiet: timedelta) -> list[Issue]:
    groups: dict[tuple[str, str], list[Interaction]] = defaultdict(list)
    query = select(Interaction).where(*_talk(session), Interaction.thread.in_({thread for _who, thread in keys}))
    for each in session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)):
        key = (str(each.customer_id), each.thread or "")
        if key in keys:
            groups[key].append(each)
    people = _customers(session, {rows[0].customer_id for rows in groups.values()})
    found: list[Issue] = []
    for (who, thread), rows in groups.items():
        customer = people.get(UUID(who))
        if customer is None or all(each.direction == "out" for each in rows):
            continue
        last = rows[-1].occurred_at
        users = [(each.occurred_at, each.actor_id) for each in rows if each.actor_id.startswith("user:")]
        found.append(
            Issue(
                ref=f"thread:{hashlib.sha256(f'{who}|{thread}'.encode()).hexdigest()[:32]}",
                unit="thread",
                kind=rows[0].kind,
                channel=rows[0].channel,
                customer_id=customer.id,
                owner_id=customer.owner_id,
                team_id=customer.team_id,
                start=rows[0].occurred_at,
                last=last,
                end=last if now - last >= quiet else None,
                said=tuple(
                    Said(
                        at=each.occurred_at,
                        channel=each.channel,
                        out=each.direction == "out",
                        automatic=(each.payload_open or {}).get("automatic") is True,
                        given=frozenset() if each.direction == "out" else given_in(each),
                    )
                    for each in rows
                ),
                moves=tuple((after[0], before[1], after[1]) for before, after in pairwise(users)),
            )
        )
    return found


def given_in(interaction: Interaction | None, body: object = None) -> frozenset[str]:
    """Return marks of what a customer gave in a contact: each detail with its value, and each question."""
    found: set[str] = set()
    payload: Mapping[str, Any] = interaction.payload if interaction is not None else {}
    for name, value in payload.items():
        if name not in NOT_GIVEN and isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            found.add(f"{name}={plain(str(value))}")
    text: object = body if body is not None or interaction is None else interaction.body
    if type(text) is str:
        questions = (plain(each) for each in _QUESTION.findall(text))
        found |= {f"?{each}" for each in questions if len(each) >= SHORTEST}
    return frozenset(found)


def _customers(session: CrmSession, ids: Collection[UUID | None]) -> dict[UUID, Customer]:
    wanted = [each for each in ids if each is not None]
    query = select(Customer).where(Customer.id.in_(wanted), Customer.deleted_at.is_(None))
    return {each.id: each for each in session.scalars(query)}
