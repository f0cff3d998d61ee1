"""The conditions of lists: from a text in the expression language to SQL over a resource's table.

A resource's own fields are names of the language, and so are facts, of customers and of what is about one. What is
sealed can be asked for by its whole value alone. Must not know how a page is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID
from weakref import WeakKeyDictionary

from attrs import define, evolve, field, frozen
from sqlalchemy import BigInteger, ColumnElement, LargeBinary, String, cast as sql_cast, func, type_coerce

from crmkit.core.customers.models import Customer
from crmkit.core.store.ids import parse_id
from crmkit.core.store.types import ScaledDecimal
from crmkit.engines.expressions import tree
from crmkit.engines.expressions.compiling import Expression, compile_tree
from crmkit.engines.expressions.mistakes import mistake
from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.symbols import FactRef, Symbol, Words
from crmkit.engines.expressions.tree import Binary, ListOf, Literal, Logic, Name, Node, Unary
from crmkit.engines.expressions.types import (
    BOOLEAN,
    DATE,
    DECIMAL,
    INSTANT,
    INTEGER,
    NUMBER,
    PLACES,
    TEXT,
    TEXTS,
    Type,
)
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of, readable
from crmkit.errors import ExpressionError, InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources.shapes import FieldShape, ResourceShape

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

FIELD = "filter"
_MASKED = _("You may not read {name} in full, and so lists can be neither filtered nor sorted by it.")
_TYPES: Mapping[str, Type] = {
    "text": TEXT,
    "choice": TEXT,
    "id": TEXT,
    "integer": INTEGER,
    "decimal": DECIMAL,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "date": DATE,
    "instant": INSTANT,
    "list": TEXTS,
    "choices": TEXTS,
}
_AS_FACTS = {"tags": "customer.tags", "interests": "customer.interests"}
"""Fields of customers that are facts under another name."""
_TAGS = {"customer.tags": "tag", "customer.interests": "interest"}
_KEPT = 1000
"""Most conditions that are kept once they were understood."""


@frozen(kw_only=True)
class Exact:
    """A comparison with whole values, that a token answers: of a sealed field, or of tags."""

    field: str
    values: tuple[str, ...] = ()
    """Nothing for the question whether there is a value at all."""
    at: int = 0


@frozen(kw_only=True, eq=False)
class Filter:
    """A condition that was understood. ``exact`` and ``about`` are its parts that SQL answers beside the table: by
    tokens, and by facts of the customer whom a record is about; the expression has a name in their place.

    ``names`` are the names that were written, with their places in the text; ``ids`` the references that must be equal
    to given ids, for an index.
    """

    text: str
    expression: Expression
    exact: Mapping[str, Exact]
    about: Mapping[str, Expression]
    names: Sequence[tuple[Name, int]]
    ids: Sequence[tuple[str, tuple[UUID, ...]]]


_kept: WeakKeyDictionary[Any, dict[Any, tuple[FactCatalogue, ResourceShape, Filter]]] = WeakKeyDictionary()


def understood(session: CrmSession, shape: ResourceShape, text: str) -> Filter:
    """Return what a text says about records of a resource, once its reader may ask for that.

    Raises ExpressionError, whose problems name the column, and are about the field ``filter``.
    """
    catalogue = catalogue_of(session)
    shelf = _kept.setdefault(session.crm, {})
    key = (text, shape.name)
    try:
        known = shelf.get(key)
        if known is None or known[0] is not catalogue or known[1] is not shape:
            known = (catalogue, shape, _understood(shape, catalogue, text))
            if len(shelf) >= _KEPT:
                shelf.clear()
            shelf[key] = known
        found = known[2]
        _check_rights(session, shape, catalogue, found)
    except InvalidInput as error:
        for problem in error.problems:
            problem.field = FIELD
        raise
    return found


def _understood(shape: ResourceShape, catalogue: FactCatalogue, text: str) -> Filter:
    rewriting = _Rewriting(text=text, shape=shape, catalogue=catalogue)
    rewritten = rewriting.condition(parse(text))
    symbols = [
        symbol_of(each) for each in shape.fields if each.filterable and each.source == "column" and not each.exact
    ]
    made = [Symbol(name=name, type=BOOLEAN, source="argument") for name in (*rewriting.exact, *rewriting.about)]
    behind = catalogue if shape.model is Customer else rewriting.facts()
    expression = compile_tree(rewritten, Words.of(*symbols, *made, behind=behind), text=text)
    return Filter(
        text=text,
        expression=expression,
        exact=rewriting.exact,
        about=rewriting.about,
        names=rewriting.names,
        ids=list(_ids(shape, rewritten)),
    )


def symbol_of(shape: FieldShape) -> Symbol:
    """Return a field as expressions see it."""
    return Symbol(
        name=shape.name,
        type=_TYPES[shape.type],
        nullable=shape.nullable,
        title=shape.title,
        doc=shape.title,
        classified=shape.classified,
        source="argument",
    )


def _ids(shape: ResourceShape, node: Node) -> Iterator[tuple[str, tuple[UUID, ...]]]:
    """Return the references that have to be equal to ids for a condition to hold."""
    if isinstance(node, Logic) and node.operator == "and":
        for operand in node.operands:
            yield from _ids(shape, operand)
    elif isinstance(node, Binary) and node.operator in ("==", "in") and isinstance(node.left, Name):
        known = shape.by_name.get(node.left.name)
        if known is not None and known.type == "id":
            values = node.right.items if isinstance(node.right, ListOf) else (node.right,)
            ids = [parse_id(str(each.value)) for each in values if isinstance(each, Literal)]
            if ids and all(ids):
                yield known.column, tuple(each for each in ids if each is not None)


# --- rewriting -------------------------------------------------------------------------------------------------------


@frozen
class _Only:
    """A vocabulary for suggestions alone: what it names stands elsewhere."""

    _names: tuple[str, ...]

    def find(self, name: str) -> Symbol | None:
        """Return nothing."""
        return None

    def names(self) -> Iterable[str]:
        """Return the names that there are."""
        return self._names


@define
class _Rewriting:
    """Puts names in the place of what SQL answers beside the table."""

    text: str
    shape: ResourceShape
    catalogue: FactCatalogue
    exact: dict[str, Exact] = field(factory=dict[str, Exact])
    about: dict[str, Expression] = field(factory=dict[str, Expression])
    names: list[tuple[Name, int]] = field(factory=list[tuple[Name, int]])

    def facts(self) -> _Only:
        """Return the vocabulary behind the fields of a resource that is not the customer's."""
        return _Only(tuple(self.catalogue.names()) if self.shape.about_customers else ())

    def condition(self, node: Node) -> Node:
        """Return a condition with names in the place of its parts."""
        if isinstance(node, Logic):
            return evolve(node, operands=tuple(map(self.condition, node.operands)))
        if isinstance(node, Unary) and node.operator == "not":
            return evolve(node, operand=self.condition(node.operand))
        if isinstance(node, Binary):
            found = self._exact(node)
            if found is not None:
                return found
        if isinstance(node, tree.Call) and node.function == "has" and len(node.arguments) == 1:
            name = node.arguments[0]
            known = self.shape.by_name.get(name.name) if isinstance(name, Name) else None
            if known is not None and known.exact:
                return self._token(known.name, (), name.at)
        return self._leaf(node)

    def _leaf(self, node: Node) -> Node:
        named = list(_names_in(node))
        for name in named:
            known = self.shape.by_name.get(name.name)
            if known is not None and not known.filterable:
                self._incomparable(name, known)
            if known is not None and known.exact:
                self._sealed(name)
        self.names.extend((name, name.at) for name in named)
        facts = [name for name in named if self._is_fact(name)]
        if self.shape.model is not Customer and facts:
            return self._about(node, named, facts)
        return self._readable(node)

    def _is_fact(self, name: Name) -> bool:
        return name.name not in self.shape.by_name and name.name in self.catalogue.facts

    def _about(self, node: Node, named: Sequence[Name], facts: Sequence[Name]) -> Node:
        """Return the name of a condition on facts about the customer whom a record is about."""
        if not self.shape.about_customers:
            raise mistake(self.text, facts[0].at, _("These records are about no customer, and have no facts."))
        if len(facts) < len(named):
            raise mistake(
                self.text,
                node.at,
                _("A fact about the customer cannot be compared with a field of the record."),
                fix=_("Compare each with something of its own, and join them by and."),
            )
        # A name that no text can have.
        name = f"={len(self.about)}"
        self.about[name] = compile_tree(node, self.catalogue, text=self.text)
        return Name(name, at=node.at)

    def _exact(self, node: Binary) -> Node | None:
        """Return what stands in the place of a comparison with whole values, or None for another one."""
        if node.operator in ("==", "!="):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                known = self.shape.by_name.get(one.name) if isinstance(one, Name) else None
                if known is not None and known.exact and isinstance(other, Literal):
                    if other.value is None:
                        there = self._token(known.name, (), one.at)
                        return Unary("not", there, at=node.at) if node.operator == "==" else there
                    if isinstance(other.value, str):
                        same = self._token(known.name, (other.value,), one.at)
                        return same if node.operator == "==" else Unary("not", same, at=node.at)
        elif node.operator == "in":
            return self._among(node.left, node.right)
        return None

    def _among(self, left: Node, right: Node) -> Node | None:
        known = self.shape.by_name.get(left.name) if isinstance(left, Name) else None
        if known is not None and known.exact and isinstance(right, ListOf) and isinstance(left, Name):
            values = [item.value for item in right.items if isinstance(item, Literal)]
            if values and all(isinstance(value, str) for value in values) and len(values) == len(right.items):
                return self._token(known.name, tuple(map(str, values)), left.at)
        if isinstance(right, Name) and isinstance(left, Literal) and isinstance(left.value, str):
            fact = _AS_FACTS.get(right.name, right.name)
            if self.shape.model is Customer and fact in _TAGS:
                return self._token(fact, (left.value,), right.at)
        return None

    def _token(self, name: str, values: tuple[str, ...], at: int) -> Name:
        made = f"~{len(self.exact)}"
        self.exact[made] = Exact(field=name, values=values, at=at)
        return Name(made, at=at)

    def _sealed(self, name: Name) -> NoReturn:
        raise mistake(
            self.text,
            name.at,
            _("This field is sealed: it can be looked for by its whole value alone."),
            fix=_('Write {name} == "…".'),
            name=name.name,
        )

    def _incomparable(self, name: Name, known: FieldShape) -> NoReturn:
        if known.source in ("sealed", "mixed", "contact"):
            message = _("{name} is sealed, and lists can be neither filtered nor sorted by it.")
        else:
            message = _("{name} has no value that could be compared.")
        raise mistake(self.text, name.at, message, name=name.name)

    def _readable(self, node: Node) -> Node:
        """Return a node with ids in their usual form, and with facts under their own names."""
        if isinstance(node, Name):
            fact = _AS_FACTS.get(node.name) if self.shape.model is Customer else None
            return node if fact is None else evolve(node, name=fact)
        if isinstance(node, Binary):
            left, right = self._readable(node.left), self._readable(node.right)
            return evolve(node, left=self._id(left, right), right=self._id(right, left))
        if isinstance(node, Unary):
            return evolve(node, operand=self._readable(node.operand))
        if isinstance(node, Logic):
            return evolve(node, operands=tuple(map(self._readable, node.operands)))
        if isinstance(node, ListOf):
            return evolve(node, items=tuple(map(self._readable, node.items)))
        if isinstance(node, tree.Call):
            return evolve(node, arguments=tuple(map(self._readable, node.arguments)))
        if isinstance(node, tree.Conditional):
            parts = map(self._readable, (node.test, node.then, node.otherwise))
            return tree.Conditional(*parts, at=node.at)
        return node

    def _id(self, node: Node, other: Node) -> Node:
        """Return an id that is written out in its usual form, where it is compared with a field of ids."""
        known = self.shape.by_name.get(other.name) if isinstance(other, Name) else None
        if known is None or known.type != "id":
            return node
        if isinstance(node, ListOf):
            return evolve(node, items=tuple(self._id(item, other) for item in node.items))
        if isinstance(node, Literal) and isinstance(node.value, str):
            identity = parse_id(node.value)
            if identity is None:
                raise mistake(
                    self.text,
                    node.at,
                    _("This is no id."),
                    fix=_("It should look like {example}."),
                    example="0197a1b2-0000-7000-8000-000000000000",
                )
            return evolve(node, value=str(identity))
        return node


