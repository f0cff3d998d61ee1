"""What an event offers to a rule: its fields, what the records that it names say of themselves, and about whom it is.

An event about many customers is many occasions. Records are read over all rows, as facts are, and only fields that are
neither personal nor sensitive. Must not know rules.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from sqlalchemy import Table, select

from crmkit.core.business.money import Money
from crmkit.core.business.rates import convert
from crmkit.core.operations.events import event_name
from crmkit.core.operations.inputs import input_info
from crmkit.core.operations.registry import Registry
from crmkit.core.store.guard import region
from crmkit.core.store.infos import field_info
from crmkit.engines.expressions.symbols import Symbol
from crmkit.engines.expressions.types import BOOLEAN, DATE, DECIMAL, INSTANT, INTEGER, MONEY, TEXT, TEXTS, Type, type_of
from crmkit.errors import InvalidInput, RateMissing
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

OPEN = ("public", "internal")
CUSTOMER = "customer.id"
"""The name by which a rule speaks of its customer's id."""
_PAYLOAD: Mapping[str, tuple[Type, Callable[[Any], Any]]] = {
    "string": (TEXT, str),
    "integer": (INTEGER, int),
    "decimal": (DECIMAL, Decimal),
    "boolean": (BOOLEAN, bool),
    "date": (DATE, date.fromisoformat),
    "instant": (INSTANT, datetime.fromisoformat),
    "list": (TEXTS, lambda items: [str(item) for item in items]),
}


@attrs.frozen(kw_only=True)
class Occasion:
    """One thing that happened to one customer, or the time that has come for one; ``values`` are the event's fields."""

    key: str
    customer_id: UUID
    values: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen(kw_only=True, eq=False)
class Source:
    """Where the records that an event names are read: their table, and how each of their symbols is made of a row."""

    noun: str
    table: Table
    read: Mapping[str, Callable[[Any], Any]]


