"""Goals: a figure that is to reach a target in a period, how far it has come, and whether that is as far as the time.

Must not know how goals are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from attrs import evolve, frozen
from sqlalchemy import func, select

from crmkit.core.access.models import User
from crmkit.core.business.money import Money, places
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.documents import from_document
from crmkit.engines.definitions.publishing import Defined, defined, find, publish, reset
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.types import Type
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.reports.parameters import described, placed
from crmkit.engines.reports.periods import bounds, parse_period
from crmkit.engines.reports.running import find_report, run
from crmkit.errors import CrmkitError, DefinitionError, Problem
from crmkit.hooks.contributions import ByFacts, ByFigure, Goal, Period
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.statistics.distributions import Estimate

_ = texts("crmkit")

KIND = "goal"
MOST = 10**15
"""The largest target: no company has more of anything."""
LEAST = Decimal("0.000001")
_NUMERIC = ("integer", "decimal", "number", "money")


@frozen(kw_only=True)
class Attainment:
    """How far a goal has come at a moment.

    ``value`` and ``target`` are in the same unit (money in minor units of the base currency); ``attained`` is the value
    as a part of the target. ``elapsed`` is the part of the period that is over, ``expected`` what the value would be by
    now at an even pace, ``projected`` where the pace leads; both are None for what does not add up over the period.
    ``state`` is "reached", "missed" (the period is over), "ahead" or "behind".
    """

    goal: Goal
    period: Period
    moment: Moment
    value: Decimal | None
    target: Decimal
    kind: str
    attained: Decimal | None
    elapsed: Decimal
    expected: Decimal | None
    projected: Decimal | None
    interval: Estimate | None
    state: str


def goals(session: CrmSession) -> Mapping[str, Defined]:
    """Return the goals in effect by name."""
    return {name: item for name, item in defined(session, KIND).items() if item.enabled}


def attainment(
    session: CrmSession, name: str, *, as_of: date | datetime | None = None, known_at: datetime | None = None
) -> Attainment:
    """Return how far a goal has come, as the session's actor may see it.

    Raises UnknownDefinition, and what reading its facts or running its report raises.
    """
    goal: Goal = find(session, KIND, name).value
    moment = moment_of(session, as_of, known_at)
    config = session.crm.config.get(session)
    period = parse_period(goal.period, moment.today, config.fiscal_year_start)
    begin, end = (each.astimezone(UTC) for each in bounds(period, moment.zone))
    at = moment if moment.as_of < end else evolve(moment, as_of=end - timedelta(microseconds=1), present=False)
    value, kind, interval = _measured(session, goal, period, begin, at)
    target = goal.target
    if kind == "money" and config.base_currency is not None:
        target = Decimal(Money.of(goal.target, config.base_currency).amount)
    elapsed = _part(moment.as_of, begin, end)
    flows = not isinstance(goal.metric, ByFacts) or goal.metric.during
    flows = flows and kind in ("integer", "money", "decimal", "number") and not goal.at_most
    projected = value / elapsed if flows and value is not None and elapsed else None
    expected = target * elapsed if flows else None
    return Attainment(
        goal=goal,
        period=period,
        moment=at,
        value=value,
        target=target,
        kind=kind,
        attained=None if value is None or not target else (value / target).quantize(Decimal("0.0001")),
        elapsed=elapsed,
        expected=None if expected is None else expected.quantize(Decimal("0.01")),
        projected=None if projected is None else projected.quantize(Decimal("0.01")),
        interval=interval,
        state=_state(goal, value, target, expected, elapsed),
    )


def _part(now: datetime, begin: datetime, end: datetime) -> Decimal:
    whole, gone = (end - begin).total_seconds(), (now - begin).total_seconds()
    return Decimal(str(max(0.0, min(1.0, gone / whole)))).quantize(Decimal("0.0001"))


def _state(goal: Goal, value: Decimal | None, target: Decimal, expected: Decimal | None, elapsed: Decimal) -> str:
    over = elapsed >= 1
    if value is None:
        return "missed" if over else "behind"
    if goal.at_most:
        return "missed" if over and value > target else "behind" if value > target else "reached" if over else "ahead"
    if value >= target:
        return "reached"
    return "missed" if over else "ahead" if expected is not None and value >= expected else "behind"


# --- measuring -------------------------------------------------------------------------------------------------------


def _measured(
    session: CrmSession, goal: Goal, period: Period, begin: datetime, at: Moment
) -> tuple[Decimal | None, str, Estimate | None]:
    metric = goal.metric
    if isinstance(metric, ByFigure):
        return _figure(session, metric, period, at)
    value, kind, interval = _aggregate(session, metric, at)
    if metric.during and value is not None:
        start = evolve(at, as_of=begin - timedelta(microseconds=1), present=False)
        value -= _aggregate(session, metric, start)[0] or 0
    return value, kind, interval


def _figure(
    session: CrmSession, metric: ByFigure, period: Period, at: Moment
) -> tuple[Decimal | None, str, Estimate | None]:
    values: dict[str, Any] = dict(metric.parameters)
    report = find_report(session, metric.report)
    if "period" in {item.name for item in described(report)}:
        values.setdefault("period", f"{period.first.isoformat()}..{period.last.isoformat()}")
    times = {} if at.present else {"as_of": at.as_of, "known_at": at.known_at}
    found = run(session, metric.report, values, **times)  # type: ignore[arg-type]
    cell = found.cell(metric.row, metric.column)
    column = next(item for item in found.columns if item.name == metric.column)
    value = None if cell.value is None else Decimal(str(cell.value))
    return value, column.kind, cell.interval


def _aggregate(session: CrmSession, metric: ByFacts, at: Moment) -> tuple[Decimal | None, str, Estimate | None]:
    catalogue = catalogue_of(session)
    where, among = catalogue.checked(metric.where), catalogue.checked(metric.among)
    if metric.aggregate in ("count", "share"):
        number = _select(session, catalogue.checked(f"({metric.among}) and ({metric.where})"), at)
        if metric.aggregate == "count":
            return Decimal(number), "integer", None
        from crmkit.engines.statistics.intervals import wilson

        estimate = wilson(number, _select(session, among, at))
        return None if estimate.value is None else Decimal(str(estimate.value)), "rate", estimate
    of = catalogue.checked(metric.of, None)
    refs = sorted({*of.facts, *where.facts}, key=str)
    facts = joined(session, refs, at, where=where)
    column = of.sql(facts.columns, at.surroundings(session.get_bind().dialect.name))
    total, number = session.execute(facts.select(func.sum(column), func.count(column))).one()
    value = Decimal(str(total or 0))
    if metric.aggregate == "average":
        return (value / number if number else None), of.type.kind, None
    return value, of.type.kind, None


def _select(session: CrmSession, where: Expression, at: Moment) -> int:
    return session.scalar(joined(session, (), at, where=where).select(func.count())) or 0


# --- setting ---------------------------------------------------------------------------------------------------------


def check(session: CrmSession, value: Goal) -> Iterable[Problem]:
    """Return what is wrong with a goal before it is published."""
    config = session.crm.config.get(session)
    for name, test in (
        ("period", lambda: parse_period(value.period, session.today(), config.fiscal_year_start)),
        ("metric", lambda: _check_metric(session, value.metric)),
    ):
        try:
            test()
        except CrmkitError as error:
            yield from placed(error, name)
    if not value.target.is_finite() or value.target <= 0:
        yield Problem(DefinitionError.code, _("A target is more than nought."), field="target")
    elif value.target > MOST:
        yield Problem(DefinitionError.code, _("This must be at most {limit}."), field="target", limit=MOST)
    elif value.target < LEAST:
        yield Problem(DefinitionError.code, _("This must be at least {limit}."), field="target", limit=LEAST)
    if value.owner is not None and session.scalar(select(User.id).where(User.login == value.owner)) is None:
        yield Problem(DefinitionError.code, _('There is no user "{login}".'), field="owner", login=value.owner)
    if config.base_currency is not None and value.target.is_finite():
        places(config.base_currency)


def _check_metric(session: CrmSession, metric: ByFacts | ByFigure) -> None:
    if isinstance(metric, ByFigure):
        found = run(session, metric.report, dict(metric.parameters))
        if metric.column not in {column.name for column in found.columns}:
            found.cell(metric.row, metric.column)
        return
    catalogue = catalogue_of(session)
    catalogue.checked(metric.where)
    catalogue.checked(metric.among)
    if metric.aggregate in ("sum", "average"):
        kind: Type = catalogue.checked(metric.of, None).type
        if kind.kind not in _NUMERIC:
            raise DefinitionError(_('"{of}" is no number that can be added up.'), of=metric.of)


Document = Annotated[dict[str, Any], Input(title=_("Definition"), classified="internal")]
Name = Annotated[str, Input(title=_("Name"), max_length=120, classified="internal")]


@operation("goal.set", title=_("Set a goal"), permission="goal.update")
def set_goal(session: CrmSession, *, definition: Document, note: str = "") -> Defined:
    """Set a goal under its name; ``definition`` is its plain form. Raises DefinitionError with every problem."""
    return publish(session, KIND, from_document(Goal, definition), note=note)


@operation("goal.remove", title=_("Remove a goal"), permission="goal.update")
def remove_goal(session: CrmSession, *, name: Name) -> None:
    """Remove a goal; its versions are kept. Raises UnknownDefinition."""
    reset(session, KIND, name)


OPERATIONS = (set_goal, remove_goal)
