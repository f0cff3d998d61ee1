"""Threads: interactions that belong together, such as a mail and its answers. Must not write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from sqlalchemy import select

from crmkit.core.interactions.models import Interaction
from crmkit.core.interactions.visibility import visible_to

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_PREFIX = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|wg|sv|答复|回复|转发)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)


@frozen(kw_only=True)
class Thread:
    """A thread: its subject and its interactions in the order in which they occurred."""

    name: str
    subject: str
    interactions: Sequence[Interaction]


def thread(session: CrmSession, name: str, *, limit: int = 1000) -> Thread:
    """Return a thread as the session's actor may see it; its newest interactions where there are more than ``limit``.

    Its subject is the first one that an interaction of it has, without marks of answering and forwarding.
    """
    query = select(Interaction).where(Interaction.thread == name, visible_to(session))
    newest = query.order_by(Interaction.occurred_at.desc(), Interaction.id.desc()).limit(limit)
    interactions = list(reversed(session.scalars(newest).all()))
    first = query.where(Interaction.subject.is_set()).order_by(Interaction.occurred_at, Interaction.id).limit(1)
    opening = session.scalars(first).first()
    subject = "" if opening is None else plain_subject(opening.subject or "")
    return Thread(name=name, subject=subject, interactions=interactions)


def plain_subject(subject: str) -> str:
    """Return a subject without marks of answering and forwarding (``Re:``, ``Fwd:``, ``回复：`` …)."""
    return _PREFIX.sub("", subject).strip()
