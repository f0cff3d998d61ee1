"""Running reports: rights, parameters, the moment, rows, sums, intervals, and a record in the audit log.

Must not know how a run is printed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from crmkit.core.customers.models import Customer
from crmkit.core.store.guard import region
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.reports.parameters import noted, parsed, shown
from crmkit.engines.reports.values import Cell, ReportRun, Row
from crmkit.engines.reports.withholding import EACH, withheld
from crmkit.engines.statistics.intervals import wilson
from crmkit.errors import InvalidInput, Problem, Refused, UnknownFigure, UnknownReport
from crmkit.hooks.contributions import TOTAL, Column, Figure, Report, Table
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def reports(session: CrmSession) -> Mapping[str, Report]:
    """Return the reports that the reader may run, by name."""
    known: Mapping[str, Report] = session.gate.registry.tables["report"]
    return {name: known[name] for name in sorted(known) if _may(session, known[name])}


def find_report(session: CrmSession, name: str) -> Report:
    """Return a report. Raises UnknownReport, suggesting the one that was probably meant; Refused without the right."""
    known: Mapping[str, Report] = session.gate.registry.tables["report"]
    if name not in known:
        close = difflib.get_close_matches(name, reports(session), 1)
        raise UnknownReport(
            _('There is no report "{name}".'),
            fix=_('Did you mean "{close}"?') if close else _("crmkit report list shows them."),
            name=name,
            close="".join(close),
        )
    report = known[name]
    if not _may(session, report):
        error = Refused(
            _("{actor} may not run the report {report}."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            report=name,
            permission=report.permission,
        )
        session.note("report.run", resource="report", outcome="refused", code=error.code, details={"report": name})
        raise error
    return report


def _may(session: CrmSession, report: Report) -> bool:
    resource, _dot, action = report.permission.rpartition(".")
    return session.gate.rights(session).scope(resource, action) != "none"


def run(
    session: CrmSession,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
    smallest: int | None = None,
) -> ReportRun:
    """Run a report and audit it.

    ``values`` are its parameters as plain values; ``as_of`` (a day means its end in the company's zone) and
    ``known_at`` say as of when, the present by default; ``smallest`` withholds the figures of fewer customers, also
    from who may see each of them. Raises UnknownReport, Refused, and InvalidInput with every mistake.
    """
    asked = _prepare(session, name, values or {}, as_of, known_at)
    report = asked.report
    with asked.scope():
        table = _table(report.rows(session, asked.made, asked.moment))
    columns = table.columns or report.columns or _guessed(table.rows)
    rows = [_row(columns, row, key) for key, row in _keyed(report.key or columns[0].name, table.rows)]
    sums = _sums(columns, table)
    totals = None if sums is None else _row(columns, sums, TOTAL)
    counted = report.counts == EACH or report.counts in {column.name for column in columns}
    least = _smallest(session, asked, smallest) if counted else None
    if least is not None:
        rows, totals = withheld(columns, rows, totals, report.counts, least)
    session.note("report.run", resource="report", details=asked.details(len(rows)))
    return ReportRun(
        name=name,
        title=report.title,
        doc=report.doc,
        columns=columns,
        rows=rows,
        totals=totals,
        notes=table.notes,
        charts=table.charts or report.charts,
        parameters=shown(report, asked.made),
        moment=asked.moment,
        made_at=session.gate.clock.now(),
        actor_id=session.actor.id,
        actor=session.actor.name or session.actor.id,
        scope="all" if asked.whole else "visible",
        smallest=least,
        drills=report.behind is not None,
    )


def rows_behind(
    session: CrmSession,
    name: str,
    figure: Figure,
    values: Mapping[str, Any] | None = None,
    *,
    as_of: date | datetime | None = None,
    known_at: date | datetime | None = None,
) -> ReportRun:
    """Return the rows behind one figure of a report, as a report of their own; they are those that the reader may see.

    It is audited. Raises UnknownFigure for a figure that there is not or that has no rows behind it, and what `run`
    raises.
    """
    asked = _prepare(session, name, values or {}, as_of, known_at)
    report = asked.report
    columns = {column.name: column for column in report.columns}
    if report.behind is None or (columns and not columns.get(figure.column, _NOWHERE).drills):
        raise UnknownFigure(_('The rows behind "{column}" cannot be listed.'), column=figure.column)
    table = report.behind(session, asked.made, asked.moment, figure)
    shape = table.columns or _guessed(table.rows)
    rows = [_row(shape, row, str(place)) for place, row in enumerate(table.rows, 1)]
    # Which row it was may name a person: the log keeps the column alone.
    session.note(
        "report.rows", resource="report", details={**asked.details(len(rows)), "column": figure.column}, items=1
    )
    return ReportRun(
        name=name,
        title=report.title,
        doc=columns[figure.column].doc if figure.column in columns else "",
        columns=shape,
        rows=rows,
        totals=None,
        notes=table.notes,
        charts=(),
        parameters=shown(report, asked.made),
        moment=asked.moment,
        made_at=session.gate.clock.now(),
        actor_id=session.actor.id,
        actor=session.actor.name or session.actor.id,
        scope="visible",
        smallest=None,
        drills=False,
    )


_NOWHERE = Column(name="", title="")


@frozen(kw_only=True)
class _Asked:
    """A report with everything that it is run with."""

    session: CrmSession
    report: Report
    made: Any
    moment: Moment
    whole: bool

    def scope(self) -> AbstractContextManager[None]:
        """Return the block in which rows are computed: over everything where the reader has the right to that."""
        widened = self.whole and self.session.actor.kind != "system"
        return region(self.session, "aggregates for somebody with report.all") if widened else nullcontext()

    def details(self, rows: int) -> dict[str, Any]:
        """Return what the audit log keeps."""
        return {
            "report": self.report.name,
            "as_of": self.moment.as_of,
            "known_at": self.moment.known_at,
            "parameters": noted(self.report, self.made),
            "rows": rows,
        }


def _prepare(
    session: CrmSession,
    name: str,
    values: Mapping[str, Any],
    as_of: date | datetime | None,
    known_at: date | datetime | None,
) -> _Asked:
    report = find_report(session, name)
    if not report.temporal and (as_of is not None or known_at is not None):
        text = _("This report shows the present alone: it has no history.")
        raise InvalidInput([Problem("CK500", text, field="as_of" if as_of is not None else "known_at")])
    moment = moment_of(session, as_of, known_at)
    made = parsed(session, report, values, moment.today)
    whole = session.actor.kind == "system" or (
        report.aggregates and session.gate.rights(session).scope("report", "all") == "all"
    )
    return _Asked(session=session, report=report, made=made, moment=moment, whole=whole)


def _smallest(session: CrmSession, asked: _Asked, wanted: int | None) -> int | None:
    """Return below which number of customers figures are withheld: by the report from who sees not each of them."""
    sees_all = session.gate.rights(session).scope("customer", "read") == "all"
    sees_each = (sees_all or not asked.whole) and session.level(Customer, "personal") == "full"
    least = max(wanted or 0, 0 if sees_each else asked.report.smallest)
    return least if least > 1 else None


def _table(found: Any) -> Table:
    if isinstance(found, Table):
        return found
    return Table(rows=tuple(cast("Iterable[Mapping[str, Any]]", found)))


def _guessed(rows: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Return columns for rows of a report that declares none: their names, as texts."""
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(Column(name=name, title=name) for name in names) or (Column(name="–", title="–"),)


def _row(columns: Sequence[Column], row: Mapping[str, Any], key: str) -> Row:
    cells: list[Cell] = []
    for column in columns:
        trials = row.get(column.trials) if column.kind == "rate" else None
        if trials is None:
            cells.append(Cell(value=row.get(column.name)))
        else:
            found = wilson(row.get(column.successes) or 0, trials)
            cells.append(Cell(value=found.value, interval=found))
    return Row(key=key, cells=cells)


def _keyed(name: str, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return rows with their keys; where these do not tell them apart they are numbered, so that each figure can be
    named all the same."""
    keys = [str(row.get(name, "")) for row in rows]
    alike = len(set(keys)) < len(keys)
    return [(str(place) if alike else key, row) for place, (key, row) in enumerate(zip(keys, rows, strict=True), 1)]


def _sums(columns: Sequence[Column], table: Table) -> Mapping[str, Any] | None:
    if table.totals is not None:
        return table.totals
    summed = [column.name for column in columns if column.total]
    if not summed or not table.rows:
        return None
    return {name: sum(row.get(name) or 0 for row in table.rows) for name in summed}
