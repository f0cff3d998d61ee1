"""A sandbox for templates: Jinja2 over names and values alone, within a budget of steps, characters and seconds.

A template sees mappings, lists, texts and numbers, and nothing else: a dot is a key, never an attribute; there is
nothing to call but its own macros; nothing is included or imported. Whatever repeats or grows is counted before it is
done, so time and memory are bounded however a template is written. Must not know what it prints.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, cast

from attrs import define
from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError, TemplateError as JinjaError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from crmkit.errors import Problem, TemplateError
from crmkit.i18n import texts

_ = texts("crmkit")

LONGEST = 65_536
"""Most characters of a template."""
DEEPEST = 60
"""Most levels of nesting in a template."""
STEPS = 1_000_000
"""Most rounds of loops and calls of macros."""
CHARACTERS = 32_000_000
"""Most characters that a template may make, whether they are printed or not."""
SECONDS = 5.0
CALLS = 40
"""Most macros that are under way at once."""
BIGGEST = 10**18
"""Numbers are between this and its negative."""

_FORBIDDEN: Mapping[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.EvalContextModifier: "autoescape",
    nodes.Pow: "**",
}
_LOOP = frozenset(("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"))
_TESTS = ("defined", "undefined", "none", "boolean", "integer", "float", "number", "string", "mapping", "odd", "even")


@define
class _Budget:
    """What a template may still use up."""

    steps: int = STEPS
    characters: int = CHARACTERS
    calls: int = CALLS
    until: float = 0.0

    def step(self, number: int, weight: int = 0) -> None:
        """Use up rounds, each of which prints so many characters at least."""
        self.steps -= number
        if self.steps < 0:
            raise SecurityError(_("it repeats too often"))
        self.made(number * weight)

    def made(self, number: int) -> None:
        """Use up characters, before they are made where they might be many."""
        self.characters -= number
        if self.characters < 0:
            raise SecurityError(_("it makes too much text"))
        if time.monotonic() > self.until:
            raise SecurityError(_("it takes too long"))


_budget: ContextVar[_Budget] = ContextVar("crmkit_template_budget")


# --- what templates can do -------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, (str, int, float, bool, type(None))):
        raise SecurityError(_("only texts and numbers can be printed"))
    return "" if value is None else value if isinstance(value, str) else str(value)


def _sized(value: Any) -> Any:
    _budget.get().made(len(value))
    return value


def _counted(value: Any, weight: int = 0) -> list[Any]:
    if not isinstance(value, (list, tuple, dict, Undefined)):
        raise SecurityError(_("only lists and mappings can be gone through"))
    found = list(cast("Iterable[Any]", value))
    _budget.get().step(len(found), weight)
    return found


def _joined(parts: Sequence[Any], separator: str = "") -> str:
    found = [_text(part) for part in parts]
    _budget.get().made(sum(map(len, found)) + len(separator) * len(found))
    if any(isinstance(part, Markup) for part in (*found, separator)):
        return escape(separator).join(found)
    return separator.join(found)


def _join(value: Any, separator: str = "") -> str:
    return _joined(_counted(value), _text(separator))


def _replace(value: Any, old: str, new: str) -> str:
    text, old, new = _text(value), _text(old), _text(new)
    _budget.get().made(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, escape(new) if isinstance(text, Markup) else new)


def _truncate(value: Any, length: int = 80) -> str:
    text = _text(value)
    return _sized(text if len(text) <= length else text[: max(_number(length) - 1, 0)] + "…")


def _round(value: Any, digits: int = 0) -> Any:
    return round(_number(value), max(-18, min(int(digits), 18)))


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SecurityError(_("this works with numbers alone"))
    return value


def _parsed(value: Any) -> float:
    return float(_text(value)[:400] or 0)


def _scalar(value: Any) -> Any:
    """Return a value that can be compared at once: lists may hold each other so often that it takes for ever."""
    if isinstance(value, (list, tuple, dict)):
        raise SecurityError(_("only texts and numbers can be compared"))
    if isinstance(value, str):
        _budget.get().step(1 + len(value) // 1000)
    return value


def _scalars(value: Any) -> list[Any]:
    return [_scalar(item) for item in _counted(value)]


def _searched(value: Any) -> Any:
    """Count what is looked through for something."""
    if isinstance(value, (list, tuple, dict, str)):
        _budget.get().step(1 + len(cast("Sequence[Any]", value)))
    return value


def _sort(value: Any, key: str | None = None, reverse: bool = False) -> list[Any]:
    found = _counted(value)
    return sorted(found, key=lambda item: _scalar(item if key is None else _at(item, key)), reverse=bool(reverse))


def _at(value: Any, key: Any) -> Any:
    if isinstance(value, dict) and isinstance(key, (str, int)):
        return cast("dict[Any, Any]", value).get(key)
    raise SecurityError(_("a name stands for a key of a mapping"))


def _case(change: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: _sized(change(_text(value)))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "abs": lambda value: abs(_number(value)),
    "default": lambda value, other="", empty=False: (
        other if isinstance(value, Undefined) or (empty and not value) else value
    ),
    "escape": lambda value: _sized(escape(_text(value))),
    "first": lambda value: next(iter(_counted(value)), None),
    "float": _parsed,
    "int": lambda value: int(_parsed(value)),
    "items": lambda value: _counted(list(cast("dict[str, Any]", value).items())),
    "join": _join,
    "last": lambda value: (_counted(value) or [None])[-1],
    "length": lambda value: len(value) if isinstance(value, (str, list, tuple, dict)) else 0,
    "list": lambda value: _counted(value),
    "lower": _case(str.lower),
    "map": lambda value, key: [_at(item, key) for item in _counted(value)],
    "max": lambda value: max(_scalars(value), default=None),
    "min": lambda value: min(_scalars(value), default=None),
    "replace": _replace,
    "reverse": lambda value: _counted(value)[::-1],
    "round": _round,
    "sort": _sort,
    "string": lambda value: _text(value),
    "sum": lambda value, key=None: sum(_number(item if key is None else _at(item, key)) for item in _counted(value)),
    "title": _case(str.title),
    "trim": _case(str.strip),
    "truncate": _truncate,
    "unique": lambda value: list(dict.fromkeys(_scalars(value))),
    "upper": _case(str.upper),
}
"""The filters that templates have; each counts what it goes through and what it makes."""
_COUNTING = {each.__name__: each for each in (_counted, _joined, _sized, _scalar, _searched)}
_ALIASES = {"e": "escape", "d": "default", "count": "length"}


# --- reading templates -----------------------------------------------------------------------------------------------


class _Fence(NodeTransformer):
    """Refuses what a template must not have, and has everything counted that repeats or grows."""

    depth = 0

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        """Visit one node and all within it."""
        for kind, name in _FORBIDDEN.items():
            if isinstance(node, kind):
                raise TemplateSyntaxError(f'"{name}" is not for these templates', getattr(node, "lineno", 1))
        self.depth += 1
        if self.depth > DEEPEST:
            raise TemplateSyntaxError(_("this is nested too deeply"), getattr(node, "lineno", 1))
        try:
            return super().visit(node, *args, **kwargs)
        finally:
            self.depth -= 1

    def visit_For(self, node: nodes.For) -> nodes.Node:
        """Count the rounds of a loop, with what each prints in any case."""
        if node.recursive:
            raise TemplateSyntaxError('"recursive" is not for these templates', node.lineno)
        node = self.generic_visit(node)
        weight = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        node.iter = _filtered(node.iter, "_counted", weight)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        """Count what is put together."""
        parts = nodes.List([self.visit(part) for part in node.nodes], lineno=node.lineno)
        return _filtered(parts, "_joined")

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        """Let texts and numbers be compared alone, and count what is looked through."""
        node = self.generic_visit(node)
        node.expr = _filtered(node.expr, "_scalar")
        for operand in node.ops:
            searched = operand.op in ("in", "notin")
            operand.expr = _filtered(operand.expr, "_searched" if searched else "_scalar")
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        """Count what is copied."""
        node = self.generic_visit(node)
        return _filtered(node, "_searched") if isinstance(node.arg, nodes.Slice) else node

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:
        """Let keys be texts and numbers that are written there."""
        if not all(isinstance(pair.key, nodes.Const) for pair in node.items):
            raise TemplateSyntaxError(_("a key must be written as a text"), node.lineno)
        return self.generic_visit(node)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
        """Count what is kept under a name."""
        node = self.generic_visit(node)
        inner: Any = node.filter
        node.filter = nodes.Filter(inner, "_sized", [], [], None, None, lineno=node.lineno)
        return node


def _filtered(node: nodes.Expr, name: str, *values: int) -> nodes.Filter:
    arguments: list[Any] = [nodes.Const(value, lineno=node.lineno) for value in values]
    return nodes.Filter(node, name, arguments, [], None, None, lineno=node.lineno)


class _Environment(SandboxedEnvironment):
    """Jinja2 without attributes, without functions, and with every operation that can make something large counted."""

    sandboxed = True
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%"))
    intercepted_unops = frozenset(("-", "+"))

    def __init__(self) -> None:
        super().__init__(
            autoescape=True, undefined=StrictUndefined, finalize=_printed, trim_blocks=True, lstrip_blocks=True
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update(FILTERS | {name: FILTERS[other] for name, other in _ALIASES.items()} | _COUNTING)
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return what a mapping has under a name, or what a loop says of itself; never an attribute."""
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return what a mapping has under a key, or a list or a text at a place."""
        if type(obj) is dict and isinstance(argument, (str, int)):
            return cast("dict[Any, Any]", obj).get(argument, self.undefined(obj=None, name=str(argument)))
        if isinstance(obj, (list, tuple, str)) and type(argument) is int:
            try:
                return obj[argument]
            except IndexError:
                return self.undefined(obj=None, name=str(argument))
        # What else it was is not shown: a tuple may hold itself in so many places that it never ends.
        return self.undefined(obj=None, name=str(argument)[:80] if isinstance(argument, (str, int)) else "?")

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """Call a macro of the template; there is nothing else to call."""
        if not isinstance(obj, Macro):
            raise SecurityError(_("only macros of the template can be called"))
        budget = _budget.get()
        budget.step(1 + len(args) + len(kwargs))
        budget.calls -= 1
        if budget.calls < 0:
            raise SecurityError(_("macros call each other too deeply"))
        try:
            return _sized(context.call(obj, *args, **kwargs))
        finally:
            budget.calls += 1

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers; texts and lists are not multiplied, added up or formatted."""
        found = super().call_binop(context, operator, _number(left), _number(right))
        return _bounded(found)

    def call_unop(self, context: Any, operator: str, arg: Any) -> Any:
        """Turn the sign of a number."""
        return _bounded(super().call_unop(context, operator, _number(arg)))


