"""One record of any resource: its fields, whom it is about, what belongs to it, what can be done with it, and what
happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.store.history import HistoryLine, history_of
from crmkit.errors import NotFound
from crmkit.hooks.contributions import RecordPanel, Resource
from crmkit.i18n import texts
from crmkit.web.http.problems import as_named, log_failure
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.asking import reason_of
from crmkit.web.pages.forms.inputs import specs_of
from crmkit.web.pages.forms.references import name_of, referred
from crmkit.web.pages.home.board import wording
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.records.cells import Cell, Shown, cell_of, cells_of, shown_of
from crmkit.web.pages.records.links import list_path, operation_path, path_of_record, record_path
from crmkit.web.pages.records.views import may_read, resource_of
from crmkit.web.pages.routing import PageRoute, get

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RELATED = 6
"""Records of each kind that are shown beside one."""
HISTORY = 30
_QUIET = ("id", "version", "created_at", "created_by", "updated_at", "recorded_at", "custom")


@frozen(kw_only=True)
class Act:
    """What can be done with a record. ``reason`` says why not; ``direct`` that it needs nothing more."""

    name: str
    title: str
    path: str
    reason: str | None
    direct: bool
    delete: bool


@frozen(kw_only=True)
class Related:
    """Records of one kind that belong to another record."""

    title: str
    path: str
    more: bool
    headings: Sequence[Shown]
    lines: Sequence[tuple[str, Sequence[Cell]]]


@frozen(kw_only=True)
class Change:
    """One field that was changed: its title, what it was and what it became."""

    title: str
    before: Cell
    after: Cell


@frozen(kw_only=True)
class Event:
    """One line of the history."""

    at: datetime
    who: str
    what: str
    changes: Sequence[Change]


@get("/records/{resource}/{id}")
def show_record(call: PageCall, resource: str, id: UUID) -> Response:
    """Show one record."""
    declared = resource_of(call, resource)
    with call.session() as session:
        record = session.get(declared.model, id)
        if record is None:
            raise NotFound(_("There is no such page."))
        context = _context(call, session, declared, record)
    return call.page("records/show.html", **context)


def _context(call: PageCall, session: CrmSession, declared: Resource, record: Any) -> dict[str, Any]:
    language = call.language
    known = referred(call.crm.registry, declared.name)
    assert known is not None
    shown = [each for each in shown_of(session, declared.model) if each.name not in _QUIET and each.told]
    (cells,) = cells_of(session, shown, [record], language)
    about = [(each, cell) for each, cell in zip(shown, cells, strict=True) if cell.kind != "none" or _always(each)]
    empty = [each.title for each, cell in zip(shown, cells, strict=True) if cell.kind == "none" and not _always(each)]
    return {
        "resource": declared,
        "record": record,
        "name": name_of(known, record),
        "pairs": about,
        "empty": empty,
        "custom": _custom(session, declared, record),
        "path": record_path(call.crm.registry, declared.name, record.id),
        "back": list_path(declared.name),
        "acts": acts_of(call, session, declared, record),
        "panels": _panels(call, session, declared, record),
        **wording(call),
        "related": list(_related(call, session, declared, record)),
        "history": _history(call, session, declared, record),
        "made_by": names_of_actors(session, filter(None, [getattr(record, "created_by", None)])).get(
            getattr(record, "created_by", None) or "", ""
        ),
    }


def _panels(call: PageCall, session: CrmSession, declared: Resource, record: Any) -> list[RecordPanel]:
    """Return what the plugin of a record shows beside its fields; where that fails, it is logged and there is none."""
    if declared.panels is None:
        return []
    try:
        return [each for each in declared.panels(session, record) if each.lines or each.empty]
    except Exception as error:
        log_failure(as_named(error), call.request_id)
        return []


def _always(shown: Shown) -> bool:
    return shown.name in ("customer_id", "owner_id")


def _custom(session: CrmSession, declared: Resource, record: Any) -> list[tuple[str, Cell]]:
    """Return the custom fields of a record that has such."""
    infos = session.crm.config.get(session).custom_fields.get(declared.name, {})
    held: Any = getattr(record, "custom", None) if infos else None
    values: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    return [
        (info.title or name, cell_of(session, Shown(name=name, title=info.title), values.get(name), record, {}, ""))
        for name, info in infos.items()
        if values.get(name) is not None
    ]


# --- what can be done ------------------------------------------------------------------------------------------------


def acts_of(call: PageCall, session: CrmSession, declared: Resource, record: Any) -> list[Act]:
    """Return what can be done with a record, each with the reason where it is not allowed: what changes it first, what
    removes it last."""
    found = [
        operation
        for operation in call.crm.registry.operations.values()
        if operation.target is declared.model and not operation.hidden
    ]
    order = {"update": 0, "create": 1, "other": 2, "delete": 3}
    here = record_path(call.crm.registry, declared.name, record.id)
    return [
        Act(
            name=operation.name,
            title=operation.title,
            path=operation_path(operation.name, target=record.id, next=here),
            reason=reason_of(session, operation, record, call.language),
            direct=_is_direct(operation),
            delete=operation.effect == "delete",
        )
        for operation in sorted(found, key=lambda each: order[each.effect])
    ]


def _is_direct(operation: Operation[Any, Any]) -> bool:
    return operation.effect != "delete" and not specs_of(operation)


# --- what belongs to it ----------------------------------------------------------------------------------------------


def _related(call: PageCall, session: CrmSession, declared: Resource, record: Any) -> Iterable[Related]:
    table = cast(Any, declared.model).__table__
    for other in call.crm.registry.resources.values():
        model: Any = other.model
        for column in model.__table__.columns:
            if not any(key.column.table is table for key in column.foreign_keys) or not may_read(call, other):
                continue
            query = select(model).where(column == record.id).limit(RELATED + 1)
            if hasattr(model, "deleted_at"):
                query = query.where(model.deleted_at.is_(None))
            records = list(session.scalars(query))
            if not records:
                continue
            names = [name for name in other.columns if name != column.key][:4]
            shown = shown_of(session, model, names or ("created_at",))
            rows = cells_of(session, shown, records[:RELATED], call.language)
            paths = [path_of_record(call.crm.registry, each) or "" for each in records]
            yield Related(
                title=other.plural,
                path=f"{list_path(other.name)}?where={column.key}+%3D%3D+%22{record.id}%22",
                more=len(records) > RELATED,
                headings=shown,
                lines=list(zip(paths, rows, strict=False)),
            )


# --- what happened to it ---------------------------------------------------------------------------------------------


def _history(call: PageCall, session: CrmSession, declared: Resource, record: Any) -> list[Event]:
    if not getattr(declared.model, "__history__", False):
        return []
    lines = history_of(session, record.id)[:HISTORY]
    names = names_of_actors(session, [line.actor_id for line in lines])
    return [
        Event(
            at=line.recorded_at,
            who=names.get(line.actor_id, line.actor_id),
            what=_what(call, line),
            changes=list(_changes(call, session, declared, record, line)),
        )
        for line in lines
    ]


def _what(call: PageCall, line: HistoryLine) -> str:
    operation = call.crm.registry.operations.get(line.operation)
    return call.text(operation.title) if operation is not None else line.operation


def _changes(
    call: PageCall, session: CrmSession, declared: Resource, record: Any, line: HistoryLine
) -> Iterable[Change]:
    shown = {each.name: each for each in shown_of(session, declared.model, list(line.changes))}
    for name, (before, after) in line.changes.items():
        each = shown.get(name)
        if each is None:
            continue
        pair = [_past(call, session, each, value, record) for value in (before, after)]
        yield Change(title=each.title, before=pair[0], after=pair[1])


def _past(call: PageCall, session: CrmSession, shown: Shown, value: Any, record: Any) -> Cell:
    """Return a value of the history as it is shown: ids, days and instants stand there as text."""
    from crmkit.core.store.ids import parse_id
    from crmkit.web.pages.forms.references import label_of

    if shown.resource is not None and isinstance(value, str):
        identity = parse_id(value)
        label = label_of(session, shown.resource, identity) if identity is not None else ""
        return Cell(kind="text", value=label) if label else Cell(kind="none")
    column = cast(Any, type(record)).__table__.c.get(shown.name)
    python = None if column is None else getattr(column.type, "python_type", None)
    if isinstance(value, str) and python is not None and python.__name__ in ("date", "datetime"):
        with suppress(ValueError):
            value = python.fromisoformat(value)
    return cell_of(session, shown, value, record, {}, call.language)


ROUTES: list[PageRoute] = [show_record]
