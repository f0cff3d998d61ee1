"""The facts that there are: those of the kernel and the plugins, and those that follow from what an admin has defined.

A vocabulary for expressions. Kept for as long as configuration, definitions and plugins stay as they are.
"""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import define, field, frozen

import crmkit.engines as _house
from crmkit.core.business.config import was_bumped
from crmkit.core.customers.models import Customer
from crmkit.engines.definitions.publishing import GENERATION, generation_of
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.symbols import FactRef, Symbol
from crmkit.engines.expressions.tree import Name
from crmkit.engines.expressions.types import BOOLEAN, Type, type_of
from crmkit.errors import InvalidInput, UnknownFact
from crmkit.hooks.facts import Fact, FactSet
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_OPEN = ("public", "internal")
MOST_PARTS = 5000
"""Most parts of an expression with what its facts follow from put in their places, as SQL has it: segments that name
each other several times would grow beyond all bounds."""
DEEPEST = 60
"""Most levels of the same."""
_ONE = (1, 0)
_KEPT = 1000
"""Most expressions that are kept once they were understood."""


@frozen(kw_only=True, eq=False)
class Known:
    """A fact with its set, and as expressions see it."""

    set: FactSet
    fact: Fact
    symbol: Symbol

    @property
    def name(self) -> str:
        """Return the fact's whole name."""
        return self.symbol.name


@define(eq=False)
class FactCatalogue:
    """All facts by name; a `Vocabulary` of expressions. ``plans`` is what reading keeps of its own."""

    facts: Mapping[str, Known]
    plans: dict[Any, Any] = field(factory=dict[Any, Any])
    _expressions: dict[tuple[str, Any], Expression] = field(factory=dict[tuple[str, Any], Expression])
    _extents: dict[str, tuple[int, int]] = field(factory=dict[str, tuple[int, int]])

    def __iter__(self) -> Iterator[Known]:
        return iter(self.facts.values())

    def find(self, name: str) -> Symbol | None:
        """Return the fact of a name as expressions see it, or None."""
        known = self.facts.get(name)
        return None if known is None else known.symbol

    def names(self) -> Iterable[str]:
        """Return the names of all facts."""
        return self.facts

    def known(self, name: str) -> Known:
        """Return a fact. Raises UnknownFact, suggesting the one that was probably meant."""
        found = self.facts.get(name)
        if found is None:
            close = difflib.get_close_matches(name, self.facts, 1)
            raise UnknownFact(
                _('There is no fact "{name}".'),
                fix=_('Did you mean "{close}"?') if close else _("crmkit fact list shows all of them."),
                name=name,
                close=close[0] if close else "",
            )
        return found

    def ref(self, text: str) -> FactRef:
        """Return what a text such as ``purchase.count`` or ``interaction.kind_count["call"]`` names.

        Raises UnknownFact, and InvalidInput for a key that is missing or too many.
        """
        name, bracket, rest = text.strip().partition("[")
        known = self.known(name.strip())
        key = rest.strip().removesuffix("]").strip().strip("\"'") if bracket else None
        if bool(known.set.keyed) != bool(key) or (bracket and not rest.rstrip().endswith("]")):
            raise (
                InvalidInput(
                    _("{name} needs a key ({keyed})."),
                    fix=_('Write {name}["…"].'),
                    name=known.name,
                    keyed=known.set.keyed,
                )
                if known.set.keyed
                else InvalidInput(_("{name} has no keys."), name=known.name)
            )
        return FactRef(known.name, key)

    def checked(self, text: str, expect: Type | None = BOOLEAN) -> Expression:
        """Return an expression over facts. Raises ExpressionError, and InvalidInput for one that is too large with what
        its facts follow from."""
        found = self._expressions.get((text, expect))
        if found is None:
            found = compile_expression(text, self, expect=expect)
            self.check_extent(found)
            if len(self._expressions) < _KEPT:
                self._expressions[text, expect] = found
        return found

    def derivation(self, ref: FactRef) -> Expression | None:
        """Return how a fact follows from others, or None for one that its set computes. Raises ExpressionError."""
        fact = self.known(ref.name).fact
        return self.checked(fact.expression, None) if fact.expression else None

    def check_extent(self, expression: Expression) -> None:
        """Refuse an expression that is too large or too deep with what its facts follow from. Raises InvalidInput."""
        parts = deepest = 0
        waiting = [(expression.tree, 1)]
        while waiting:
            node, depth = waiting.pop()
            more, below = self._extent(node.name) if isinstance(node, Name) else (1, 0)
            parts, deepest = parts + more, max(deepest, depth + below)
            waiting.extend((child, depth + 1) for child in node.children)
        if parts > MOST_PARTS or deepest > DEEPEST:
            raise InvalidInput(
                _("With what its facts follow from, this has more than {parts} parts or {levels} levels."),
                fix=_("Name fewer segments, or segments that name fewer others."),
                parts=MOST_PARTS,
                levels=DEEPEST,
            )
        self._extents[expression.text] = parts, deepest

    def _extent(self, name: str) -> tuple[int, int]:
        """Return of how many parts and levels a fact is, with those that it follows from."""
        known = self.facts.get(name)
        text = "" if known is None else known.fact.expression
        if text and text not in self._extents:
            # One that follows from itself is refused where it is read.
            self._extents[text] = _ONE
            try:
                self.check_extent(self.checked(text, None))
            except InvalidInput:
                del self._extents[text]
                raise
        return self._extents[text] if text else _ONE

    def closure(self, refs: Iterable[FactRef], known: Container[FactRef] = ()) -> list[FactRef]:
        """Return facts with all those that they follow from, these first; what ``known`` ones follow from is left out.

        Raises InvalidInput for a circle.
        """
        found: dict[FactRef, bool] = {}

        def visit(ref: FactRef) -> None:
            if found.get(ref):
                return
            if ref in found:
                raise InvalidInput(_("{name} follows from itself."), name=str(ref))
            found[ref] = False
            expression = None if ref in known else self.derivation(ref)
            for other in () if expression is None else sorted(expression.facts, key=str):
                visit(other)
            # Put at the end: what it follows from stands before it.
            del found[ref]
            found[ref] = True

        for ref in refs:
            visit(ref)
        return list(found)


