"""Where the values of customers come from: for each field since when, by whom, through which operation or import and
from which source, what it was before, and which record a merge took it from.

Follows from the history of records, the rows of imports and the journal of merges. Must not judge: whom to trust is for
others to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import fields, frozen
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit.core.business.config import CustomFieldInfo
from crmkit.core.customers.asof import typed_value
from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.references import chunks
from crmkit.core.customers.tags import identifiers_of, names_of
from crmkit.core.store.model import field_info
from crmkit.core.store.opening import plain, values_of
from crmkit.core.store.sealed import HIDDEN, mask
from crmkit.core.store.session import CrmSession
from crmkit.exchange.customer_values import OWN
from crmkit.i18n import texts
from crmkit.identity.steps import Past, Step, is_empty, read_pasts, size_of

_ = texts("crmkit")

LEFT_OUT = frozenset(
    {"id", "version", "created_at", "created_by", "updated_at", "name_key", "converted_at", "deleted_at"}
    | {"birthday", "birth_band", "sort_name", "custom", "custom_sealed", "preferences"}
)
"""Columns of a customer that are no values of their own: what follows from others, and what is made of several."""
POINTS: Mapping[str, str] = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "address": _("Postal address"),
    "social": _("Social account"),
    "web": _("Web address"),
}
_SETS: Mapping[str, str] = {"tags": _("Tags"), "interests": _("Interests"), "identifiers": _("Identifiers")}


@frozen(kw_only=True)
class PastValue:
    """A value of a field and where it came from.

    ``since`` is when it was recorded (UTC), by ``actor_id``, through ``operation`` (empty for a value that its record
    was made with). ``source`` is the system that vouches for it, None where whoever entered it does; ``import_id`` the
    import that brought it. ``record_id`` is the customer's record that it was entered in: another one than the
    customer's own where ``merge_id`` brought it. ``value`` is as the reader may see it.
    """

    value: Any
    since: datetime
    actor_id: str
    operation: str = ""
    source: str | None = None
    import_id: UUID | None = None
    record_id: UUID
    merge_id: UUID | None = None


@frozen(kw_only=True)
class FieldOrigin(PastValue):
    """The present value of a field, where it comes from, and the values before it, newest first.

    ``field`` is a column of the customer, ``custom.<name>``, ``preferences.<name>``, tags, interests, identifiers, or a
    kind of contact point, of which ``item`` is the one. ``size`` is how many characters the value has, whatever its
    reader may see.
    """

    field: str
    title: str
    item: UUID | None = None
    size: int = 0
    earlier: tuple[PastValue, ...] = ()


@frozen(kw_only=True)
class RecordOrigins:
    """Where the values of one customer come from: fields that have a value. ``created_at`` is when the record was made;
    ``changes`` counts the changes that its history keeps, those of absorbed records included."""

    customer_id: UUID
    created_at: datetime
    changes: int
    fields: tuple[FieldOrigin, ...]

    def of(self, field: str) -> FieldOrigin | None:
        """Return the origin of a field's value; None where it has none."""
        return next((one for one in self.fields if one.field == field), None)


def origins_of(session: CrmSession, customer_ids: Collection[UUID]) -> Mapping[UUID, RecordOrigins]:
    """Return where the values of customers come from, of those whom the session may see; a fixed number of statements
    for every few hundred. Values are as the session's actor may see them."""
    found: dict[UUID, RecordOrigins] = {}
    for part in chunks(list(dict.fromkeys(customer_ids))):
        query = (
            select(Customer)
            .where(Customer.id.in_(part))
            .options(
                selectinload(Customer.contact_points), selectinload(Customer.tags), selectinload(Customer.identifiers)
            )
        )
        customers = list(session.scalars(query))
        pasts = read_pasts(session, customers)
        for one in customers:
            found[one.id] = RecordOrigins(
                customer_id=one.id,
                created_at=one.created_at,
                changes=sum(line.kind != "create" for line in pasts[one.id].lines),
                fields=tuple(_Showing(session, pasts[one.id]).fields()),
            )
    return found


