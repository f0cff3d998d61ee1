"""What the pages of the desk share: finding what an address names, names of people, and what the reader may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts

_ = texts("crmkit_loyalty")

HOME = "/modules/loyalty/overview"
PROGRAMME = "/modules/loyalty/programme"
MEMBER = "/modules/loyalty/member"
REDEMPTIONS = "/modules/loyalty/redemptions"
TONES = {
    "published": "good",
    "draft": "warn",
    "ordered": "warn",
    "shipped": "info",
    "delivered": "good",
    "open": "good",
    "blocked": "bad",
    "held": "info",
}
RecordT = TypeVar("RecordT")


def may(session: CrmSession, resource: str, action: str) -> bool:
    """Say whether whoever reads may do something."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


def found(session: CrmSession, model: type[RecordT], text: str) -> RecordT:
    """Return the record that an address names. Raises NotFound."""
    try:
        record = session.get(model, UUID(text))
    except ValueError:
        record = None
    if record is None:
        raise NotFound(_("There is nothing like this."))
    return record


def names(session: CrmSession, model: Any, ids: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    """Return the names of records by their ids, of those that the reader sees."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(wanted)))}
