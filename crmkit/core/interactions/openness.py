"""What of an interaction is kept in plain: texts of kinds that are declared searchable, and those details that their
kind declares as public, internal or personal.

Must not know how values are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, object_session

from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.model import Access, Model, field
from crmkit.core.store.opening import READER, in_transaction
from crmkit.core.store.sealed import mask
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.contributions import InteractionKind

_ = texts("crmkit")

PLAIN = frozenset(("public", "internal", "personal"))
"""The classes of details that are kept in plain."""
_DECLARED = "crmkit.searchable"


class SearchableKind(Model):
    """What an admin has said of a kind of interaction: whether its subjects and texts are kept in plain, so that they
    can be searched. A kind without a row is as its declaration says."""

    __tablename__ = "crm_searchable_kind"
    __access__ = Access.open(resource="interaction")

    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="internal", primary_key=True)
    searchable: Mapped[bool] = field(title=_("Searchable"), classified="internal")
    declared_at: Mapped[datetime] = field(classified="internal", default=system_now)
    declared_by: Mapped[str] = field(String(80), classified="internal")


def is_searchable(session: CrmSession, kind: str) -> bool:
    """Say whether subjects and texts of a kind are kept in plain: as an admin has declared, else as the kind itself
    does."""
    declared = session.info.get(_DECLARED)
    if declared is None:
        table = cast(Any, SearchableKind).__table__
        with region(session, "which kinds are searchable"):
            rows = session.connection().execute(select(table.c.kind, table.c.searchable)).all()
        declared = session.info[_DECLARED] = {row.kind: bool(row.searchable) for row in rows}
    if kind in declared:
        return bool(declared[kind])
    known = session.gate.registry.interaction_kinds.get(kind)
    return known is not None and known.searchable


def forget_declared(session: CrmSession) -> None:
    """Have a session read anew what is declared."""
    session.info.pop(_DECLARED, None)


def split_payload(session: CrmSession, kind: str, payload: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the details that are kept in plain, and those that are sealed."""
    return parts_of(session.gate.registry.interaction_kinds.get(kind), payload)


def parts_of(kind: InteractionKind | None, payload: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the details of a kind that are kept in plain, and those that are sealed: what is not declared is."""
    if not payload:
        return {}, {}
    plain_names = {item.name for item in kind.payload if item.classified in PLAIN} if kind is not None else set[str]()
    shown = {name: value for name, value in payload.items() if name in plain_names}
    return shown, {name: value for name, value in payload.items() if name not in plain_names}


def without_rights(interaction: Any) -> dict[str, Any]:
    """Return the details that are kept in plain, with personal ones masked for a reader who may not see them."""
    shown = dict(interaction.payload_open or {})
    session = cast("CrmSession | None", object_session(interaction) or interaction.__dict__.get(READER))
    kind = None if session is None else session.gate.registry.interaction_kinds.get(interaction.kind)
    personal = () if kind is None else [item.name for item in kind.payload if item.classified == "personal"]
    if session is None or not any(name in shown for name in personal):
        return shown
    if in_transaction(session, lambda reading: reading.level(type(interaction), "personal")) != "full":
        shown |= {name: mask(shown[name]) for name in personal if name in shown}
    return shown
