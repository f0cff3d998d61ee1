"""What happened to a customer, for people to read: one line for each change, with the titles of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.business.config import Config, CustomFieldInfo
from crmkit.core.customers.asof import typed_value
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import Consent, ContactPoint, Customer, Relationship
from crmkit.core.store.history import HistoryLine, history_about
from crmkit.core.store.model import field_info
from crmkit.core.store.session import CrmSession
from crmkit.i18n import texts

_ = texts("crmkit")

TITLES: Mapping[str, str] = {
    "crm_customer": _("Customer"),
    "crm_contact_point": _("Contact point"),
    "crm_relationship": _("Relationship"),
    "crm_consent": _("Consent"),
}
_MODELS: Mapping[str, Any] = {model.__tablename__: model for model in (Customer, ContactPoint, Relationship, Consent)}
_HIDDEN = frozenset(
    {"id", "customer_id", "version", "created_at", "created_by", "updated_at", "name_key", "position"}
    # What follows from the date of birth, which has changed with them.
    | {"birthday", "birth_band"}
)
_SETS = {"tags": _("Tags"), "interests": _("Interests"), "identifiers": _("Identifiers")}


@frozen(kw_only=True)
class FieldChange:
    """A field before and after; ``title`` is what people call it."""

    name: str
    title: str
    before: Any
    after: Any


@frozen(kw_only=True)
class ChronicleLine:
    """One thing that happened to a customer or to what belongs to it: when it was recorded (UTC), by whom, by which
    operation (empty for a creation), to what."""

    recorded_at: datetime
    actor_id: str
    operation: str
    what: Literal["created", "changed", "removed"]
    table_name: str
    title: str
    record_id: UUID
    changes: tuple[FieldChange, ...] = ()


def customer_history(session: CrmSession, customer_id: UUID) -> tuple[ChronicleLine, ...]:
    """Return what happened to a customer, its contact points, relationships and consents, newest first; the last line
    is its creation. Empty for one that there is not."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        return ()
    config = session.crm.config.get(session)
    lines = [_line(config, line) for line in history_about(session, customer_id) if line.kind != "create"]
    lines.extend(_creations(session, customer, lines))
    # A customer is made before what belongs to it, also where both bear one instant.
    return tuple(sorted(lines, key=lambda line: (line.recorded_at, line.record_id != customer_id), reverse=True))


def _line(config: Config, line: HistoryLine) -> ChronicleLine:
    return ChronicleLine(
        recorded_at=line.recorded_at,
        actor_id=line.actor_id,
        operation=line.operation,
        what="removed" if line.kind == "delete" else "changed",
        table_name=line.table_name,
        title=TITLES.get(line.table_name, line.table_name),
        record_id=line.record_id,
        changes=tuple(_changes(config, line)),
    )


def _changes(config: Config, line: HistoryLine) -> Iterator[FieldChange]:
    model = _MODELS.get(line.table_name)
    for name, (before, after) in line.changes.items():
        if name in _HIDDEN or (before is None and after is None):
            continue
        if name in ("custom", "custom_sealed", "preferences"):
            yield from _inner(config, name.removesuffix("_sealed"), before, after)
            continue
        column = model.__table__.c.get(name) if model is not None else None
        title = _SETS.get(name) or (field_info(column).title if column is not None else "") or name
        yield FieldChange(
            name=name,
            title=title,
            before=_shown(model, name, before),
            after=_shown(model, name, after),
        )


def _shown(model: Any, name: str, value: Any) -> Any:
    if name == "identifiers" and value:
        return [": ".join(pair) for pair in value]
    return typed_value(model.__table__, name, value) if model is not None and isinstance(value, str) else value


def _inner(config: Config, name: str, before: Any, after: Any) -> Iterator[FieldChange]:
    old, new = custom_parts(before, None), custom_parts(after, None)
    known: Mapping[str, CustomFieldInfo] = {}
    if name == "custom":
        known = config.custom_fields.get("customer", known)
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            info = known.get(key)
            yield FieldChange(
                name=f"{name}.{key}",
                title=info.title if info is not None else key,
                before=old.get(key),
                after=new.get(key),
            )


def _creations(session: CrmSession, customer: Customer, lines: list[ChronicleLine]) -> Iterator[ChronicleLine]:
    """Return a line for the making of each record; that of one that has gone is known from its removal."""
    relationships = session.scalars(select(Relationship).where(Relationship.customer_id == customer.id))
    for record in (customer, *customer.contact_points, *relationships):
        yield _created(record.__tablename__, record.id, record.created_at, record.created_by)
    for entry in session.scalars(select(Consent).where(Consent.customer_id == customer.id)):
        yield _created("crm_consent", entry.id, entry.recorded_at, entry.actor_id)
    removed = {line.record_id for line in lines if line.what == "removed"}
    for line in history_about(session, customer.id):
        if line.kind == "delete" and line.record_id in removed:
            made, maker = line.changes.get("created_at"), line.changes.get("created_by")
            if made is not None and made[0] is not None:
                at = typed_value(_MODELS[line.table_name].__table__, "created_at", made[0])
                yield _created(line.table_name, line.record_id, at, maker[0] if maker else None)


def _created(table: str, record_id: UUID, at: datetime, by: str | None) -> ChronicleLine:
    return ChronicleLine(
        recorded_at=at,
        actor_id=by or "",
        operation="",
        what="created",
        table_name=table,
        title=TITLES.get(table, table),
        record_id=record_id,
    )
