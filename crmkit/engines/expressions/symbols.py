"""The names that an expression can speak of: what is known about each, and where they are looked up.

Must not know where their values come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from attrs import field, frozen

from crmkit.engines.expressions.types import Type
from crmkit.hooks.classes import FieldClass


def quoted(text: str) -> str:
    """Return a text as a literal of the language, in double quotes; what cannot be seen is escaped."""
    return '"' + "".join(_ESCAPES.get(char) or _visible(char) for char in text) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# What turns the direction of a text or is invisible would let a condition read otherwise than it is.
_HIDDEN = {*range(0x20), *range(0x7F, 0xA0), *range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


def _visible(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) in _HIDDEN else char


class FactRef(str):
    """A name as an expression uses it, with its key if it is keyed: ``purchase.category_amount["tea"]``.

    It is that text: a mapping that has the text as a key has the reference.
    """

    __slots__ = ("key", "name")
    name: str
    key: str | None

    def __new__(cls, name: str, key: str | None = None) -> FactRef:
        self = super().__new__(cls, name if key is None else f"{name}[{quoted(key)}]")
        self.name = name
        self.key = key
        return self

    def __reduce__(self) -> tuple[type[FactRef], tuple[str, str | None]]:
        return (FactRef, (self.name, self.key))


@frozen(kw_only=True)
class Symbol:
    """What is known about a name. ``options`` are the values that a text can have, if they are few and fixed."""

    name: str
    type: Type
    nullable: bool = False
    title: str = ""
    doc: str = ""
    classified: FieldClass = "internal"
    keyed: bool = False
    options: tuple[str, ...] = field(default=(), converter=tuple)
    source: Literal["fact", "event", "argument"] = "fact"


class Vocabulary(Protocol):
    """Where names are looked up."""

    def find(self, name: str) -> Symbol | None:
        """Return the symbol of a name without its key, or None."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names that there are, for suggestions."""
        ...


@frozen
class Words:
    """A vocabulary of given symbols, with another one behind it if there is one."""

    symbols: Mapping[str, Symbol]
    behind: Vocabulary | None = None

    @classmethod
    def of(cls, *symbols: Symbol, behind: Vocabulary | None = None) -> Words:
        """Return the vocabulary of some symbols; they hide those of the same name that are behind."""
        return cls({symbol.name: symbol for symbol in symbols}, behind)

    def find(self, name: str) -> Symbol | None:
        """Return the symbol of a name, or None."""
        found = self.symbols.get(name)
        return self.behind.find(name) if found is None and self.behind is not None else found

    def names(self) -> Iterable[str]:
        """Return the names that there are."""
        return [*self.symbols, *(self.behind.names() if self.behind is not None else ())]
