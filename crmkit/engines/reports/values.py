"""A report as it was run: its figures with their definitions, when and for whom they hold. Must not know sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from attrs import field, frozen

from crmkit.engines.facts.moments import Moment
from crmkit.engines.reports.parameters import Parameter
from crmkit.engines.statistics.distributions import Estimate
from crmkit.errors import UnknownFigure
from crmkit.hooks.contributions import TOTAL, Chart, Column, Note
from crmkit.i18n import texts

_ = texts("crmkit")


@frozen(kw_only=True)
class Cell:
    """A value of a report; ``interval`` where it is estimated, ``withheld`` where it would tell about too few."""

    value: Any
    interval: Estimate | None = None
    withheld: bool = False


@frozen(kw_only=True)
class Row:
    """A row under its key, with one cell for each column."""

    key: str
    cells: tuple[Cell, ...] = field(converter=tuple)


@frozen(kw_only=True)
class ReportRun:
    """What a report found.

    ``moment`` says as of when, and by what was known when; ``made_at`` (UTC) when it was run, by whom. ``scope`` is
    "all" where it covers everything, "visible" where it covers what the reader may see. ``smallest`` is the number of
    customers below which figures are withheld, None where nothing is.
    """

    name: str
    title: str
    doc: str
    columns: tuple[Column, ...] = field(converter=tuple)
    rows: tuple[Row, ...] = field(converter=tuple, repr=False)
    totals: Row | None = field(repr=False)
    notes: tuple[Note, ...] = field(converter=tuple)
    charts: tuple[Chart, ...] = field(converter=tuple)
    parameters: tuple[Parameter, ...] = field(converter=tuple)
    moment: Moment
    made_at: datetime
    actor_id: str
    actor: str
    scope: Literal["all", "visible"]
    smallest: int | None
    drills: bool

    @property
    def shown(self) -> tuple[Column, ...]:
        """Return the columns that are shown, in their order."""
        return tuple(column for column in self.columns if not column.hidden)

    def row(self, key: str) -> Row:
        """Return the row of a key, or that of the sums. Raises UnknownFigure."""
        found = self.totals if key == TOTAL else next((row for row in self.rows if row.key == key), None)
        if found is None:
            raise UnknownFigure(
                _('There is no row "{row}". Known: {known}.'), row=key, known=_listed([row.key for row in self.rows])
            )
        return found

    def cell(self, key: str, column: str) -> Cell:
        """Return one figure. Raises UnknownFigure."""
        names = [item.name for item in self.columns]
        if column not in names:
            raise UnknownFigure(
                _('There is no column "{column}". Known: {known}.'), column=column, known=", ".join(names)
            )
        return self.row(key).cells[names.index(column)]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:20]) + ("…" if len(names) > 20 else "") or "–"
