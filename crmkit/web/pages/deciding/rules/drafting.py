"""A rule as it is typed into the editor, and as a definition: each made from the other.

A value of an operation is typed plainly, as text, number, day or list; one that begins with ``=`` is an expression.
Must not save anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin

from attrs import NOTHING, field, frozen

from crmkit.core.access.resolving import rights_of
from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import fields_of
from crmkit.core.operations.operation import Operation
from crmkit.engines.expressions.parsing import parse
from crmkit.engines.expressions.symbols import quoted
from crmkit.engines.expressions.tree import Call, Literal as Written
from crmkit.engines.rules.happening import shape_of
from crmkit.errors import CrmkitError, DefinitionError, Problem
from crmkit.hooks.rules import Do, Rule
from crmkit.i18n import Text, texts
from crmkit.web.pages.deciding.rules.wording import ONCE

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

MOST_ACTIONS = 12
PLAIN = ("name", "title", "among", "when", "cooldown", "doc", "note", "effective_from", "effective_until")
KINDS = ("event", "every", "cron")
_SIMPLE = (bool, int, float, Decimal, str, date, datetime, Money)


@frozen(kw_only=True)
class TypedInput:
    """An input of an operation as it is typed: ``choices`` are its possible values, if they are few."""

    name: str
    title: str
    value: str
    required: bool
    help: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=(), converter=tuple)
    multiline: bool = False


@frozen(kw_only=True)
class TypedAction:
    """An operation of a rule as it is typed."""

    operation: str
    target: str = ""
    targets: bool = False
    """Whether it acts on a record that has to be named."""
    inputs: tuple[TypedInput, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Typed:
    """A rule as it is typed."""

    values: Mapping[str, str]
    actions: tuple[TypedAction, ...] = field(default=(), converter=tuple)

    def __getattr__(self, name: str) -> str:
        return self.values.get(name, "")


# --- from the form ---------------------------------------------------------------------------------------------------


def typed_from(call: PageCall, session: CrmSession) -> Typed:
    """Return what was typed into the editor."""
    names = (*PLAIN, "kind", "on", "every", "cron", "once", "once_own", "daily_cap", "priority", "control", "known")
    values = {name: call.value(name) for name in names}
    values["stop"] = call.value("stop")
    actions: list[TypedAction] = []
    count = call.value("actions")
    for place in range(min(int(count), MOST_ACTIONS) if count.isdigit() else 0):
        operation = call.value(f"a{place}.operation")
        if call.value(f"a{place}.gone") or (not operation and not call.value(f"a{place}.kept")):
            continue
        given = {
            key.removeprefix(f"a{place}.input."): value
            for key, value in (call.form.items() if call.form is not None else ())
            if key.startswith(f"a{place}.input.") and isinstance(value, str)
        }
        actions.append(action_of(session, call, operation, given, call.value(f"a{place}.target")))
    return Typed(values=values, actions=actions)


def action_of(
    session: CrmSession, call: PageCall, name: str, given: Mapping[str, str], target: str = ""
) -> TypedAction:
    """Return an operation as it is typed, with the fields that it takes."""
    found = session.gate.registry.operations.get(name)
    if found is None:
        return TypedAction(operation=name, target=target)
    inputs: list[TypedInput] = []
    for attribute, hint, info in fields_of(found.inputs):
        # About whom it is a rule knows by itself.
        if (attribute.name == "customer_id" or not _is_simple(hint)) and attribute.name not in given:
            continue
        required = attribute.default is NOTHING
        inputs.append(
            TypedInput(
                name=attribute.name,
                title=call.text(info.title or attribute.name),
                value=given.get(attribute.name, ""),
                required=required,
                help=call.text(info.help) if info.help else "",
                choices=_choices(session, hint, info, call),
                multiline=info.multiline,
            )
        )
    return TypedAction(
        operation=name,
        target=target,
        targets=found.target is not None and found.target is not Customer,
        inputs=sorted(inputs, key=lambda each: not each.required),
    )


def _members(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Literal:
        return (hint,)
    if hasattr(hint, "__metadata__"):
        return _members(hint.__origin__)
    if get_origin(hint) in (tuple, list):
        return (hint,)
    inner = get_args(hint)
    if inner and get_origin(hint) is not None:
        return tuple(each for member in inner for each in _members(member))
    return (hint,)


def _is_simple(hint: Any) -> bool:
    from uuid import UUID

    members = [member for member in _members(hint) if member is not type(None)]
    return all(
        get_origin(member) is Literal
        or (get_origin(member) in (tuple, list) and str in get_args(member))
        or member in (*_SIMPLE, UUID)
        for member in members
    )


def _choices(session: CrmSession, hint: Any, info: Any, call: PageCall) -> list[tuple[str, str]]:
    options = session.crm.config.get(session).options
    if info.options and info.options in options:
        return [(value, call.text(title)) for value, title in options[info.options].items()]
    for member in _members(hint):
        if get_origin(member) is Literal:
            return [(str(value), str(value)) for value in get_args(member)]
        if member is bool:
            return [("true", call.text(_("Yes"))), ("false", call.text(_("No")))]
    return []


# --- to a definition -------------------------------------------------------------------------------------------------


def rule_from(session: CrmSession, typed: Typed) -> Rule:
    """Return the rule that was typed. Raises DefinitionError for what is no number."""
    problems: list[Problem] = []
    kind = typed.kind if typed.kind in KINDS else "event"
    values: dict[str, Any] = {
        "name": typed.name,
        "title": typed.title,
        "among": typed.among or "true",
        "when": typed.when or "true",
        "doc": typed.doc,
        "cooldown": typed.cooldown or None,
        "once_per": typed.once_own or typed.once or None,
        "on": typed.on or "" if kind == "event" else None,
        "every": typed.every or "" if kind == "every" else None,
        "cron": typed.cron or "" if kind == "cron" else None,
        "stop": bool(typed.stop),
        "daily_cap": _whole(typed.daily_cap, "daily_cap", problems),
        "priority": _whole(typed.priority, "priority", problems) or 0,
        "control": _share(typed.control, problems),
    }
    if problems:
        raise DefinitionError(problems)
    return Rule(**values, then=[do_of(session, action) for action in typed.actions if action.operation])


def _whole(text: str, name: str, problems: list[Problem]) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        problems.append(Problem(DefinitionError.code, _("This must be a whole number."), field=name, value=text))
        return None


def _share(text: str, problems: list[Problem]) -> float:
    try:
        return round(float(text.rstrip("% ") or 0) / 100, 4)
    except ValueError:
        problems.append(Problem(DefinitionError.code, _("This must be a number."), field="control", value=text))
        return 0.0


def do_of(session: CrmSession, action: TypedAction) -> Do:
    """Return an action as rules have it."""
    found = session.gate.registry.operations.get(action.operation)
    hints = {} if found is None else {attribute.name: hint for attribute, hint, _info in fields_of(found.inputs)}
    arguments = {
        each.name: expression_of(each.value, hints.get(each.name, str)) for each in action.inputs if each.value.strip()
    }
    return Do(operation=action.operation, arguments=arguments, target=action.target.removeprefix("="))


def expression_of(text: str, hint: Any) -> Any:
    """Return the expression for a value that was typed, or a list of such."""
    typed = text.strip()
    if typed.startswith("="):
        return typed[1:].strip()
    members = _members(hint)
    if any(get_origin(member) in (tuple, list) for member in members):
        parts = [part.strip() for part in typed.replace("，", ",").replace("、", ",").split(",")]
        return [quoted(part) for part in parts if part]
    if any(member in (int, float, Decimal, bool) for member in members) and _reads(typed):
        return typed
    if date in members and datetime not in members:
        return f"date({quoted(typed)})"
    return quoted(text)


def _reads(text: str) -> bool:
    try:
        return isinstance(parse(text), Written)
    except CrmkitError:
        return False


# --- from a definition -----------------------------------------------------------------------------------------------


def typed_of(call: PageCall, session: CrmSession, rule: Rule, **more: str) -> Typed:
    """Return a rule as it is typed."""
    once = rule.once_per or ""
    values = {
        "name": rule.name,
        "title": call.text(rule.title),
        "doc": call.text(rule.doc) if rule.doc else "",
        "kind": "event" if rule.on is not None else "every" if rule.every is not None else "cron",
        "on": rule.on or "",
        "every": rule.every or "",
        "cron": rule.cron or "",
        "among": rule.among,
        "when": rule.when,
        "once": once if once in ONCE else "",
        "once_own": "" if once in ONCE else once,
        "cooldown": rule.cooldown or "",
        "daily_cap": "" if rule.daily_cap is None else str(rule.daily_cap),
        "priority": str(rule.priority) if rule.priority else "",
        "stop": "true" if rule.stop else "",
        "control": f"{rule.control * 100:g}" if rule.control else "",
        **more,
    }
    actions = [
        action_of(
            session,
            call,
            do.operation,
            {name: plain_of(argument) for name, argument in do.arguments.items()},
            do.target,
        )
        for do in rule.then
    ]
    return Typed(values=values, actions=actions)


def plain_of(argument: Any) -> str:
    """Return an argument as it is typed."""
    if isinstance(argument, (list, tuple)):
        return ", ".join(plain_of(each) for each in cast("Sequence[Any]", argument))
    text = str(argument)
    try:
        tree = parse(text)
    except CrmkitError:
        return f"= {text}"
    match tree:
        case Written(value=str() as value) if not value.startswith("="):
            return value
        case Written(value=int() | Decimal()):
            return text
        case Call(function="date", arguments=(Written(value=str() as value),)):
            return value
        case _:
            return f"= {text}"


# --- what can be chosen ----------------------------------------------------------------------------------------------


def events_of(session: CrmSession) -> list[str]:
    """Return the events that a rule can wait for: those about customers."""
    registry = session.gate.registry
    return [name for name, cls in sorted(registry.events.items()) if shape_of(registry, cls).about]


def operations_of(session: CrmSession, event: str) -> list[tuple[str, Text | str]]:
    """Return the operations that a rule of an event can run and its publisher may, with their titles."""
    registry = session.gate.registry
    cls = registry.events.get(event)
    tables = [] if cls is None else [source.table for source in shape_of(registry, cls).sources.values()]
    rights = rights_of(session)
    found: list[tuple[str, Text | str]] = []
    for name, item in sorted(registry.operations.items()):
        if not item.hidden and _fits(item, tables) and rights.scope(item.resource, *item.actions) != "none":
            found.append((name, item.title or name))
    return sorted(found, key=lambda each: str(each[1]))


def _fits(item: Operation[Any, Any], tables: Sequence[Any]) -> bool:
    if item.target is Customer:
        return True
    if item.target is not None:
        return any(table is cast(Any, item.target).__table__ for table in tables)
    return any(name == "customer_id" for name, *_rest in item.describe())