def _bounded(value: Any) -> Any:
    if not -BIGGEST <= value <= BIGGEST:
        raise SecurityError(_("this number is too large"))
    return value


def _printed(value: Any) -> Any:
    if isinstance(value, Undefined):
        return value  # which says what is missing
    _budget.get().made(len(_text(value)))
    return "" if value is None else value


def check(source: str) -> list[Problem]:
    """Return what is wrong with a template, without printing anything by it."""
    try:
        _compiled(source)
    except TemplateError as error:
        return list(error.problems)
    return []


def _compiled(source: str) -> Any:
    if len(source) > LONGEST:
        raise TemplateError([_problem(_("It is longer than {limit} characters."), limit=LONGEST)])
    environment = _Environment()
    try:
        return environment.from_string(_Fence().visit(environment.parse(source)))
    except TemplateSyntaxError as error:
        text = _("Line {line}: {reason}.")
        raise TemplateError([_problem(text, line=error.lineno, reason=(error.message or "").rstrip("."))]) from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError):
        raise TemplateError([_problem(_("It is nested too deeply."))]) from None


def render(source: str, context: Mapping[str, Any]) -> str:
    """Return what a template prints for names and values. Raises TemplateError, also for what takes too much.

    Values are plain: mappings, lists, texts, numbers, truths, None, and `markupsafe.Markup` for what is HTML.
    """
    template = _compiled(source)
    token = _budget.set(_Budget(until=time.monotonic() + SECONDS))
    try:
        budget, parts = _budget.get(), list[str]()
        for part in template.generate(dict(context)):
            budget.step(1, len(part))
            parts.append(part)
        return "".join(parts)
    except JinjaError as error:
        raise TemplateError([_problem(_("It cannot be printed: {reason}."), reason=str(error).rstrip("."))]) from None
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        kind = type(error).__name__
        raise TemplateError([_problem(_("It cannot be printed: {reason}."), reason=f"{kind}")]) from None
    finally:
        _budget.reset(token)


def _problem(text: str, **values: object) -> Problem:
    return Problem(TemplateError.code, text, **values)
