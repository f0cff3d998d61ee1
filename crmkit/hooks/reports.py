"""The reports that a plugin ships, what their rows come back in, and the goals that figures are held against.

Values that hooks return and that an admin edits; they hold no sessions and do no work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from attrs import field, frozen

ColumnKind = Literal["text", "integer", "number", "money", "share", "rate", "date", "instant"]
ChartKind = Literal["bars", "lines", "stack", "histogram", "intervals"]


@frozen(kw_only=True)
class Column:
    """A column of a report: its title, its definition in words (``doc``), and what kind of value it holds.

    Money is an integer of minor units in the base currency. A "share" is an exact part of a whole, 0 to 1; a "rate" is
    estimated: it names the columns that hold its ``successes`` and its ``trials``, and its value and interval are made
    from them. ``total`` adds the column up under the rows. ``drills`` says that the rows behind a figure can be listed.
    A ``hidden`` column is computed with and not shown. ``about`` is the path of a page that says what its figures mean.
    """

    name: str
    title: str
    doc: str = ""
    kind: ColumnKind = "text"
    unit: str = ""
    total: bool = False
    successes: str = ""
    trials: str = ""
    drills: bool = False
    hidden: bool = False
    about: str = ""


@frozen(kw_only=True)
class Chart:
    """A chart of a report: which columns it draws, and how. "intervals" draws rates with their intervals."""

    kind: ChartKind
    x: str
    y: tuple[str, ...] = field(converter=tuple)
    title: str = ""

    @classmethod
    def bars(cls, x: str, *y: str, title: str = "") -> Chart:
        """Return a chart of bars, one group for each row."""
        return cls(kind="bars", x=x, y=y, title=title)

    @classmethod
    def lines(cls, x: str, *y: str, title: str = "") -> Chart:
        """Return a chart of lines, one for each column."""
        return cls(kind="lines", x=x, y=y, title=title)

    @classmethod
    def stack(cls, x: str, *y: str, title: str = "") -> Chart:
        """Return a chart of bars in which the columns lie on each other."""
        return cls(kind="stack", x=x, y=y, title=title)

    @classmethod
    def histogram(cls, x: str, y: str, title: str = "") -> Chart:
        """Return a histogram: rows are classes in ascending order."""
        return cls(kind="histogram", x=x, y=(y,), title=title)

    @classmethod
    def intervals(cls, x: str, *y: str, title: str = "") -> Chart:
        """Return a chart of rates with their intervals."""
        return cls(kind="intervals", x=x, y=y, title=title)


@frozen(kw_only=True)
class Note:
    """A sentence beside a table, with values for its ``{name}`` fields."""

    text: str
    values: Mapping[str, object] = field(factory=dict[str, object])


@frozen(kw_only=True)
class Table:
    """What a report's function returns: rows by column name, and what there is to say about them.

    ``columns`` and ``charts`` stand in place of the report's where they depend on the parameters. ``totals`` stands in
    place of the sums.
    """

    rows: tuple[Mapping[str, Any], ...] = field(converter=tuple)
    columns: tuple[Column, ...] = field(default=(), converter=tuple)
    charts: tuple[Chart, ...] = field(default=(), converter=tuple)
    totals: Mapping[str, Any] | None = None
    notes: tuple[Note, ...] = field(default=(), converter=tuple)


@frozen(kw_only=True)
class Figure:
    """One figure of a report, by the key of its row and the name of its column; the row "total" is that of the sums."""

    row: str
    column: str


TOTAL = "total"
"""The key of the row of sums."""


@frozen
class Named:
    """Marks a text among a report's parameters as the name of a definition ("dimension", "segment" …), or with
    "expression" as a condition about customers: ``Annotated[str, Input(...), Named("dimension")]``."""

    kind: str


@frozen(kw_only=True)
class Report:
    """A report: typed parameters, the function that computes its rows, its columns and charts.

    ``rows(session, parameters, moment)`` returns a `Table`, or rows as mappings; ``moment`` says as of when and by what
    was known when. Each row is named by its value in the column ``key`` (the first one), which has to stay the same
    when the report is run again. ``defaults`` are parameters as texts, such as ``{"period": "last 12 months"}``.
    ``behind(session, parameters, moment, figure)`` returns the rows behind a figure as a `Table` with columns of its
    own. ``template`` names a file in the folder ``templates`` of the plugin's package.

    ``permission`` is the right to run it. ``aggregates`` says that no row is about one customer: for who has the right
    ``report.all`` it covers all, else what the reader may see. ``counts`` names the column that counts a row's
    customers, "*" stands for every whole number: who may not see each of them is not shown the figures of fewer than
    ``smallest``. ``temporal`` says whether it can be run as of an earlier time.
    """

    name: str
    title: str
    rows: Callable[..., Any]
    parameters: type[Any] | None = None
    defaults: Mapping[str, str] = field(factory=dict[str, str])
    columns: tuple[Column, ...] = field(default=(), converter=tuple)
    key: str = ""
    template: str | None = None
    charts: tuple[Chart, ...] = field(default=(), converter=tuple)
    doc: str = ""
    permission: str = "report.read"
    aggregates: bool = False
    counts: str = ""
    smallest: int = 5
    temporal: bool = True
    behind: Callable[..., Table] | None = None


@frozen(kw_only=True)
class ReportTemplate:
    """What an admin prints a report by in place of its own template: Jinja2 over the report's document, which has names
    and values alone. ``name`` is the report's."""

    name: str
    text: str


@frozen(kw_only=True)
class ByFacts:
    """A figure over customers: an aggregate of an expression over facts, ``where`` a condition holds.

    "count" counts customers and takes no expression, "share" is the part of those ``among`` whom it counts.
    ``during`` takes what was added since the period began, for what only grows, such as ``purchase.amount``.
    """

    aggregate: Literal["count", "sum", "average", "share"] = "count"
    of: str = ""
    where: str = "true"
    among: str = "true"
    during: bool = False


@frozen(kw_only=True)
class ByFigure:
    """A figure of a report; its parameter ``period``, if it has one, is the goal's period unless it is given."""

    report: str
    row: str
    column: str
    parameters: Mapping[str, str] = field(factory=dict[str, str])


@frozen(kw_only=True)
class Goal:
    """What a figure is to reach in a period, and whose goal it is (a login).

    The period is one such as ``2026``, ``2026-Q3``, ``FY2026`` or ``2026-01-01..2026-03-31``, or a standing one such as
    ``this month``. A target of money is in major units of the base currency. ``at_most`` makes less better.
    """

    name: str
    title: str
    metric: ByFacts | ByFigure
    target: Decimal
    period: str
    owner: str | None = None
    at_most: bool = False
    doc: str = ""