class _Cache:
    def __init__(self) -> None:
        self.key: Any = None
        self.catalogue: FactCatalogue | None = None


_caches: WeakKeyDictionary[Any, _Cache] = WeakKeyDictionary()


def catalogue_of(session: CrmSession) -> FactCatalogue:
    """Return the facts that there are in the session's transaction."""
    config = session.crm.config.get(session)
    key = (config.generation, *generation_of(session))
    held = session.info.get("crmkit.facts")
    if held is not None and held[0] == key:
        return held[1]
    cache_ = _caches.setdefault(session.crm, _Cache())
    changing = was_bumped(session, "config") or was_bumped(session, GENERATION)
    if cache_.catalogue is not None and cache_.key == key and not changing:
        found = cache_.catalogue
    else:
        found = FactCatalogue(_all_facts(session))
        if not changing:
            cache_.key, cache_.catalogue = key, found
    session.info["crmkit.facts"] = (key, found)
    return found


@cache
def _sources() -> Sequence[Callable[[CrmSession], Sequence[FactSet]]]:
    """Return what gives the sets that follow from definitions (``FACT_SOURCES`` of each room's catalogue)."""
    found: list[Any] = []
    for module in pkgutil.iter_modules(_house.__path__):
        dotted = f"{_house.__name__}.{module.name}.catalogue"
        if module.ispkg and find_spec(dotted) is not None:
            found.extend(getattr(import_module(dotted), "FACT_SOURCES", ()))
    return found


def _all_facts(session: CrmSession) -> dict[str, Known]:
    sets: list[FactSet] = [*session.gate.registry.tables["fact set"].values()]
    for source in _sources():
        sets.extend(source(session))
    found: dict[str, Known] = {}
    for each in sets:
        for fact in each.columns:
            name = f"{each.name}.{fact.name}"
            # What plugins ship is without doubles when it is registered; what is defined later yields to it.
            found.setdefault(name, Known(set=each, fact=fact, symbol=_symbol(name, each, fact)))
    return dict(sorted(found.items()))


def _symbol(name: str, of: FactSet, fact: Fact) -> Symbol:
    type_, nullable = type_of(fact.type)
    return Symbol(
        name=name,
        type=type_,
        nullable=nullable,
        title=fact.title or fact.doc,
        doc=fact.doc,
        classified=fact.classified,
        keyed=bool(of.keyed),
        options=fact.options,
        source="fact",
    )


# --- rights ----------------------------------------------------------------------------------------------------------


def readable(session: CrmSession, ref: FactRef) -> bool:
    """Say whether the session's actor may read facts of this one's class."""
    classified = catalogue_of(session).known(ref.name).fact.classified
    return classified in _OPEN or session.level(Customer, classified) == "full"


def check_readable(session: CrmSession, refs: Iterable[FactRef]) -> None:
    """Return when the actor may read some facts, and what they follow from. Raises UnknownFact, which names the first
    that he may not."""
    catalogue = catalogue_of(session)
    for ref in catalogue.closure(refs):
        if not readable(session, ref):
            raise UnknownFact(
                _("{name} is {classified}, and masked for you."),
                fix=_("Leave it out, or have your role see such fields in full."),
                name=str(ref),
                classified=catalogue.known(ref.name).fact.classified,
            )
