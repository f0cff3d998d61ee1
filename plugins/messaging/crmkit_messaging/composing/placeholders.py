"""The texts of messages: what is written there, with placeholders for values and small conditions.

The grammar is Jinja2's, read by Jinja2; but nothing is compiled or run. Of its tree a few kinds of node are allowed
(names, texts and numbers, filters, comparisons, ``if``), and these are evaluated here, over a mapping of dotted names
to plain values. There are no attributes, no calls, no loops and no arithmetic, so a text costs about what it is long.
Must not know where values come from.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from attrs import frozen
from jinja2 import Environment, TemplateSyntaxError, nodes

from crmkit import texts
from crmkit_messaging.composing.filters import FILTERS, Formats

_ = texts("crmkit_messaging")

DEEPEST = 40
_ENVIRONMENT = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701 - only read
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "lteq": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "gteq": lambda left, right: left >= right,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Tuple,
    nodes.List,
    nodes.Test,
)
_TESTS = ("defined", "undefined", "none")
_OPENING = re.compile(r"\{[{%]")


@frozen(kw_only=True)
class Flaw:
    """What is wrong with a text, where, and what was probably meant. The message takes ``where``, ``line`` and
    ``column`` beside its values."""

    line: int
    column: int
    message: str
    values: Mapping[str, Any]


@frozen(kw_only=True)
class Use:
    """A name in a text: where it stands, and whether something stands in for it where it has no value."""

    name: str
    line: int
    column: int
    fallback: bool
    printed: bool


@frozen
class Filled:
    """A part of a text that came from a value, not from whoever wrote the text."""

    text: str


@frozen
class Hole:
    """A part of a text for which there is no value."""

    name: str


Part = str | Filled | Hole


@frozen(kw_only=True, eq=False)
class Read:
    """A text that was understood: its tree, and the names that it uses; or what is wrong with it."""

    source: str
    tree: nodes.Template | None
    uses: tuple[Use, ...] = ()
    flaws: tuple[Flaw, ...] = ()


# --- reading ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def read(source: str) -> Read:
    """Return what a text says, or what is wrong with it."""
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        message = _("{where}line {line}, column {column}: this cannot be understood: {reason}.")
        flaw = _flaw(source, error.lineno, "", message, reason=(error.message or "").rstrip("."))
        return Read(source=source, tree=None, flaws=(flaw,))
    except (RecursionError, MemoryError, ValueError, OverflowError):
        return Read(
            source=source,
            tree=None,
            flaws=(_flaw(source, 1, "", _("{where}line {line}, column {column}: this is nested too deeply.")),),
        )
    reader = _Reader(source)
    reader.visit(tree, 0)
    if reader.flaws:
        return Read(source=source, tree=None, flaws=tuple(reader.flaws))
    return Read(source=source, tree=tree, uses=tuple(reader.uses))


def _flaw(source: str, line: int, word: str, message: str, **values: object) -> Flaw:
    return Flaw(line=line, column=column_of(source, line, word), message=message, values=values)


def column_of(source: str, line: int, word: str) -> int:
    """Return the column (from 1) at which a word stands in a line, or at which the line's first placeholder begins."""
    lines = source.split("\n")
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    if word:
        found = re.search(rf"(?<![\w.]){re.escape(word)}", text) or re.search(re.escape(word.split("[")[0]), text)
    else:
        found = _OPENING.search(text)
    return found.start() + 1 if found is not None else 1


