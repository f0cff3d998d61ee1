"""Boards: the records of a resource as cards, in columns by what stands in one of their fields.

A card is moved by an operation, like everything else: one that is refused goes back with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.business.money import Money
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, StepUpNeeded, Unauthenticated
from crmkit.hooks.contributions import Board, BoardColumn, Resource
from crmkit.i18n import texts
from crmkit.web.http.problems import log_failure, status_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.asking import reason_of
from crmkit.web.pages.forms.references import name_of, referred
from crmkit.web.pages.records.cells import Cell, cells_of, shown_of
from crmkit.web.pages.records.links import operation_path, record_path
from crmkit.web.pages.records.views import resource_of, view_named, view_path, views_of
from crmkit.web.pages.routing import PageRoute, get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CARDS = 40
"""Cards of a column that are shown."""
TEMPLATE = "records/board.html"


@frozen(kw_only=True)
class Card:
    """A record on a board."""

    id: UUID
    version: int
    path: str
    title: str
    cells: Sequence[tuple[str, Cell]]


@frozen(kw_only=True)
class Stack:
    """A column with its cards. ``total`` are the amounts of all its records, by currency; ``more`` how many are not
    shown."""

    column: BoardColumn
    cards: Sequence[Card]
    number: int
    totals: Sequence[Money]
    more: int
    list_path: str


@get("/records/{resource}/board/{name}")
def show_board(call: PageCall, resource: str, name: str) -> Response:
    """Show a board."""
    declared = resource_of(call, resource)
    board = cast(Board, view_named(call, resource, "board", name))
    with call.session() as session:
        context = _context(call, session, declared, board)
    if call.by_htmx and call.request.headers.get("hx-target", "").endswith("board"):
        return call.part(TEMPLATE, "board", **context)
    return call.page(TEMPLATE, **context)


@post("/records/{resource}/board/{name}/move")
def move_card(call: PageCall, resource: str, name: str) -> Response:
    """Move a card to another column, by the operation of the board. What a script asks for is answered with the board
    as it is then, and what to say of it."""
    declared = resource_of(call, resource)
    board = cast(Board, view_named(call, resource, "board", name))
    scripted = call.request.headers.get("x-board") == "1"
    identity, to = parse_id(call.value("id")), call.value("to")
    column = next((each for each in board.columns if each.value == to), None)
    if identity is None or column is None:
        raise InvalidInput([Problem("CK500", _("There is no such column on this board."), field="to", value=to)])
    if column.ask:
        form = operation_path(column.operation or board.move, target=identity, next=view_path(board))
        return _told(call, scripted, board, form=form)
    try:
        _move(call, board, column, identity)
    except (StepUpNeeded, Unauthenticated, NotFound):
        raise
    except CrmkitError as error:
        if status_of(error) >= 500:
            log_failure(error, call.request_id)
            raise
        said = " ".join(call.tell(problem) for problem in error.problems)
        return _told(call, scripted, board, declared=declared, said=said, level="danger")
    said = call.text(_("Moved to {column}."), column=call.text(column.title))
    return _told(call, scripted, board, declared=declared, said=said)


def _move(call: PageCall, board: Board, column: BoardColumn, identity: UUID) -> None:
    from attrs import fields

    name = column.operation or board.move
    argument = board.argument or board.field
    takes = {each.name for each in fields(call.crm.registry.operation(name).inputs)}
    values = {argument: column.value} if argument in takes else {}
    version, key = call.value("version"), call.value("key")
    call.run(
        name,
        values,
        target=identity,
        version=int(version) if version.isdecimal() else None,
        key=key[:100] if key and key.isprintable() else None,
    )


def _told(
    call: PageCall,
    scripted: bool,
    board: Board,
    *,
    declared: Resource | None = None,
    said: str = "",
    level: str = "success",
    form: str | None = None,
) -> Response:
    if not scripted:
        return call.redirect(form or view_path(board), said=said or None, level=level)
    body: dict[str, Any] = {"said": said, "level": level}
    if form is not None:
        body["go"] = call.url(form)
    elif declared is not None:
        with call.session() as session:
            context = _context(call, session, declared, board)
        body["board"] = call.pages.render(call, TEMPLATE, context, block="board")
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


# --- what stands on it -----------------------------------------------------------------------------------------------


def _context(call: PageCall, session: CrmSession, declared: Resource, board: Board) -> dict[str, Any]:
    model: Any = declared.model
    mine = call.value("mine") == "1" and hasattr(model, "owner_id")
    figures = _figures(call, session, model, board, mine)
    reasons = {
        name: reason_of(session, call.crm.registry.operation(name), None, call.language)
        for name in dict.fromkeys((board.move, *(each.operation for each in board.columns if each.operation)))
    }
    return {
        "resource": declared,
        "board": board,
        "views": views_of(call.crm.registry, declared.name),
        "stacks": [_stack(call, session, declared, board, column, figures, mine) for column in board.columns],
        "path": view_path(board),
        "mine": mine,
        "ownable": hasattr(model, "owner_id") and call.actor.user_id is not None,
        "reason": next(iter(reasons.values())) if all(reasons.values()) else None,
    }


def _narrowed(call: PageCall, query: Any, model: Any, mine: bool) -> Any:
    if hasattr(model, "deleted_at"):
        query = query.where(model.deleted_at.is_(None))
    return query.where(model.owner_id == call.actor.user_id) if mine else query


def _figures(
    call: PageCall, session: CrmSession, model: Any, board: Board, mine: bool
) -> Mapping[str, list[tuple[int, str | None, int | None]]]:
    """Return how many records each column has, by currency, with the sum of their amounts."""
    field = getattr(model, board.field)
    priced = board.amount and hasattr(model, "currency")
    extra = [model.currency, func.sum(getattr(model, board.amount))] if priced else []
    by = [field, model.currency] if priced else [field]
    query = _narrowed(call, select(field, func.count(), *extra), model, mine).group_by(*by)
    found: dict[str, list[tuple[int, str | None, int | None]]] = {}
    for row in session.execute(query):
        value, count, *rest = tuple(row)
        currency, total = rest or (None, None)
        found.setdefault(str(value), []).append((count, currency, int(total) if total is not None else None))
    return found


def _stack(
    call: PageCall,
    session: CrmSession,
    declared: Resource,
    board: Board,
    column: BoardColumn,
    figures: Mapping[str, list[tuple[int, str | None, int | None]]],
    mine: bool,
) -> Stack:
    model: Any = declared.model
    query = _narrowed(call, select(model).where(getattr(model, board.field) == column.value), model, mine)
    for part in board.sort.split(","):
        order = getattr(model, part.strip().removeprefix("-"))
        query = query.order_by((order.desc() if part.strip().startswith("-") else order.asc()).nulls_last())
    records = list(session.scalars(query.order_by(model.id).limit(CARDS)))
    lines = figures.get(column.value, [])
    number = sum(count for count, _currency, _total in lines)
    totals = [Money(total, currency) for _count, currency, total in lines if currency is not None and total]
    return Stack(
        column=column,
        cards=list(_cards(call, session, declared, board, records)),
        number=number,
        totals=sorted(totals, key=lambda each: -each.amount),
        more=max(number - len(records), 0),
        list_path=f"/records/{declared.name}?where={board.field}+%3D%3D+%22{column.value}%22",
    )


def _cards(
    call: PageCall, session: CrmSession, declared: Resource, board: Board, records: Sequence[Any]
) -> Iterable[Card]:
    known = referred(call.crm.registry, declared.name)
    assert known is not None
    names = board.card or declared.columns
    shown = [each for each in shown_of(session, declared.model, names) if each.name not in (board.field, names[0])]
    rows = cells_of(session, shown, records, call.language)
    title = shown_of(session, declared.model, names[:1])
    heads = cells_of(session, title, records, call.language)
    for record, cells, head in zip(records, rows, heads, strict=True):
        titled = str(head[0].value) if head and head[0].value not in (None, "") else name_of(known, record)
        yield Card(
            id=record.id,
            version=getattr(record, "version", 0),
            path=record_path(call.crm.registry, declared.name, record.id) or "",
            title=titled,
            cells=[(each.title, cell) for each, cell in zip(shown, cells, strict=True) if cell.kind != "none"],
        )


ROUTES: list[PageRoute] = [show_board, move_card]
