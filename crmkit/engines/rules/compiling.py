"""Rules made ready to run: every text understood and checked against events, facts and operations, once.

Must not know where rules are kept, nor run them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin
from uuid import UUID

import attrs

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import fields_of, structure
from crmkit.core.operations.operation import Operation
from crmkit.core.operations.schedule import due, period
from crmkit.engines.expressions import tree
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef, Symbol, Vocabulary, Words
from crmkit.engines.expressions.types import BOOLEAN, TEXT, Type
from crmkit.engines.rules.happening import CUSTOMER, OPEN, Shape
from crmkit.engines.rules.limits import Limits, limits_of
from crmkit.errors import ContributionError, CrmkitError, DefinitionError, InvalidInput, Problem
from crmkit.hooks.contributions import Job
from crmkit.hooks.rules import Do, Rule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")

SHORTEST = timedelta(minutes=5)
"""The least period of a rule with a schedule: so often it is looked whose time has come."""
_THE_CUSTOMER = Symbol(name=CUSTOMER, type=TEXT, title=_("The customer's id"), source="argument")
_NUMBERS = frozenset(("integer", "decimal", "number", "money"))
_TAKES: Mapping[Any, frozenset[str]] = {
    bool: frozenset(("boolean",)),
    int: _NUMBERS,
    Decimal: _NUMBERS,
    float: _NUMBERS,
    date: frozenset(("date", "text")),
    datetime: frozenset(("instant", "text")),
    timedelta: frozenset(("duration", "text")),
    Money: frozenset(("money",)),
    str: frozenset(("text",)),
    UUID: frozenset(("text",)),
}


@attrs.frozen(kw_only=True, eq=False)
class Action:
    """An action made ready: its operation, and the expressions of its target and inputs."""

    operation: Operation[Any, Any]
    target: Expression | None
    arguments: Mapping[str, Any]
    """By input an expression, or a list or a mapping of such."""
    money: frozenset[str]
    """Inputs that take money, with its currency."""

    def inputs(self, values: Mapping[str, Any], at: Surroundings) -> dict[str, Any]:
        """Return the inputs for one customer."""
        found = {name: _evaluated(each, values, at) for name, each in self.arguments.items()}
        for name in self.money & found.keys():
            if found[name] is not None and at.base_currency is not None:
                found[name] = Money(found[name], at.base_currency)
        return found


def leaves(argument: Any) -> Iterator[Expression]:
    """Return the expressions in an argument."""
    if isinstance(argument, Expression):
        yield argument
    elif isinstance(argument, Mapping):
        yield from leaves(tuple(cast("Mapping[str, Any]", argument).values()))
    elif isinstance(argument, (list, tuple)):
        for item in cast("Sequence[Any]", argument):
            yield from leaves(item)


def _evaluated(argument: Any, values: Mapping[str, Any], at: Surroundings) -> Any:
    if isinstance(argument, Expression):
        return argument.evaluate(values, at)
    if isinstance(argument, Mapping):
        return {name: _evaluated(each, values, at) for name, each in cast("Mapping[str, Any]", argument).items()}
    return [_evaluated(each, values, at) for each in argument]


@attrs.frozen(kw_only=True, eq=False)
class Compiled:
    """A rule made ready. ``keys`` are the values that fields of the event must have for it to hold at all."""

    rule: Rule
    shape: Shape | None
    limits: Limits
    among: Expression
    when: Expression
    actions: tuple[Action, ...]
    keys: Mapping[str, frozenset[Any]]
    whole: Expression | None = None
    """``among`` and ``when`` together, of a rule with a schedule."""

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Return all expressions of the rule."""
        given = [leaf for action in self.actions for leaf in leaves((action.target, *action.arguments.values()))]
        return (self.among, self.when, *given)

    @cached_property
    def facts(self) -> frozenset[FactRef]:
        """Return the facts that are read."""
        return frozenset(ref for each in self.expressions for ref in each.facts)

    @cached_property
    def uses(self) -> tuple[Symbol, ...]:
        """Return what is known about all names that are read."""
        return tuple({symbol.name: symbol for each in self.expressions for symbol in each.symbols.values()}.values())

    @cached_property
    def told(self) -> frozenset[str]:
        """Return the names of the event's fields that are read."""
        return frozenset(symbol.name for symbol in self.uses if symbol.source == "event")

    @cached_property
    def withheld(self) -> frozenset[str]:
        """Return the names of what is read and may not be kept in a log."""
        return frozenset(symbol.name for symbol in self.uses if symbol.classified not in OPEN)

    def for_people(self, values: Mapping[Any, Any], currency: str | None) -> dict[Any, Any]:
        """Return values of names that are read as people take them: amounts as money, not in minor units."""
        money = {symbol.name for symbol in self.uses if symbol.type.kind == "money"} if currency else set[str]()
        return {
            ref: Money(value, str(currency)) if value is not None and _name_of(ref) in money else value
            for ref, value in values.items()
        }

    @cached_property
    def read(self) -> tuple[str, ...]:
        """Return everything that decides what the rule does, ids apart: those of a loop differ each time round."""
        ids = frozenset((CUSTOMER,)) if self.shape is None else self.shape.ids
        return tuple(sorted({*self.facts, *(self.told - ids)}))

    def may_hold(self, values: Mapping[str, Any]) -> bool:
        """Say whether the fields of the event that are given let the rule hold."""
        return all(values[name] in wanted for name, wanted in self.keys.items() if name in values)

    def holds(self, values: Mapping[str, Any], at: Surroundings) -> bool:
        """Say whether the rule holds for one customer."""
        return bool(self.among.evaluate(values, at)) and bool(self.when.evaluate(values, at))

    def still_right(self, words: Vocabulary) -> bool:
        """Say whether all names still mean the same."""
        return all(words.find(symbol.name) == symbol for symbol in self.uses)