class _Reader:
    """Goes through a tree: refuses what there must not be, and notes the names."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.uses: list[Use] = []
        self.flaws: list[Flaw] = []

    def wrong(self, node: nodes.Node, word: str, message: str, **values: object) -> None:
        self.flaws.append(_flaw(self.source, node.lineno or 1, word, message, **values))

    def visit(self, node: nodes.Node, depth: int, *, fallback: bool = False, printed: bool = False) -> None:
        if depth > DEEPEST:
            return self.wrong(node, "", _("{where}line {line}, column {column}: this is nested too deeply."))
        if not isinstance(node, _ALLOWED):
            return self.wrong(
                node,
                "",
                _('{where}line {line}, column {column}: "{what}" is not for messages.'),
                what=type(node).__name__.lower(),
            )
        name = path_of(node)
        if name is not None:
            place = column_of(self.source, node.lineno, name)
            self.uses.append(Use(name=name, line=node.lineno, column=place, fallback=fallback, printed=printed))
            return None
        if isinstance(node, (nodes.Getattr, nodes.Getitem)):
            return self.wrong(
                node, "", _("{where}line {line}, column {column}: a name is written with dots between its parts.")
            )
        if isinstance(node, nodes.Filter):
            self._filter(node)
            if node.node is not None:
                self.visit(node.node, depth + 1, fallback=fallback or node.name in ("default", "d"), printed=printed)
            return None
        if isinstance(node, nodes.Test):
            if node.name not in _TESTS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
                self.wrong(
                    node,
                    node.name,
                    _('{where}line {line}, column {column}: there is no test "{name}".'),
                    name=node.name,
                )
            return self.visit(node.node, depth + 1, fallback=True)
        if isinstance(node, nodes.Output):
            for each in node.nodes:
                self.visit(each, depth + 1, printed=True)
            return None
        if isinstance(node, nodes.If):
            self.visit(node.test, depth + 1, fallback=True)
            for each in (*node.body, *node.elif_, *node.else_):
                self.visit(each, depth + 1)
            return None
        if isinstance(node, nodes.CondExpr):
            self.visit(node.test, depth + 1, fallback=True)
            self.visit(node.expr1, depth + 1, fallback=fallback, printed=printed)
            if node.expr2 is None:
                return self.wrong(node, "", _('{where}line {line}, column {column}: "if" needs "else" here.'))
            return self.visit(node.expr2, depth + 1, fallback=fallback, printed=printed)
        inner = fallback or isinstance(node, (nodes.Compare, nodes.And, nodes.Or, nodes.Not))
        for each in node.iter_child_nodes():
            self.visit(each, depth + 1, fallback=inner, printed=printed)
        return None

    def _filter(self, node: nodes.Filter) -> None:
        found = FILTERS.get(node.name)
        if found is None:
            close = difflib.get_close_matches(node.name, FILTERS, 1)
            meant = close[0] if close else ", ".join(FILTERS)
            message = _('{where}line {line}, column {column}: there is no filter "{name}"; did you mean: {meant}?')
            return self.wrong(node, node.name, message, name=node.name, meant=meant)
        constant = all(isinstance(each, nodes.Const) for each in node.args)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not constant:
            return self.wrong(
                node,
                node.name,
                _('{where}line {line}, column {column}: what "{name}" is given is written there.'),
                name=node.name,
            )
        given = [cast("nodes.Const", each).value for each in node.args]
        if not found.takes(given):
            self.wrong(
                node,
                node.name,
                _('{where}line {line}, column {column}: "{name}" is used so: {usage}.'),
                name=node.name,
                usage=found.usage,
            )
        return None


def path_of(node: nodes.Node) -> str | None:
    """Return the dotted name that a node is, with a key in brackets behind it if there is one, or None."""
    key = ""
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        key, node = f'["{node.arg.value}"]', node.node
    parts: list[str] = []
    while isinstance(node, nodes.Getattr) and len(parts) < 10:
        parts.append(node.attr)
        node = node.node
    if not isinstance(node, nodes.Name):
        return None
    return ".".join((node.name, *reversed(parts))) + key


# --- filling in -------------------------------------------------------------------------------------------------------


def fill(source: str, values: Mapping[str, Any], formats: Formats) -> list[Part]:
    """Return the parts of a text for the values of dotted names; a hole stands where there is no value.

    A text that cannot be understood is one hole: it was never published.
    """
    found = read(source)
    if found.tree is None:
        return [Hole("?")]
    return list(_output(found.tree.body, _Values(values, formats)))


@frozen(eq=False)
class _Values:
    values: Mapping[str, Any]
    formats: Formats

    def of(self, node: nodes.Node) -> Any:
        """Return the value of a node, None where there is none."""
        name = path_of(node)
        if name is not None:
            return self.values.get(name)
        if isinstance(node, nodes.Const):
            return node.value
        if isinstance(node, nodes.Filter):
            given = [cast("nodes.Const", each).value for each in node.args]
            inner = None if node.node is None else self.of(node.node)
            return FILTERS[node.name].apply(inner, given, self.formats)
        if isinstance(node, nodes.CondExpr):
            return self.of(node.expr1 if self.holds(node.test) else cast("nodes.Expr", node.expr2))
        if isinstance(node, nodes.Concat):
            found = [self.of(each) for each in node.nodes]
            if any(is_empty(each) for each in found):
                return None
            return "".join(self.formats.shown(each) for each in found)
        if isinstance(node, (nodes.Tuple, nodes.List)):
            return [self.of(each) for each in node.items]
        return self.holds(node)

    def holds(self, node: nodes.Node) -> bool:
        """Say whether a condition holds; a comparison with what has no value does not."""
        if isinstance(node, nodes.And):
            return self.holds(node.left) and self.holds(node.right)
        if isinstance(node, nodes.Or):
            return self.holds(node.left) or self.holds(node.right)
        if isinstance(node, nodes.Not):
            return not self.holds(node.node)
        if isinstance(node, nodes.Test):
            return is_empty(self.of(node.node)) == (node.name != "defined")
        if isinstance(node, nodes.Compare):
            left = self.of(node.expr)
            for operand in node.ops:
                right = self.of(operand.expr)
                if left is None or right is None:
                    return False
                try:
                    if not _COMPARED[operand.op](left, right):
                        return False
                except TypeError:
                    return False
                left = right
            return True
        return bool(self.of(node))

    def holes(self, node: nodes.Node) -> Iterator[str]:
        """Return the names without a value that a value follows from."""
        if isinstance(node, nodes.CondExpr):
            yield from self.holes(node.expr1 if self.holds(node.test) else cast("nodes.Expr", node.expr2))
            return
        name = path_of(node)
        if name is not None:
            if is_empty(self.values.get(name)):
                yield name
            return
        for each in node.iter_child_nodes():
            yield from self.holes(each)


def is_empty(value: Any) -> bool:
    """Say whether a value would leave a hole in a text: nothing, a blank text, a list of nothing."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], ())