def _names_in(node: Node) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for child in node.children:
        yield from _names_in(child)


# --- rights ----------------------------------------------------------------------------------------------------------


def _check_rights(session: CrmSession, shape: ResourceShape, catalogue: FactCatalogue, found: Filter) -> None:
    for name, at in found.names:
        known = shape.by_name.get(name.name)
        if known is not None and name.name not in catalogue.facts:
            if not readable_in_full(session, shape, known):
                raise masked(found.text, at, name.name)
            continue
        fact = _AS_FACTS.get(name.name, name.name)
        if fact in catalogue.facts:
            ref = FactRef(fact, name.key)
            if not all(readable(session, each) for each in catalogue.closure([ref])):
                raise masked(found.text, at, name.name)
    for exact in found.exact.values():
        known = shape.by_name.get(exact.field)
        if known is not None and known.exact and session.level(shape.model, known.classified) == "none":
            raise masked(found.text, exact.at, exact.field)


def readable_in_full(session: CrmSession, shape: ResourceShape, known: FieldShape) -> bool:
    """Say whether the session's actor may read a field in full, and so filter and sort by it."""
    return known.classified in ("public", "internal") or session.level(shape.model, known.classified) == "full"


def masked(text: str, at: int, name: str) -> ExpressionError:
    """Return the refusal of a condition on what its reader may not read in full."""
    return mistake(text, at, _MASKED, name=name)


def masked_problem(name: str, field_: str) -> InvalidInput:
    """Return the same about a field of the query."""
    return InvalidInput([Problem("CK500", _MASKED, field=field_, name=name)])


# --- columns ---------------------------------------------------------------------------------------------------------


def compared(shape: FieldShape, column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Return a column in the form in which expressions compare it."""
    if shape.type == "id":
        return _id_text(column, dialect)
    if shape.type == "decimal":
        scale = column.type.scale if isinstance(column.type, ScaledDecimal) else None
        if scale is None:
            return sql_cast(column * 10**PLACES, BigInteger)
        whole = type_coerce(column, BigInteger)
        return whole * 10 ** (PLACES - scale) if scale <= PLACES else whole / 10 ** (scale - PLACES)
    return column


def _id_text(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """Return an id as text, as people write it."""
    if dialect == "postgresql":
        return sql_cast(column, String)
    digits: Any = func.lower(func.hex(type_coerce(column, LargeBinary)), type_=String)
    parts: list[Any] = [
        func.substr(digits, first, size, type_=String) for first, size in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    ]
    text = parts[0]
    for part in parts[1:]:
        text = text + "-" + part
    return func.nullif(text, "----", type_=String)
