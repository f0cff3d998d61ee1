"""Loops of rules: which firings led to an event, and which rules could set each other off.

Every firing is an event, ``rule.fired``, and the cause of all that it leads to, jobs included. So the firings behind an
event are found by its causes, and one that only happened beside it is never taken for one. Must not know conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit.core.operations.operation import Operation
from crmkit.core.operations.registry import Registry
from crmkit.core.operations.tables import EventRecord
from crmkit.core.operations.transactions import DEPTH
from crmkit.core.store.guard import region
from crmkit.core.store.model import Model
from crmkit.engines.rules.tables import RuleLog

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

REPEATS = 5
"""How often a rule fires for a customer along one chain of causes, however much what it reads has changed."""
_EVENT = cast(Any, EventRecord).__table__
_LOG = cast(Any, RuleLog).__table__


@frozen(kw_only=True)
class Chain:
    """The firings that led to what is at hand: of each its rule, its customer and the hash of what it had read."""

    deep: bool = False
    """Whether the chain is as long as chains of events may be: nothing that emits one could succeed."""
    firings: tuple[tuple[str, UUID, str], ...] = field(default=(), converter=tuple)

    def loops(self, rule: str, customer_id: UUID, read: str) -> bool:
        """Say whether a rule would go in circles if it fired: it led here with the very values that it reads now, or
        too often."""
        own = [item for item in self.firings if item[:2] == (rule, customer_id)]
        return self.deep or len(own) >= REPEATS or any(item[2] == read for item in own)


def chain_of(session: CrmSession) -> Chain:
    """Return the firings that led to the event that is being delivered. What nothing led to costs no statement."""
    unit = session.unit
    if unit.cause is None or unit.cause_depth <= 1:
        return Chain()
    chain = select(_EVENT.c.id, _EVENT.c.cause_id).where(_EVENT.c.id == unit.cause).cte("chain", recursive=True)
    chain = chain.union_all(select(_EVENT.c.id, _EVENT.c.cause_id).join(chain, _EVENT.c.id == chain.c.cause_id))
    query = (
        select(_LOG.c.rule, _LOG.c.customer_id, _LOG.c.facts_hash)
        .join(chain, _LOG.c.id == chain.c.id)
        .where(_LOG.c.outcome == "fired")
    )
    with region(session, "what led to an event"):
        rows = session.connection().execute(query).all()
    return Chain(deep=unit.cause_depth >= DEPTH, firings=[(row.rule, row.customer_id, row.facts_hash) for row in rows])


# --- before they are saved -------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Link:
    """What a rule listens to, with the only values of event fields that it fires for, and what it does: operations
    with those inputs that are the same each time."""

    rule: str
    on: str
    keys: Mapping[str, frozenset[Any]]
    does: Sequence[tuple[str, Mapping[str, Any]]]


def cycles(registry: Registry, links: Iterable[Link], *, through: str) -> list[tuple[str, ...]]:
    """Return the shortest ways on which a rule could set itself off again, as names of rules from it back to it.

    They are possible by what the code of the operations names; whether it comes to it, only running them can tell.
    """
    known = {link.rule: link for link in links}
    listening: dict[str, list[Link]] = {}
    for link in known.values():
        listening.setdefault(link.on, []).append(link)

    def after(link: Link) -> Iterator[str]:
        for operation, given in link.does:
            for name in emits(registry, operation):
                for other in listening.get(name, ()):
                    told = {f"event.{each}": value for each, value in given.items()}
                    if all(told[each] in other.keys[each] for each in told.keys() & other.keys.keys()):
                        yield other.rule

    found: list[tuple[str, ...]] = []
    paths: list[tuple[str, ...]] = [(through,)] if through in known else []
    seen: set[str] = set()
    while paths:
        path = paths.pop(0)
        for name in dict.fromkeys(after(known[path[-1]])):
            if name == through:
                found.append((*path, name))
            elif name not in seen:
                seen.add(name)
                paths.append((*path, name))
    return found


def emits(registry: Registry, operation: str) -> frozenset[str]:
    """Return the names of the events that an operation may emit, by what its code names: events, operations, and
    functions and classes of the same package."""
    found: set[str] = set()
    seen: set[int] = set()
    waiting: list[Any] = [registry.operations.get(operation)]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(getattr(item, "__event__", None), str):
            found.add(item.__event__)
        elif isinstance(item, Operation):
            waiting += [item.function, item.bulk]
        elif isinstance(item, FunctionType):
            package = item.__module__.partition(".")[0]
            waiting += [
                each
                for each in _named(item, registry)
                if isinstance(each, Operation) or str(getattr(each, "__module__", "")).partition(".")[0] == package
            ]
        elif isinstance(item, type) and not issubclass(item, Model):
            waiting += [each for each in vars(item).values() if isinstance(each, FunctionType)]
    return frozenset(found)


def _named(function: FunctionType, registry: Registry) -> Iterator[Any]:
    for code in _codes(function.__code__):
        for name in code.co_names:
            if name in function.__globals__:
                yield function.__globals__[name]
        for constant in code.co_consts:
            if isinstance(constant, str) and constant in registry.operations:
                yield registry.operations[constant]


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