def _name_of(ref: Any) -> str:
    return ref.name if isinstance(ref, FactRef) else str(ref)


@attrs.define(eq=False)
class Language:
    """The names that rules of one event may use, and the expressions that were understood so far: many rules say the
    same, and one has to be parsed once."""

    facts: Vocabulary
    shape: Shape | None
    about: Words = attrs.field(init=False)
    """Facts and the customer's id."""
    words: Words = attrs.field(init=False)
    """These and the fields of the event."""
    _known: dict[tuple[str, Type | None, bool], Expression] = attrs.field(factory=dict[Any, Expression], init=False)

    def __attrs_post_init__(self) -> None:
        self.about = Words.of(_THE_CUSTOMER, behind=self.facts)
        self.words = Words.of(*(() if self.shape is None else self.shape.symbols.values()), behind=self.about)

    def understand(self, text: str, expect: Type | None = BOOLEAN, *, told: bool = True) -> Expression:
        """Return the expression of a text; ``told`` is whether it may use the event. Raises ExpressionError."""
        key = (text, expect, told)
        if key not in self._known:
            self._known[key] = compile_expression(text, self.words if told else self.about, expect=expect)
        return self._known[key]


def compile_rule(rule: Rule, registry: Registry, language: Language) -> Compiled:
    """Return a rule made ready. Raises DefinitionError with everything that is wrong with it."""
    problems: list[Problem] = []
    shape, understand = language.shape, language.understand

    def trying(field: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except CrmkitError as error:
            for problem in error.problems:
                at = field if isinstance(error, DefinitionError) and problem.field else None
                problems.append(_at(problem, at or ".".join(filter(None, (field, problem.field)))))
            return None

    def made_of(given: Any, field: str) -> Any:
        if isinstance(given, str):
            return trying(field, partial(understand, given, None))
        if isinstance(given, Mapping):
            named = cast("Mapping[str, Any]", given)
            several = {name: made_of(each, f"{field}.{name}") for name, each in named.items()}
            return None if None in several.values() else several
        if isinstance(given, (list, tuple)):
            listed = [made_of(each, f"{field}.{place}") for place, each in enumerate(cast("Sequence[Any]", given))]
            return None if None in listed else listed
        problems.append(_wrong(field, _("Write an expression, as a text; a text in it stands in quotes.")))
        return None

    problems += _trigger(rule, registry, shape)
    limits = trying("", lambda: limits_of(rule))
    among = trying("among", partial(understand, rule.among, told=False))
    when = trying("when", partial(understand, rule.when))
    whole: Any = None
    if rule.on is None and not problems:
        whole = trying("when", partial(compile_expression, f"({rule.among}) and ({rule.when})", language.facts))
    actions: list[Any] = []
    for place, do in enumerate(rule.then):
        where = f"then.{place}"
        operation = trying(where, lambda do=do: registry.operation(do.operation))
        if operation is not None:
            problems += _inputs(operation, do, where)
            made: dict[str, Any] = {}
            for name, given in _arguments(operation, do).items():
                made[name] = made_of(given, f"{where}.arguments.{name}")
            target = _target(operation, do, shape)
            aim = trying(f"{where}.target", partial(understand, target, TEXT)) if target else None
            if operation.target is not None and not target:
                problems.append(_wrong(f"{where}.target", _("Say on which record {name} acts."), name=operation.name))
            problems += _fit(operation, made, where)
            money = frozenset(name for name, hint in _hints(operation) if Money in _members(hint))
            actions.append(Action(operation=operation, target=aim, arguments=made, money=money))
    if problems:
        raise DefinitionError(problems)
    return Compiled(
        rule=rule,
        shape=shape,
        limits=limits,
        among=among,
        when=when,
        actions=tuple(actions),
        keys=dict(_keys(when.tree)),
        whole=whole,
    )


def _at(problem: Problem, field: str) -> Problem:
    # A copy, as it may be of a class that knows more, such as the column.
    moved = copy(problem)
    moved.field = field or None
    return moved


def _wrong(field: str, message: str, hint: str | None = None, **values: Any) -> Problem:
    return Problem(DefinitionError.code, message, field=field, hint=hint, **values)


def _close(name: str, known: Any) -> dict[str, Any]:
    close = difflib.get_close_matches(name, list(known), 1)
    return {"hint": _('Did you mean "{close}"?') if close else None, "close": close[0] if close else ""}


# --- when ------------------------------------------------------------------------------------------------------------


def _trigger(rule: Rule, registry: Registry, shape: Shape | None) -> Iterator[Problem]:
    given = [name for name in ("on", "every", "cron") if getattr(rule, name) is not None]
    if len(given) != 1:
        yield _wrong("on", _('A rule has exactly one of "on", "every" and "cron".'))
    if rule.on is not None and rule.on not in registry.events:
        yield _wrong("on", _('There is no event "{name}".'), name=rule.on, **_close(rule.on, registry.events))
    elif shape is not None and not shape.about:
        yield _wrong("on", _('The event "{name}" is about no customer.'), name=rule.on)
    if rule.every is not None or rule.cron is not None:
        try:
            if rule.every is not None and period(rule.every) < SHORTEST:
                yield _wrong("every", _("It is looked every 5 minutes whose time has come."))
            moment = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
            due(scheduled(rule), moment, moment, "UTC")
        except ContributionError as error:
            yield _at(error.problems[0], "every" if rule.cron is None else "cron")
    if not rule.then:
        yield _wrong("then", _("A rule does at least one thing."))
    if not 0 <= rule.control < 1:
        yield _wrong("control", _("A share lies between 0 and 1."))


def _nothing() -> None:
    """Do nothing: a rule's schedule is no job of its own."""


def scheduled(rule: Rule) -> Job:
    """Return a rule's schedule in the form of a periodic job's."""
    times: dict[str, Any] = {"every": rule.every, "cron": rule.cron, "catch_up": "latest"}
    return Job(name=f"rule:{rule.name}", handler=_nothing, acts_as="system", **times)


# --- then ------------------------------------------------------------------------------------------------------------


def _hints(operation: Operation[Any, Any]) -> list[tuple[str, Any]]:
    return [(attribute.name, hint) for attribute, hint, _info in fields_of(operation.inputs)]


def _arguments(operation: Operation[Any, Any], do: Do) -> dict[str, Any]:
    given = dict(do.arguments)
    if any(name == "customer_id" for name, *_rest in operation.describe()):
        given.setdefault("customer_id", CUSTOMER)
    return given


def _target(operation: Operation[Any, Any], do: Do, shape: Shape | None) -> str:
    if operation.target is None or do.target:
        return do.target
    if operation.target is Customer:
        return CUSTOMER
    for source in () if shape is None else shape.sources.values():
        if source.table is cast(Any, operation.target).__table__:
            return f"event.{source.noun}_id"
    return ""


def _inputs(operation: Operation[Any, Any], do: Do, where: str) -> Iterator[Problem]:
    described = operation.describe()
    known = [name for name, *_rest in described]
    given = _arguments(operation, do)
    for name in given.keys() - set(known):
        yield _wrong(
            f"{where}.arguments.{name}", _("The operation {operation} has no such input."),
            operation=operation.name, **_close(name, known),
        )  # fmt: skip
    for name, _hint, required, _title in described:
        if required and name not in given:
            yield _wrong(
                f"{where}.arguments.{name}", _("The operation {operation} needs it."), operation=operation.name
            )
    if do.target and operation.target is None:
        yield _wrong(f"{where}.target", _("The operation {name} acts on no record."), name=operation.name)


def _fit(operation: Operation[Any, Any], made: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for name, hint in _hints(operation):
        given = made.get(name)
        if given is None:
            continue
        field = f"{where}.arguments.{name}"
        takes = frozenset(kind for member in _members(hint) for kind in _kinds(member))
        if isinstance(given, Expression) and takes and given.type.kind not in (*takes, "null"):
            yield _wrong(field, _("This is {type}, which {name} cannot be."), type=given.type.title, name=name)
        elif all(isinstance(leaf.tree, tree.Literal) for leaf in leaves(given)):
            # What is the same each time is tried now rather than at each firing.
            try:
                structure(_alone(operation.inputs, name), {name: constant(given)})
            except InvalidInput as error:
                yield from (_at(problem, field) for problem in error.problems)


@cache
def _alone(inputs: type[Any], name: str) -> type[Any]:
    """Return the class of one input of an operation, without the others."""
    hint = next(hint for attribute, hint, _info in fields_of(inputs) if attribute.name == name)
    return attrs.make_class("Tried", {name: attrs.field(type=hint, kw_only=True)})


def constant(argument: Any) -> Any:
    """Return the value of an argument that is the same each time."""
    if isinstance(argument, Expression):
        return cast(tree.Literal, argument.tree).value
    if isinstance(argument, Mapping):
        return {name: constant(each) for name, each in cast("Mapping[str, Any]", argument).items()}
    return [constant(each) for each in argument]


def _members(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Literal:
        return (hint,)
    inner = get_args(hint)
    if get_origin(hint) in (tuple, list):
        return (hint,)
    if get_origin(hint) is not None and inner and "Annotated" in str(get_origin(hint)):
        return _members(inner[0])
    if get_origin(hint) is not None:
        return tuple(each for member in inner for each in _members(member))
    return (hint,)


def _kinds(member: Any) -> frozenset[str]:
    """Return the kinds of value that a type takes; none where it cannot be said."""
    if get_origin(member) is Literal or (isinstance(member, type) and issubclass(member, Enum)):
        return frozenset(("text", "integer", "boolean"))
    if get_origin(member) in (tuple, list):
        return frozenset(("list",))
    return _TAKES.get(member, frozenset())


# --- if --------------------------------------------------------------------------------------------------------------


def _keys(node: tree.Node) -> Iterator[tuple[str, frozenset[Any]]]:
    """Return the fields of the event that must have one of some values for a condition to hold."""
    match node:
        case tree.Logic(operator="and"):
            for operand in node.operands:
                yield from _keys(operand)
        case tree.Binary(operator="==", left=left, right=right):
            name, value = (left, right) if isinstance(left, tree.Name) else (right, left)
            if _is_told(name) and isinstance(value, tree.Literal) and value.value is not None:
                yield cast(tree.Name, name).name, frozenset((value.value,))
        case tree.Binary(operator="in", left=tree.Name() as name, right=tree.ListOf(items=items)):
            if _is_told(name) and all(isinstance(item, tree.Literal) for item in items):
                yield name.name, frozenset(cast(tree.Literal, item).value for item in items)
        case _:
            return


def _is_told(node: tree.Node) -> bool:
    return isinstance(node, tree.Name) and node.key is None and node.name.startswith("event.")
