"""A condition as groups of rows, as the page has it, and as the tree of an expression: each is made from the other.

What no row can say is kept as a row of text, so that nothing is lost. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from attrs import define, field, frozen

from crmkit.engines.expressions.compiling import compile_expression, compile_tree
from crmkit.engines.expressions.parsing import check_size, parse
from crmkit.engines.expressions.printing import printed
from crmkit.engines.expressions.symbols import Vocabulary
from crmkit.engines.expressions.tree import MAX_DEPTH, Literal, Logic, Name, Node
from crmkit.engines.expressions.types import BOOLEAN
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.conditions.comparisons import TESTS, fits, said, shown, value_of

_ = texts("crmkit")

DEEPEST = 3
"""Groups within groups that are shown as such; what is deeper is a row of text."""
MOST_ROWS = 200
Document = Mapping[str, Any]


@frozen(kw_only=True)
class Row:
    """A test of a fact. ``values`` are as they are typed."""

    fact: str
    key: str | None
    test: str
    values: tuple[str, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Written:
    """A condition that no row can say, as its text."""

    text: str


@frozen(kw_only=True)
class Group:
    """Rows of which all have to hold, or any."""

    every: bool
    items: tuple[Row | Written | Group, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Misfit:
    """What is wrong with one row: its place, as the numbers of the items that lead to it, and the problem."""

    path: tuple[int, ...]
    message: str
    values: Mapping[str, object] = field(factory=dict[str, object])
    problem: Problem | None = None


# --- from a tree -----------------------------------------------------------------------------------------------------


def rows_of(tree: Node, vocabulary: Vocabulary) -> Group:
    """Return a condition as rows. One that always holds is a group without any."""
    if isinstance(tree, Literal) and tree.value is True:
        return Group(every=True)
    if isinstance(tree, Logic):
        return _group(tree, vocabulary, 1)
    return Group(every=True, items=[_item(tree, vocabulary, 1)])


def _group(node: Logic, vocabulary: Vocabulary, depth: int) -> Group:
    items = [_item(operand, vocabulary, depth) for operand in node.operands]
    return Group(every=node.operator == "and", items=items)


def _item(node: Node, vocabulary: Vocabulary, depth: int) -> Row | Written | Group:
    if isinstance(node, Logic) and depth < DEEPEST:
        return _group(node, vocabulary, depth + 1)
    found = said(node)
    symbol = None if found is None else vocabulary.find(found.fact.name)
    if found is None or symbol is None or symbol.keyed != (found.fact.key is not None):
        return Written(text=printed(node))
    test = TESTS[found.test]
    if not fits(test, symbol.type.kind, found.values):
        return Written(text=printed(node))
    values = [shown(value) for value in found.values]
    return Row(fact=symbol.name, key=found.fact.key, test=test.name, values=values)


# --- to a tree -------------------------------------------------------------------------------------------------------


@define
class Making:
    """Makes the tree of some rows. ``misfits`` collects what is wrong with them; such rows are left out."""

    vocabulary: Vocabulary
    misfits: list[Misfit] = field(factory=list[Misfit])

    def group(self, group: Group, path: tuple[int, ...] = ()) -> Node | None:
        """Return the tree of a group, None where nothing is left of it."""
        found = [made for place, item in enumerate(group.items) if (made := self.item(item, (*path, place)))]
        if len(found) < 2:
            return found[0] if found else None
        operator = "and" if group.every else "or"
        # What stands in a group of the same kind says the same without its brackets.
        operands: list[Node] = []
        for node in found:
            operands.extend(node.operands if isinstance(node, Logic) and node.operator == operator else (node,))
        return Logic(cast(Any, operator), tuple(operands))

    def item(self, item: Row | Written | Group, path: tuple[int, ...]) -> Node | None:
        """Return the tree of one item of a group, None where it says nothing that can be used."""
        if isinstance(item, Group):
            return self.group(item, path)
        try:
            made = self.row(item, path) if isinstance(item, Row) else self.written(item)
            if made is not None and isinstance(item, Row):
                compile_tree(made, self.vocabulary)
        except InvalidInput as error:
            self.misfits.extend(
                Misfit(path=path, message=each.message, values=each.values, problem=each) for each in error.problems
            )
            return None
        return made

    def row(self, row: Row, path: tuple[int, ...]) -> Node | None:
        """Return the tree of a row. Raises ExpressionError."""
        symbol, test = self.vocabulary.find(row.fact), TESTS.get(row.test)
        if symbol is None:
            return self._wrong(path, _("Choose what it is about."))
        if symbol.keyed and not (row.key or "").strip():
            return self._wrong(path, _("Say which one."))
        if test is None or symbol.type.kind not in test.kinds:
            return self._wrong(path, _("Choose how it is compared."))
        least = {"none": 0, "one": 1, "two": 2, "many": 1}[test.takes]
        typed = list(row.values) if test.takes == "many" else list(row.values[:least])
        if len(typed) < least:
            return self._wrong(path, _("Say a value."))
        values: list[Node] = []
        for text in typed:
            value = value_of(text, test, symbol.type.kind)
            if isinstance(value, str):
                return self._wrong(path, value)
            values.append(value)
        return test.build(Name(symbol.name, row.key.strip() if symbol.keyed and row.key else None), values)

    def written(self, item: Written) -> Node | None:
        """Return the tree of a row of text. Raises ExpressionError."""
        if not item.text.strip():
            return None
        compile_expression(item.text, self.vocabulary, expect=BOOLEAN)
        return parse(item.text)

    def _wrong(self, path: tuple[int, ...], message: Text) -> None:
        self.misfits.append(Misfit(path=path, message=message))


def text_of(group: Group, vocabulary: Vocabulary) -> tuple[str, list[Misfit]]:
    """Return the text of rows, empty where they say nothing, and what is wrong with those that were left out."""
    making = Making(vocabulary)
    tree = making.group(group)
    if tree is None:
        return "", making.misfits
    check_size(tree)
    return printed(tree), making.misfits


# --- as the page sends it --------------------------------------------------------------------------------------------


def document_of(item: Row | Written | Group) -> dict[str, Any]:
    """Return a group or a row as names, lists and texts."""
    if isinstance(item, Group):
        return {"every": item.every, "items": [document_of(each) for each in item.items]}
    if isinstance(item, Written):
        return {"text": item.text}
    return {"fact": item.fact, "key": item.key, "test": item.test, "values": list(item.values)}


def group_from(document: object) -> Group:
    """Return the group that a document stands for. Raises InvalidInput for what is none."""
    count = 0

    def item(given: object, depth: int) -> Row | Written | Group:
        nonlocal count
        count += 1
        if not isinstance(given, Mapping) or depth > MAX_DEPTH or count > MOST_ROWS:
            raise _unreadable()
        values = cast("Document", given)
        if "items" in values:
            return Group(
                every=values.get("every") is not False,
                items=[item(each, depth + 1) for each in _listed(values["items"])],
            )
        if "text" in values:
            return Written(text=_said(values["text"]))
        key = values.get("key")
        return Row(
            fact=_said(values.get("fact", "")),
            key=None if key is None else _said(key),
            test=_said(values.get("test", "")),
            values=[_said(each) for each in _listed(values.get("values", []))],
        )

    found = item(document, 0)
    if not isinstance(found, Group):
        raise _unreadable()
    return found


def _listed(given: object) -> Sequence[object]:
    if not isinstance(given, list):
        raise _unreadable()
    return cast("Sequence[object]", given)


def _said(given: object) -> str:
    if not isinstance(given, str):
        raise _unreadable()
    return given


def _unreadable() -> CrmkitError:
    return InvalidInput(_("These rows cannot be read."))
