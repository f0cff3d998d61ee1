"""Boards: the records of a resource as cards, in columns by what stands in one of their fields.

A card is moved by an operation, like everything else: one that is refused goes back with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.business.money import Money
from crmkit.core.business.rates import convert
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, RateMissing, StepUpNeeded, Unauthenticated
from crmkit.hooks.contributions import Board, BoardChoice, BoardColumn, BoardMark, Resource
from crmkit.i18n import texts
from crmkit.web.http.problems import log_failure, status_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.asking import reason_of
from crmkit.web.pages.forms.references import name_of, referred
from crmkit.web.pages.home.board import wording
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
    mark: BoardMark | None = None


@frozen(kw_only=True)
class Stack:
    """A column with its cards. ``total`` is what all its records come to in the base currency, without the amounts
    ``unconverted``, by their currencies; ``more`` says how many cards are not shown."""

    column: BoardColumn
    cards: Sequence[Card]
    number: int
    total: Money | None
    unconverted: Sequence[Money]
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
    with call.session() as session:
        columns = _columns(session, board, _choice(call, session, board)[0])
    column = next((each for each in columns if each.value == to), None)
    if identity is None or column is None:
        raise InvalidInput([Problem("CK500", _("There is no such column on this board."), field="to", value=to)])
    if column.ask:
        form = operation_path(column.operation or board.move, target=identity, next=_path(call, board))
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
        return _told(call, scripted, board, declared=declared, said=said, level="danger", card=identity)
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
    card: UUID | None = None,
) -> Response:
    if not scripted:
        return call.redirect(form or _path(call, board), said=said or None, level=level)
    body: dict[str, Any] = {"said": said, "level": level, "card": str(card or "")}
    if form is not None:
        body["go"] = call.url(form)
    elif declared is not None:
        with call.session() as session:
            context = _context(call, session, declared, board)
        body["board"] = call.pages.render(call, TEMPLATE, context, block="board")
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


# --- what stands on it -----------------------------------------------------------------------------------------------


def _path(call: PageCall, board: Board) -> str:
    """Return the path of a board as it is looked at: which of its sets, and whose records."""
    asked = {name: call.value(name) for name in ("choice", "mine") if call.value(name)}
    return view_path(board) + (f"?{urlencode(asked)}" if asked else "")


def _choice(call: PageCall, session: CrmSession, board: Board) -> tuple[str, Sequence[BoardChoice]]:
    """Return which of a board's sets is looked at, and all of them."""
    if board.choices is None:
        return "", ()
    choices = board.choices(session)
    asked = call.value("choice")
    return next((each.value for each in choices if each.value == asked), choices[0].value if choices else ""), choices


def _columns(session: CrmSession, board: Board, choice: str) -> Sequence[BoardColumn]:
    return board.columns if board.columns_of is None else board.columns_of(session, choice)


def _context(call: PageCall, session: CrmSession, declared: Resource, board: Board) -> dict[str, Any]:
    model: Any = declared.model
    choice, choices = _choice(call, session, board)
    columns = _columns(session, board, choice)
    of_choice = board.of(choice) if board.of is not None and choice else None
    mine = call.value("mine") == "1" and hasattr(model, "owner_id")

    def narrowed(query: Any) -> Any:
        query = _narrowed(call, query, model, mine)
        return query if of_choice is None else query.where(of_choice)

    figures = _figures(session, model, board, narrowed)
    shown = {each.value: _records(session, model, board, each, narrowed) for each in columns}
    cards = _cards(call, session, declared, board, [record for records in shown.values() for record in records])
    reasons = {
        name: reason_of(session, call.crm.registry.operation(name), None, call.language)
        for name in dict.fromkeys((board.move, *(each.operation for each in columns if each.operation)))
    }
    return {
        "resource": declared,
        "board": board,
        "columns": columns,
        "choice": choice,
        "asked": choice if choices and choice != choices[0].value else "",
        "choices": choices,
        "views": views_of(call.crm.registry, declared.name),
        "stacks": [
            _stack(
                session,
                declared,
                board,
                each,
                lines=figures.get(each.value, []),
                cards=[cards[one.id] for one in shown[each.value]],
            )
            for each in columns
        ],
        "path": view_path(board),
        "mine": mine,
        "ownable": hasattr(model, "owner_id") and call.actor.user_id is not None,
        **wording(call),
        "reason": next(iter(reasons.values())) if all(reasons.values()) else None,
    }


