"""An expression in the words of people, in their language. Must not know how it is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from crmkit.engines.expressions.functions import FUNCTIONS
from crmkit.engines.expressions.symbols import FactRef, Symbol
from crmkit.engines.expressions.tree import Binary, Call, Conditional, ListOf, Literal, Logic, Name, Node, Unary
from crmkit.i18n import texts, translate

_ = texts("crmkit")

_SIGNS = {
    "==": _("{0} is {1}"),
    "!=": _("{0} is not {1}"),
    "<": _("{0} is less than {1}"),
    "<=": _("{0} is at most {1}"),
    ">": _("{0} is more than {1}"),
    ">=": _("{0} is at least {1}"),
    "in": _("{0} is one of {1}"),
    "not in": _("{0} is none of {1}"),
    "null": _("{0} is not known"),
    "not null": _("{0} is known"),
    "has": _("{0} is among {1}"),
    "has not": _("{0} is not among {1}"),
}
_AND, _OR, _NOT = _("{0} and {1}"), _("{0} or {1}"), _("it is not so that {0}")
_IF = _("{1} if {0}, otherwise {2}")
_SLOT = re.compile(r"\{(\d)\}")
_YES, _NO, _NULL, _COMMA = _("yes"), _("no"), _("unknown"), _(", ")


@frozen
class _Speaker:
    symbols: Mapping[FactRef, Symbol]
    language: str

    def say(self, text: str, *parts: str) -> str:
        """Return a phrase in the language, with its parts."""
        # What a part says is not looked into again.
        return _SLOT.sub(lambda slot: parts[int(slot[1])], translate(text, self.language))

    def joined(self, nodes: tuple[Node, ...]) -> str:
        """Return a list in the language."""
        return self.say(_COMMA).join(self.words(node) for node in nodes)

    def words(self, node: Node) -> str:
        """Return what a node says."""
        if isinstance(node, Literal):
            return self._literal(node.value)
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, ListOf):
            return self.joined(node.items)
        if isinstance(node, Logic):
            return self._logic(node)
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Binary):
            return self._binary(node)
        if isinstance(node, Conditional):
            return self.say(_IF, *(self._bracketed(child) for child in node.children))
        return self._call(node)

    def _literal(self, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return self.say(_NULL if value is None else _YES if value else _NO)
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    def _name(self, node: Name) -> str:
        symbol = self.symbols.get(FactRef(node.name, node.key))
        title = translate(symbol.title, self.language) if symbol is not None and symbol.title else node.name
        return title if node.key is None else f"{title} ({node.key})"

    def _bracketed(self, node: Node) -> str:
        shown = self.words(node)
        return f"({shown})" if isinstance(node, (Logic, Conditional)) else shown

    def _logic(self, node: Logic) -> str:
        phrase = _AND if node.operator == "and" else _OR
        shown = self._bracketed(node.operands[0])
        for operand in node.operands[1:]:
            shown = self.say(phrase, shown, self._bracketed(operand))
        return shown

    def _unary(self, node: Unary) -> str:
        if node.operator == "-":
            return f"-{self.words(node.operand)}"
        inner = node.operand
        if isinstance(inner, Binary) and inner.operator == "in":
            sign = "not in" if isinstance(inner.right, ListOf) else "has not"
            return self.say(_SIGNS[sign], self.words(inner.left), self.words(inner.right))
        return self.say(_NOT, self._bracketed(inner))

    def _binary(self, node: Binary) -> str:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and other.value is None:
                return self.say(_SIGNS["null" if node.operator == "==" else "not null"], self.words(one))
        left, right = self.words(node.left), self.words(node.right)
        if node.operator in "+-*/%":
            return f"({left} {node.operator} {right})"
        sign = "has" if node.operator == "in" and not isinstance(node.right, ListOf) else node.operator
        return self.say(_SIGNS[sign], left, right)

    def _call(self, node: Call) -> str:
        function = FUNCTIONS[node.function]
        if function.variadic:
            return self.say(function.words).replace("{all}", self.joined(node.arguments))
        return self.say(function.words, *(self.words(argument) for argument in node.arguments))


def in_words(tree: Node, symbols: Mapping[FactRef, Symbol], language: str = "en") -> str:
    """Return what a checked tree says, in a language: facts by their titles."""
    return _Speaker(symbols, language).words(tree)