class _Showing:
    """Shows one customer's past to the reader of a session."""

    def __init__(self, session: CrmSession, past: Past) -> None:
        self._session = session
        self._past = past
        self._customer = past.customer
        self._whole = values_of(past.customer, whole=True)

    def fields(self) -> Iterator[FieldOrigin]:
        """Return the fields that have a value."""
        for column in Customer.__table__.c:
            if column.key in self._whole and column.key not in LEFT_OUT:
                info = field_info(column)
                yield from self._field(column.key, info.title or column.key, self._whole[column.key], info.classified)
        config = self._session.crm.config.get(self._session)
        known: Mapping[str, CustomFieldInfo] = config.custom_fields.get("customer", {})
        for name, value in custom_parts(self._whole["custom"], self._whole["custom_sealed"]).items():
            title, classified = (known[name].title, known[name].field_class) if name in known else (name, "sensitive")
            yield from self._field(f"custom.{name}", title or name, value, classified)
        for name, value in (self._whole["preferences"] or {}).items():
            yield from self._field(f"preferences.{name}", name, value, "personal")
        for name, value in self._sets().items():
            yield from self._field(name, _SETS[name], value, "internal")
        for point in self._customer.contact_points:
            yield from self._point(point)

    def _sets(self) -> Mapping[str, Sequence[str]]:
        return {
            "tags": names_of(self._customer, "tag"),
            "interests": names_of(self._customer, "interest"),
            "identifiers": _foreign(identifiers_of(self._customer)),
        }

    def _field(self, name: str, title: str, value: Any, classified: str) -> Iterator[FieldOrigin]:
        if is_empty(value):
            return
        seen = self._seeing(classified)
        steps = self._past.steps(name, value)
        yield self._origin(name, title, value, steps, lambda step: seen(_shaped(name, step.value)))

    def _point(self, point: ContactPoint) -> Iterator[FieldOrigin]:
        value = plain(point, "value")
        seen = self._seeing("sensitive")
        steps = self._past.point_steps(point, value)
        yield self._origin(
            point.kind, POINTS.get(point.kind, point.kind), value, steps, lambda step: seen(step.value), item=point.id
        )

    def _origin(
        self,
        name: str,
        title: str,
        value: Any,
        steps: Sequence[Step],
        shown: Callable[[Step], Any],
        *,
        item: UUID | None = None,
    ) -> FieldOrigin:
        first, *rest = [
            PastValue(
                value=shown(step),
                since=step.at,
                actor_id=step.actor_id,
                operation=step.operation,
                source=step.source,
                import_id=step.import_id,
                record_id=step.record_id,
                merge_id=step.merge_id,
            )
            for step in steps
        ]
        return FieldOrigin(
            **{each.name: getattr(first, each.name) for each in fields(PastValue)},
            field=name,
            title=title,
            item=item,
            size=size_of(value),
            earlier=tuple(rest),
        )

    def _seeing(self, classified: str) -> Callable[[Any], Any]:
        """Return what makes of a value what the reader may see of it."""
        level = "full" if classified in ("public", "internal") else self._session.level(Customer, classified)
        if level == "full":
            return lambda value: value
        return mask if level == "masked" else lambda value: HIDDEN


def _shaped(name: str, value: Any) -> Any:
    """Return a value of the history, which is JSON, in its column's type."""
    if name == "identifiers" and value and not isinstance(value[0], str):
        return _foreign(value)
    return typed_value(Customer.__table__, name, value) if isinstance(value, str) else value


def _foreign(pairs: Sequence[Sequence[str]]) -> list[str]:
    """Return identifiers as texts: what other systems call a customer, not what crmkit itself notes."""
    return [": ".join(pair) for pair in pairs if pair[0] != OWN]
