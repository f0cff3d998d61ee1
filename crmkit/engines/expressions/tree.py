"""The tree of an expression: a closed set of frozen nodes, and how large it may grow. Must not know what nodes mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal as Choice, TypeAlias

from attrs import field, frozen

MAX_LENGTH = 4000
"""Characters of a text."""
MAX_DEPTH = 50
"""Levels of a tree."""
MAX_NODES = 500
MAX_LIST = 1000
"""Items of a list of literals; such a list counts as one node."""

Scalar: TypeAlias = bool | int | Decimal | str | None
Comparison: TypeAlias = Choice["==", "!=", "<", "<=", ">", ">="]


@frozen
class Literal:
    """A value that is written out."""

    value: Scalar
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return ()


@frozen
class Name:
    """A dotted name, perhaps with a key."""

    name: str
    key: str | None = None
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return ()


@frozen
class ListOf:
    """A list."""

    items: tuple[Node, ...]
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return self.items


@frozen
class Unary:
    """``not`` or ``-`` of something."""

    operator: Choice["not", "-"]
    operand: Node
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return (self.operand,)


@frozen
class Binary:
    """A comparison, a membership or arithmetic."""

    operator: str
    left: Node
    right: Node
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return (self.left, self.right)


@frozen
class Logic:
    """``and`` or ``or`` of two or more."""

    operator: Choice["and", "or"]
    operands: tuple[Node, ...]
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return self.operands


@frozen
class Conditional:
    """``test ? then : otherwise``."""

    test: Node
    then: Node
    otherwise: Node
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return (self.test, self.then, self.otherwise)


@frozen
class Call:
    """A function of the list, with its arguments; of a method the receiver is the first."""

    function: str
    arguments: tuple[Node, ...]
    method: bool = False
    at: int = field(default=0, eq=False, repr=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """Return the nodes below."""
        return self.arguments


Node: TypeAlias = Literal | Name | ListOf | Unary | Binary | Logic | Conditional | Call
