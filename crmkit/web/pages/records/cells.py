"""What stands in the cells of lists, on cards and in pairs of records: names for ids, titles for values, amounts with
their currency, and a lock where something is masked.

Values come as their reader sees them. Must not know what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from attrs import frozen

from crmkit.core.business.money import Money
from crmkit.core.store.guard.conditions import mapped_to
from crmkit.core.store.infos import field_info
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.shown import shown_columns, shown_value
from crmkit.errors import CrmkitError
from crmkit.i18n import Text, texts, translate
from crmkit.web.pages.forms.references import labels_of, referred_by_model
from crmkit.web.pages.forms.titles import VALUES
from crmkit.web.pages.records.links import record_path

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CellKind = Literal["text", "masked", "link", "tag", "money", "number", "day", "instant", "yes", "long", "none"]
_LONGEST = 400
_SHARED = {
    "id": _("Id"),
    "version": _("Version"),
    "created_at": _("Created at"),
    "created_by": _("Created by"),
    "updated_at": _("Changed at"),
    "recorded_at": _("Recorded at"),
    "customer_id": _("Customer"),
    "actor_id": _("Recorded by"),
    "custom": _("Custom fields"),
}


@frozen(kw_only=True)
class Cell:
    """One value as it is shown: how, what, and where it leads."""

    kind: CellKind
    value: Any = None
    href: str | None = None
    person: bool = False

    @property
    def right(self) -> bool:
        """Say whether it stands to the right."""
        return self.kind in ("number", "money")


@frozen(kw_only=True)
class Shown:
    """A field of a resource as it is shown: its title, and what its ids refer to."""

    name: str
    title: str
    resource: str | None = None
    choices: Mapping[str, str] | None = None
    options: str | None = None
    numeric: bool = False
    told: bool = True
    """Whether its model says what it is called; what has no title is the model's own affair."""


def shown_of(session: CrmSession, model: type[Any], names: Iterable[str] | None = None) -> list[Shown]:
    """Return fields of a model as they are shown, by default all; the currency goes with the amount beside it."""
    columns = shown_columns(model)
    wanted = [name for name in (names if names is not None else columns) if name in columns]
    if any(name.endswith("_minor") for name in wanted):
        wanted = [name for name in wanted if name != "currency"]
    registry = session.gate.registry
    return [_shown(registry, name, columns[name]) for name in wanted]


def _shown(registry: Registry, name: str, column: Any) -> Shown:
    info = field_info(column)
    return Shown(
        name=name,
        title=info.title or _SHARED.get(name, "") or name.replace("_", " ").capitalize(),
        resource=_refers(registry, column),
        choices=info.choices,
        options=info.options,
        told=bool(info.title or name in _SHARED),
        numeric=column.type.python_type in (int, float) if not _is_sealed(column) else False,
    )


def _is_sealed(column: Any) -> bool:
    return type(column.type).__name__ in ("SealedBytes", "JSON", "JSONB")


def _refers(registry: Registry, column: Any) -> str | None:
    for key in column.foreign_keys:
        target = mapped_to(key.column.table)
        known = None if target is None else referred_by_model(registry, cast("type[Any]", target))
        if known is not None and key.column.name == "id":
            return known.resource
    return None


def cells_of(session: CrmSession, shown: Sequence[Shown], records: Sequence[Any], language: str) -> list[list[Cell]]:
    """Return the cells of some records, one list for each; what ids refer to is read once for all."""
    held = [{each.name: _value(record, each.name) for each in shown} for record in records]
    labels: dict[str, dict[UUID, str]] = {}
    for each in shown:
        if each.resource is not None:
            ids = [value for row in held if isinstance(value := row[each.name], UUID)]
            labels.setdefault(each.resource, {}).update(labels_of(session, each.resource, ids))
    found: list[list[Cell]] = []
    for record, row in zip(records, held, strict=True):
        found.append([cell_of(session, each, row[each.name], record, labels, language) for each in shown])
    return found


def _value(record: Any, name: str) -> Any:
    try:
        return shown_value(record, name)
    except CrmkitError:
        return None


def cell_of(
    session: CrmSession,
    shown: Shown,
    value: Any,
    record: Any,
    labels: Mapping[str, Mapping[UUID, str]],
    language: str,
) -> Cell:
    """Return one value as it is shown. ``labels`` are the names of what ids refer to, by resource."""
    if value in (None, "", [], {}):
        return Cell(kind="none")
    if is_masked(value):
        return Cell(kind="masked", value=str(value) if isinstance(value, str) else "****")
    if shown.resource is not None and isinstance(value, UUID):
        return _link(session, shown.resource, value, labels)
    currency = getattr(record, "currency", None)
    if shown.name.endswith("_minor") and isinstance(value, int) and isinstance(currency, str):
        return Cell(kind="money", value=Money(value, currency))
    if isinstance(value, bool):
        return Cell(kind="yes", value=value)
    if isinstance(value, str):
        return _text(session, shown, value, language)
    if isinstance(value, datetime):
        return Cell(kind="instant", value=value)
    if isinstance(value, date):
        return Cell(kind="day", value=value)
    if isinstance(value, (int, float)):
        return Cell(kind="number", value=value)
    return Cell(kind="text", value=value)


def _link(session: CrmSession, resource: str, value: UUID, labels: Mapping[str, Mapping[UUID, str]]) -> Cell:
    name = labels.get(resource, {}).get(value)
    if name is None:
        return Cell(kind="none")
    return Cell(
        kind="link",
        value=name,
        href=record_path(session.gate.registry, resource, value),
        person=resource in ("customer", "user"),
    )


def _text(session: CrmSession, shown: Shown, value: str, language: str) -> Cell:
    title = (shown.choices or {}).get(value)
    if title is None and shown.options is not None:
        title = session.crm.config.get(session).options.get(shown.options, {}).get(value)
    if title is None and shown.name in ("kind", "direction", "visibility", "channel", "standing"):
        title = _kernel_title(session, shown.name, value)
    if title is not None:
        return Cell(kind="tag", value=translate(title, language))
    if len(value) > _LONGEST:
        return Cell(kind="long", value=f"{value[:_LONGEST]}…")
    return Cell(kind="text", value=value)


def _kernel_title(session: CrmSession, name: str, value: str) -> str | None:
    registry = session.gate.registry
    sort = {"kind": "interaction kind", "channel": "channel"}.get(name)
    known = registry.tables[sort].get(value) if sort is not None else None
    if known is not None:
        return cast(str, known.title)
    title = VALUES.get(value)
    return title if isinstance(title, Text) else None