@attrs.frozen(kw_only=True, eq=False)
class Shape:
    """What events of one class offer. ``many`` says that they are about many customers; ``aligned`` are the fields with
    an id for each of those, ``ids`` the symbols that are ids."""

    name: str
    event: type[Any]
    many: bool
    about: bool
    aligned: tuple[str, ...]
    symbols: Mapping[str, Symbol]
    sources: Mapping[str, Source]
    ids: frozenset[str]

    def told(self, event: Any) -> dict[str, Any]:
        """Return the event's own fields by the names that expressions use."""
        return {f"event.{item.name}": plain(getattr(event, item.name)) for item in attrs.fields(self.event)}

    def occasions(self, session: CrmSession, event: Any, key: str, wanted: Iterable[str]) -> list[Occasion]:
        """Return the occasions of an event, in its order, with the values of the names that are wanted. ``key`` tells
        the event from all others."""
        whom: Sequence[UUID | None] = event.customer_ids if self.many else (getattr(event, "customer_id", None),)
        common = self.told(event)
        lists = {name: getattr(event, name) for name in self.aligned}
        found: list[Occasion] = []
        seen: set[UUID] = set()
        for place, customer in enumerate(whom):
            own = {f"event.{name[:-1]}": plain(ids[place]) for name, ids in lists.items() if len(ids) == len(whom)}
            # Without anything that is this customer's own, naming a customer twice says the same thing twice.
            if customer is None or (customer in seen and not own):
                continue
            seen.add(customer)
            found.append(Occasion(key=f"{key}:{place}", customer_id=customer, values={**common, **own}))
        for noun, names in self._records(wanted).items():
            found = self._filled(session, found, self.sources[noun], names)
        return found

    def _records(self, wanted: Iterable[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name in wanted:
            for noun, source in self.sources.items():
                if name in source.read:
                    found.setdefault(noun, set()).add(name)
        return found

    def _filled(
        self, session: CrmSession, occasions: list[Occasion], source: Source, names: set[str]
    ) -> list[Occasion]:
        place = f"event.{source.noun}_id"
        ids = [UUID(each.values[place]) for each in occasions if each.values.get(place)]
        rows: dict[str, Any] = {}
        for start in range(0, len(ids), 1000):
            query = select(source.table).where(source.table.c.id.in_(ids[start : start + 1000]))
            with region(session, "the records that an event names"):
                rows.update({str(row.id): row for row in session.connection().execute(query)})
        values = {key: {name: _read(session, source.read[name], row) for name in names} for key, row in rows.items()}
        return [
            attrs.evolve(each, values={**each.values, **values.get(each.values.get(place) or "", {})})
            for each in occasions
        ]


def shape_of(registry: Registry, cls: type[Any]) -> Shape:
    """Return what events of a class offer."""
    hints = typing.get_type_hints(cls, include_extras=True)
    names = [item.name for item in attrs.fields(cls)]
    many = "customer_ids" in names
    aligned = tuple(name for name in names if many and name.endswith("_ids") and name != "customer_ids")
    symbols: dict[str, Symbol] = {}
    ids: set[str] = {CUSTOMER}
    for name in names:
        found = _symbol(f"event.{name}", hints[name])
        if found is not None and name != "customer_ids" and name not in aligned:
            symbols[found.name] = found
            if _core(hints[name])[0] is UUID:
                ids.add(found.name)
    for name in aligned:
        symbols[f"event.{name[:-1]}"] = Symbol(name=f"event.{name[:-1]}", type=TEXT, nullable=True, source="event")
        ids.add(f"event.{name[:-1]}")
    sources: dict[str, Source] = {}
    own = event_name(cls).partition(".")[0]
    for name in sorted(ids):
        noun = name.removeprefix("event.").removesuffix("_id")
        resource = registry.resources.get(f"{own}.{noun}") or registry.resources.get(noun)
        if name.startswith("event.") and resource is not None and noun != "customer":
            source, more = _source(registry, noun, resource.model)
            sources[noun] = source
            symbols.update(more)
    return Shape(
        name=event_name(cls),
        event=cls,
        many=many,
        about=many or "customer_id" in names,
        aligned=aligned,
        symbols=symbols,
        sources=sources,
        ids=frozenset(ids),
    )


def _core(hint: Any) -> tuple[Any, bool]:
    """Return a type without its annotations and None, and whether it admits None."""
    if get_origin(hint) is Annotated:
        return _core(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        members = [member for member in get_args(hint) if member is not type(None)]
        return (_core(members[0])[0] if len(members) == 1 else Any), len(members) < len(get_args(hint))
    return hint, False


def _symbol(name: str, hint: Any) -> Symbol | None:
    core, nullable = _core(hint)
    options: tuple[str, ...] = ()
    found: Type | None
    if get_origin(core) is Literal:
        found, options = TEXT, tuple(map(str, get_args(core)))
    elif isinstance(core, type) and issubclass(core, Enum):
        found, options = TEXT, tuple(str(member.value) for member in core)
    elif core is UUID:
        found = TEXT
    elif get_origin(core) in (tuple, list) and _core(get_args(core)[0])[0] in (str, UUID):
        found = TEXTS
    else:
        try:
            found = type_of(core)[0]
        except InvalidInput:
            return None
    said = input_info(hint if get_origin(hint) is Annotated else next(iter(get_args(hint)), None)).classified
    classified: Any = said if said in (*OPEN, "personal") else "internal"
    return Symbol(name=name, type=found, nullable=nullable, options=options, classified=classified, source="event")


def _source(registry: Registry, noun: str, model: type[Any]) -> tuple[Source, dict[str, Symbol]]:
    table = cast(Table, cast(Any, model).__table__)
    symbols: dict[str, Symbol] = {}
    read: dict[str, Callable[[Any], Any]] = {}

    def add(name: str, type_: Type, how: Callable[[Any], Any], title: str = "") -> None:
        whole = f"event.{noun}.{name}"
        symbols[whole] = Symbol(name=whole, type=type_, nullable=True, title=title, source="event")
        read[whole] = how

    for column in table.c:
        info = field_info(column)
        found = _symbol(column.name, column.type.python_type) if info.classified in OPEN and info.title else None
        if found is not None:
            add(column.name, found.type, lambda row, at=column.name: plain(row._mapping[at]), info.title)
    if {"amount_minor", "currency"} <= set(table.c.keys()):
        on = next((name for name in ("occurred_at", "created_at") if name in table.c), None)
        add("amount", MONEY, lambda row: _Amount(row.amount_minor, row.currency, getattr(row, on) if on else None))
    if noun == "interaction":
        for kind in registry.interaction_kinds.values():
            for item in kind.payload:
                if item.classified in OPEN and item.type in _PAYLOAD:
                    type_, convert_ = _PAYLOAD[item.type]
                    add(f"payload.{item.name}", type_, lambda row, at=item.name, to=convert_: _of_payload(row, at, to))
    return Source(noun=noun, table=table, read=read), symbols


@attrs.frozen
class _Amount:
    minor: int | None
    currency: str | None
    at: datetime | None


def _read(session: CrmSession, how: Callable[[Any], Any], row: Any) -> Any:
    value = how(row)
    if not isinstance(value, _Amount):
        return value
    config = session.crm.config.get(session)
    if value.minor is None or value.currency is None or config.base_currency is None:
        return None
    at = value.at or session.gate.clock.business_now()
    try:
        with region(session, "rates"):
            on = at.astimezone(ZoneInfo(config.zone)).date()
            return convert(session, Money(value.minor, value.currency), config.base_currency, on).amount
    except RateMissing:
        return None


def _of_payload(row: Any, name: str, to: Callable[[Any], Any]) -> Any:
    value = (row.payload or {}).get(name)
    try:
        return None if value is None else to(value)
    except (TypeError, ValueError, ArithmeticError):
        return None


def plain(value: Any) -> Any:
    """Return a value of an event as expressions see it: ids and choices are texts."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in cast("Sequence[Any]", value)]
    return value