def _output(body: Iterable[nodes.Node], scope: _Values) -> Iterator[Part]:
    for node in body:
        if isinstance(node, nodes.If):
            if scope.holds(node.test):
                yield from _output(node.body, scope)
                continue
            chosen = next((each for each in node.elif_ if scope.holds(each.test)), None)
            yield from _output(node.else_ if chosen is None else chosen.body, scope)
        elif isinstance(node, nodes.Output):
            for each in node.nodes:
                yield from _printed(each, scope)


def _printed(node: nodes.Node, scope: _Values) -> Iterator[Part]:
    if isinstance(node, nodes.TemplateData):
        yield node.data
        return
    value = scope.of(node)
    if is_empty(value):
        if not _stands_in(node):
            yield Hole(next(scope.holes(node), "?"))
        return
    yield Filled(scope.formats.shown(value))


def _stands_in(node: nodes.Node) -> bool:
    """Say whether an empty text was written on purpose: as a fallback, or as a text of its own."""
    if isinstance(node, nodes.Filter):
        return node.name in ("default", "d") or (node.node is not None and _stands_in(node.node))
    return isinstance(node, (nodes.Const, nodes.CondExpr))


def plain(parts: Sequence[Part]) -> str:
    """Return parts as one text; holes show the name that is missing."""
    return "".join(
        each if isinstance(each, str) else each.text if isinstance(each, Filled) else f"[{each.name}]"
        for each in parts
    )  # fmt: skip