def _narrowed(call: PageCall, query: Any, model: Any, mine: bool) -> Any:
    if hasattr(model, "deleted_at"):
        query = query.where(model.deleted_at.is_(None))
    return query.where(model.owner_id == call.actor.user_id) if mine else query


def _figures(
    session: CrmSession, model: Any, board: Board, narrowed: Callable[[Any], Any]
) -> Mapping[str, list[tuple[int, str | None, int | None]]]:
    """Return how many records each column has, by currency, with the sum of their amounts."""
    field = getattr(model, board.field)
    priced = board.amount and hasattr(model, "currency")
    extra = [model.currency, func.sum(getattr(model, board.amount))] if priced else []
    by = [field, model.currency] if priced else [field]
    found: dict[str, list[tuple[int, str | None, int | None]]] = {}
    for row in session.execute(narrowed(select(field, func.count(), *extra)).group_by(*by)):
        value, count, *rest = tuple(row)
        currency, total = rest or (None, None)
        found.setdefault(str(value), []).append((count, currency, int(total) if total is not None else None))
    return found


def _records(
    session: CrmSession, model: Any, board: Board, column: BoardColumn, narrowed: Callable[[Any], Any]
) -> Sequence[Any]:
    query = narrowed(select(model).where(getattr(model, board.field) == column.value))
    for part in board.sort.split(","):
        order = getattr(model, part.strip().removeprefix("-"))
        query = query.order_by((order.desc() if part.strip().startswith("-") else order.asc()).nulls_last())
    return list(session.scalars(query.order_by(model.id).limit(CARDS)))


def _stack(
    session: CrmSession,
    declared: Resource,
    board: Board,
    column: BoardColumn,
    *,
    lines: Sequence[tuple[int, str | None, int | None]],
    cards: Sequence[Card],
) -> Stack:
    number = sum(count for count, _currency, _total in lines)
    amounts = [Money(total, currency) for _count, currency, total in lines if currency is not None and total]
    total, unconverted = _in_base(session, amounts)
    return Stack(
        column=column,
        cards=cards,
        number=number,
        total=total,
        unconverted=unconverted,
        more=max(number - len(cards), 0),
        list_path=f"/records/{declared.name}?where={board.field}+%3D%3D+%22{column.value}%22",
    )


def _in_base(session: CrmSession, amounts: Sequence[Money]) -> tuple[Money | None, Sequence[Money]]:
    """Return what amounts come to in the base currency at the rates of today, and those that there is no rate for."""
    base = session.crm.config.get(session).base_currency
    total, left = None, list[Money]()
    for amount in sorted(amounts, key=lambda each: (-each.amount, each.currency)):
        try:
            converted = convert(session, amount, base, session.today()) if base is not None else None
        except RateMissing:
            converted = None
        if converted is None:
            left.append(amount)
        else:
            total = converted if total is None else total + converted
    return total, left


def _cards(
    call: PageCall, session: CrmSession, declared: Resource, board: Board, records: Sequence[Any]
) -> Mapping[UUID, Card]:
    """Return the cards of records, by their ids: for all columns at once, as each asks for what it refers to."""
    known = referred(call.crm.registry, declared.name)
    assert known is not None
    names = board.card or declared.columns
    shown = [each for each in shown_of(session, declared.model, names) if each.name not in (board.field, names[0])]
    rows = cells_of(session, shown, records, call.language)
    title = shown_of(session, declared.model, names[:1])
    heads = cells_of(session, title, records, call.language)
    marks = board.marks(session, records) if board.marks is not None and records else {}
    return {
        record.id: Card(
            id=record.id,
            version=getattr(record, "version", 0),
            path=record_path(call.crm.registry, declared.name, record.id) or "",
            title=str(head[0].value) if head and head[0].value not in (None, "") else name_of(known, record),
            cells=[(each.title, cell) for each, cell in zip(shown, cells, strict=True) if cell.kind != "none"],
            mark=marks.get(record.id),
        )
        for record, cells, head in zip(records, rows, heads, strict=True)
    }


ROUTES: list[PageRoute] = [show_board, move_card]
