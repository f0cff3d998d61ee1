"""The reports on customers that crmkit ships: by the labels of any dimension, at a moment and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from attrs import evolve, frozen
from sqlalchemy import Select, func

from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.engines.definitions.publishing import find
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.moments import Moment, instant
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.reports.periods import name_of, parts
from crmkit.engines.reports.withholding import EACH
from crmkit.hooks.contributions import TOTAL, Chart, Column, Figure, Named, Note, Period, Report, Table
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.classification import Dimension

_ = texts("crmkit")

MOST = 1000
"""Most rows that are listed behind a figure."""
SHOWN = 8
"""Most labels that are shown over time by themselves, where they are not declared; the rest are taken together."""
NONE = "-"
"""The key of those who have no label."""
OTHER = "*"
"""The key of all labels that are taken together."""

_Where = Annotated[str | None, Input(title=_("Only customers for whom")), Named("expression")]
_Segment = Annotated[str | None, Input(title=_("Segment"), classified="internal"), Named("segment")]
_Dimension = Annotated[str, Input(title=_("Dimension"), classified="internal"), Named("dimension")]


@frozen(kw_only=True)
class ByLabel:
    """Parameters of the report by label: the dimension, and which customers are looked at."""

    dimension: _Dimension
    segment: _Segment = None
    where: _Where = None


@frozen(kw_only=True)
class OverTime:
    """Parameters of the report over time: the dimension, the period in units, and which customers are looked at."""

    dimension: _Dimension
    period: Annotated[Period, Input(title=_("Period"), classified="internal")]
    unit: Annotated[
        Literal["week", "month", "quarter", "year"], Input(title=_("Divided by"), classified="internal")
    ] = "month"
    segment: _Segment = None
    where: _Where = None


def condition(session: CrmSession, where: str | None, segment: str | None) -> Expression | None:
    """Return the condition that a report's parameters state together. Raises ExpressionError."""
    said = [f"({where})"] if where else []
    if segment:
        said.append(f"segment.{segment}")
    return catalogue_of(session).checked(" and ".join(said)) if said else None


def _counts(session: CrmSession, parameters: Any, moment: Moment) -> dict[str | None, int]:
    """Return how many customers have each label of a dimension at a moment; None stands for no label."""
    ref = FactRef(f"label.{parameters.dimension}", None)
    where = condition(session, parameters.where, parameters.segment)
    facts = joined(session, [ref], moment, where=where)
    label = facts.columns[ref]
    return dict(map(tuple, session.execute(facts.select(label, func.count()).group_by(label))))


def _titles(dimension: Dimension, found: Sequence[str | None]) -> dict[str | None, str]:
    """Return the labels with their titles: the declared ones in their order, the others, and those without one."""
    titles: dict[str | None, str] = {label.name: label.title for label in dimension.labels}
    titles |= {name: name for name in found if name is not None and name not in titles}
    return titles | ({None: _("no label")} if None in found else {})


def by_label(session: CrmSession, parameters: ByLabel, moment: Moment) -> Table:
    """Return the customers by label, with the share that each label has."""
    counts = _counts(session, parameters, moment)
    dimension = find(session, "dimension", parameters.dimension).value
    everybody = sum(counts.values())
    order = sorted(counts, key=lambda name: -counts[name])
    rows = [
        {"label": name or NONE, "title": title, "customers": counts.get(name, 0), "everybody": everybody}
        for name, title in _titles(dimension, order).items()
    ]
    return Table(
        rows=rows,
        columns=[evolve(_TITLE, title=dimension.title, doc=dimension.doc or dimension.title), *_COUNTS],
        totals={"customers": everybody},
    )


_TITLE = Column(name="title", title=_("Label"))
_COUNTS = (
    Column(
        name="customers",
        title=_("Customers"),
        kind="integer",
        drills=True,
        doc=_("Customers who had the label at the time, by what was known then; deleted customers do not count."),
    ),
    Column(
        name="share",
        title=_("Share"),
        kind="rate",
        successes="customers",
        trials="everybody",
        doc=_("Their part of all customers looked at, with the interval in which it lies at 95% (Wilson)."),
    ),
    Column(name="everybody", title=_("All customers"), kind="integer", hidden=True),
)


