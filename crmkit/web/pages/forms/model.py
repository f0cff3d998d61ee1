"""What a form is made of, as a template shows it: fields with what is typed in them. Values only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import Factory, evolve, field, frozen

from crmkit.core.operations.inputs import Input
from crmkit.errors import Problem

Kind = Literal[
    "text",
    "long",
    "secret",
    "integer",
    "decimal",
    "money",
    "date",
    "instant",
    "boolean",
    "ternary",
    "choice",
    "suggest",
    "choices",
    "lines",
    "reference",
    "pairs",
    "document",
    "file",
    "upload",
    "group",
    "custom",
    "rows",
]
"""How a field is typed. ``ternary`` is yes, no or nothing; ``suggest`` a text with suggestions; ``pairs`` names with
values; ``document`` JSON; ``upload`` a file with its name; ``custom`` the fields that an admin has added."""

WIDE = ("long", "lines", "pairs", "document", "group", "custom", "rows", "choices")
NOTHING = "–"


@frozen(kw_only=True)
class Choice:
    """One possible value of a field, with its title."""

    value: str
    title: str


@frozen(kw_only=True)
class Spec:
    """What an input is, whoever fills it in and with what.

    ``required`` says that there is no default; ``nullable`` that there may be nothing; ``unset`` that what is left out
    stays as it is. ``members`` are the inputs of a nested one, ``shape`` its class; ``values`` are the typed values of
    the possible texts.
    """

    name: str
    kind: Kind
    title: str
    info: Input = Factory(Input)
    required: bool = False
    nullable: bool = False
    unset: bool = False
    default: Any = None
    resource: str | None = None
    python: Any = str
    shape: type[Any] | None = None
    members: tuple[Spec, ...] = ()
    item: Spec | None = None
    """Of a list what one value of it is."""
    choices: tuple[Choice, ...] = ()
    values: Mapping[str, Any] = field(factory=dict[str, Any])

    @property
    def needed(self) -> bool:
        """Say whether something has to stand in the field."""
        if self.kind in ("boolean", "group", "custom", "rows", "lines", "choices", "pairs"):
            return self.required and self.kind in ("lines", "choices", "rows")
        return not self.nullable and not (self.python is str and not self.unset and self.default == "")


@frozen(kw_only=True)
class Field:
    """A field with what stands in it: ``value`` as text, of several ``values``. ``label`` is the text of what a
    reference refers to; ``masked`` what the present value looks like, where it cannot be shown; ``emptied`` that the
    box to empty it is ticked. ``present`` is what the record holds by now, where somebody changed it meanwhile."""

    name: str
    spec: Spec
    value: str = ""
    values: tuple[str, ...] = field(default=(), converter=tuple)
    label: str = ""
    masked: str | None = None
    unknown: bool = False
    emptied: bool = False
    present: str | None = None
    choices: tuple[Choice, ...] | None = None
    fields: tuple[Field, ...] = field(default=(), converter=tuple)
    rows: tuple[tuple[Field, ...], ...] = ()
    blank: tuple[Field, ...] = ()
    """Of rows an empty one, with ``__row__`` in place of its number."""
    currency: str = ""
    """Of money the currency."""
    currency_name: str = ""

    @property
    def kind(self) -> Kind:
        """Return how the field is typed."""
        return self.spec.kind

    @property
    def wide(self) -> bool:
        """Say whether the field takes the whole width."""
        return self.spec.kind in WIDE

    @property
    def clearable(self) -> bool:
        """Say whether there is a box to empty what cannot be seen."""
        return self.spec.unset and self.spec.nullable and self.unknown and self.kind not in ("group", "rows", "custom")

    @property
    def filled(self) -> bool:
        """Say whether anything stands in the field."""
        inner = any(each.filled for each in self.fields) or bool(self.typed_rows)
        alone = self.kind not in ("boolean",) or self.value == "true"
        return inner or (alone and bool(self.value or self.values or self.emptied))

    @property
    def said(self) -> str:
        """Return what stands in the field as a person reads it."""
        titles = {each.value: each.title for each in self.choices or ()}
        texts = [titles.get(each, each) for each in (self.values or (self.value,)) if each]
        return self.label or ", ".join(texts) or NOTHING

    @property
    def typed_rows(self) -> tuple[tuple[Field, ...], ...]:
        """Return the rows in which something else stands than in an empty one."""
        empty = [each.plain() for each in self.blank]
        return tuple(row for row in self.rows if [each.plain() for each in row] != empty)

    def replaced(self, others: Mapping[str, Field]) -> Field:
        """Return the field with others in place of some that it is or has within."""
        if self.name in others:
            return others[self.name]
        return evolve(
            self,
            fields=tuple(each.replaced(others) for each in self.fields),
            rows=tuple(tuple(each.replaced(others) for each in row) for row in self.rows),
        )

    def walk(self) -> Iterator[Field]:
        """Return the field and all within it."""
        yield self
        for each in (*self.fields, *(inner for row in self.rows for inner in row)):
            yield from each.walk()

    def plain(self) -> Any:
        """Return what stands in the field, to be compared."""
        if self.rows or self.blank:
            return [[each.plain() for each in row] for row in self.typed_rows]
        if self.fields:
            return [each.plain() for each in self.fields]
        return [self.value, list(self.values), self.emptied, self.currency if self.kind == "money" else ""]

    def fingerprint(self) -> str:
        """Return a short text that is another one for anything else in the field."""
        return hashlib.sha256(json.dumps(self.plain(), ensure_ascii=False).encode()).hexdigest()[:12]


@frozen(kw_only=True)
class Form:
    """A form for an operation. ``record`` is what it acts on, ``fixed`` what the page gives and nobody types; ``key``
    makes a second press of the button do nothing; ``was`` has the fingerprints of what the form began with, of those
    fields that may be left as they are."""

    operation: str
    title: str
    help: str = ""
    fields: tuple[Field, ...] = field(converter=tuple)
    record: Any = None
    version: int | None = None
    key: str = ""
    was: Mapping[str, str] = field(factory=dict[str, str])
    fixed: Mapping[str, Any] = field(factory=dict[str, Any])
    problems: Mapping[str, Sequence[Problem]] = field(factory=dict[str, Sequence[Problem]])
    reason: str = ""
    """Why the operation is not allowed, if it is not."""

    @property
    def was_text(self) -> str:
        """Return the fingerprints as the form carries them."""
        return json.dumps(dict(self.was), separators=(",", ":"))

    @property
    def multipart(self) -> bool:
        """Say whether the form takes files."""
        return any(each.kind in ("file", "upload") for top in self.fields for each in top.walk())

    @property
    def first(self) -> tuple[Field, ...]:
        """Return the fields that are always open: those that are needed, and of a short form all."""
        return tuple(each for each in self.fields if each not in self.more)

    @property
    def more(self) -> tuple[Field, ...]:
        """Return the fields that are folded away in a long form."""
        if len(self.fields) <= LONG:
            return ()
        shown = 0
        found: list[Field] = []
        for each in self.fields:
            usual = shown < LONG - 3 and each.kind not in ("rows", "custom", "pairs", "group")
            if each.spec.needed or usual:
                shown += 1
            else:
                found.append(each)
        return tuple(found)

    @property
    def more_open(self) -> bool:
        """Say whether something of what is folded away has to be seen: it is filled, or wrong."""
        wrong = set(self.problems)
        return any(inner.name in wrong or inner.masked for each in self.more for inner in each.walk())

    def field(self, name: str) -> Field:
        """Return a field by its name. Raises KeyError."""
        for each in self.fields:
            for inner in each.walk():
                if inner.name == name:
                    return inner
        raise KeyError(name)

    def with_problems(self, problems: Sequence[Problem]) -> Form:
        """Return the form with problems at the fields that they are about; those about none that it shows stand above
        all."""
        known = {inner.name for each in self.fields for inner in each.walk()}
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            found.setdefault(_nearest(problem.field, known), []).append(problem)
        return evolve(self, problems=found)


LONG = 14
"""Fields of a form that are all open."""


def _nearest(name: str | None, known: set[str]) -> str:
    """Return the field of a form that a problem's path is about, or is within, or nothing."""
    path = name or ""
    while path and path not in known:
        path = path.rpartition(".")[0]
    return path