def behind_label(session: CrmSession, parameters: ByLabel, moment: Moment, figure: Figure) -> Table:
    """Return the customers of a label whom the reader may see."""
    ref = FactRef(f"label.{parameters.dimension}", None)
    facts = joined(session, [ref], moment, where=condition(session, parameters.where, parameters.segment))
    statement = facts.select(Customer)
    if figure.row != TOTAL:
        label = facts.columns[ref]
        statement = statement.where(label.is_(None) if figure.row == NONE else label == figure.row)
    return customers_table(session, statement)


def customers_table(session: CrmSession, statement: Select[Any]) -> Table:
    """Return customers that a select of the reader's session finds, as rows; masked where they are masked for him."""
    found = list(session.scalars(statement.order_by(Customer.created_at, Customer.id).limit(MOST + 1)))
    return Table(
        rows=[
            {"id": str(each.id), "name": each.name, "standing": each.standing, "created_at": each.created_at}
            for each in found[:MOST]
        ],
        columns=[
            Column(name="id", title=_("Id")),
            Column(name="name", title=_("Name")),
            Column(name="standing", title=_("Standing")),
            Column(name="created_at", title=_("Created at"), kind="instant"),
        ],
        notes=cut_off(len(found)),
    )


def cut_off(found: int) -> tuple[Note, ...]:
    """Return the note that there are more rows than are listed, if there are."""
    return (Note(text=_("There are more; the first {number} are listed."), values={"number": MOST}),) * (found > MOST)


def over_time(session: CrmSession, parameters: OverTime, moment: Moment) -> Table:
    """Return how many customers had each label at the end of each unit of a period."""
    dimension = find(session, "dimension", parameters.dimension).value
    found: dict[str, dict[str | None, int]] = {}
    for part in parts(parameters.period, parameters.unit):
        if part.first > moment.today:
            break
        end = min(instant(part.last, moment.zone), moment.as_of)
        at = moment if end == moment.as_of else evolve(moment, as_of=end, present=False)
        found[name_of(part, parameters.unit)] = _counts(session, parameters, at)
    sums: dict[str | None, int] = {}
    for counts in found.values():
        for name, number in counts.items():
            sums[name] = sums.get(name, 0) + number
    titles = _titles(dimension, sorted(sums, key=lambda name: -sums[name]))
    own = [name for place, name in enumerate(titles) if place < max(SHOWN, len(dimension.labels)) or name is None]
    columns = [_column(name or NONE, titles[name]) for name in own]
    if len(own) < len(titles):
        columns.append(_column(OTHER, _("others")))
    rows = [{"time": name, **_shared(counts, own)} for name, counts in found.items()]
    chart = Chart.stack("time", *(column.name for column in columns), title=dimension.title)
    return Table(rows=rows, columns=[_TIME, *columns], charts=[chart])


def _shared(counts: Mapping[str | None, int], own: Sequence[str | None]) -> dict[str, int]:
    found = {name or NONE: counts.get(name, 0) for name in own}
    return {**found, OTHER: sum(number for name, number in counts.items() if name not in own)}


_TIME = Column(name="time", title=_("At the end of"), doc=_("The unit of time at whose end the labels stood so."))


def _column(name: str, title: str) -> Column:
    doc = _("Customers who had the label then, by what is known of it.")
    return Column(name=name, title=title, kind="integer", doc=doc)


REPORTS = (
    Report(
        name="customer.by_label",
        title=_("Customers by label"),
        doc=_("How many customers have each label of a dimension, and which share of all that is."),
        rows=by_label,
        parameters=ByLabel,
        key="label",
        charts=[
            Chart.bars("title", "customers", title=_("Customers")),
            Chart.intervals("title", "share", title=_("Share with its interval")),
        ],
        aggregates=True,
        counts="customers",
        behind=behind_label,
    ),
    Report(
        name="customer.over_time",
        title=_("Customers by label over time"),
        doc=_("How many customers had each label of a dimension at the end of each month, quarter or year."),
        rows=over_time,
        parameters=OverTime,
        defaults={"period": "last 12 months"},
        aggregates=True,
        counts=EACH,
    ),
)
