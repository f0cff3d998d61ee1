"""The model of contracts that can be fitted: cohorts from facts or as they were recorded, the shifted beta geometric
model, and how good it is on periods that it has not seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_analytics.api import FitContext, Fitted, ModelKind, TooLittleData
from sqlalchemy import select

from crmkit import Input, InvalidInput, Note, frame, texts
from crmkit_value.contracts.models import ContractCohort
from crmkit_value.extras import library
from crmkit_value.lifetimes.errors import DoesNotFit
from crmkit_value.probability import intervals, shifted_beta
from crmkit_value.probability.shifted_beta import NAMES, Tenures, tenures

_ = texts("crmkit_value")

SBG = "value.shifted_beta"
FEWEST = 30
"""From fewer customers nothing is fitted."""


@frozen(kw_only=True)
class ContractParameters:
    """Where contracts come from: the facts ``start`` and ``end`` (the last day under contract, none while it runs),
    else the cohorts that were recorded with periods of ``period_months``. The last ``holdout_periods`` of each cohort
    are held out, without it a third. ``draws`` of the bootstrap give intervals."""

    start: Annotated[str | None, Input(title=_("Fact: first day under contract"), max_length=200)] = None
    end: Annotated[str | None, Input(title=_("Fact: last day under contract"), max_length=200)] = None
    period_months: Annotated[int, Input(title=_("Months of a period"), minimum=1, maximum=60)] = 12
    holdout_periods: Annotated[int | None, Input(title=_("Periods held out"), minimum=1, maximum=120)] = None
    draws: Annotated[int, Input(title=_("Draws of the bootstrap"), minimum=0, maximum=2000)] = 100


@frozen(kw_only=True)
class Held:
    """How well renewals of held-out periods were told: the mean logarithm of the chance that was given to what
    happened, as a loss per decision; ``gain_low`` and ``gain_high`` bound by how much the model's is smaller."""

    decisions: int
    loss: float
    baseline_loss: float
    gain_low: float
    gain_high: float
    expected: float
    happened: float


def fit(context: FitContext, parameters: ContractParameters) -> Fitted:
    """Fit the shifted beta geometric model to cohorts. Raises TooLittleData, DoesNotFit, InvalidInput."""
    cohorts = _cohorts(context, parameters)
    number = sum(each[0] for each in cohorts)
    longest = max((len(each) - 1 for each in cohorts), default=0)
    held = parameters.holdout_periods or max(1, longest // 3)
    early = [each[: len(each) - held] for each in cohorts if len(each) > held]
    if number < FEWEST or max((len(each) for each in early), default=0) < 3:
        raise TooLittleData(
            _("{customers} customers over {periods} periods are too few to fit a model of contracts to."),
            fix=_("It takes {fewest} customers, and two periods before those that are held out."),
            customers=number,
            periods=longest,
            fewest=FEWEST,
        )
    context.progress(0.4, _("Fitting"))
    of = tenures(cohorts)
    best = shifted_beta.fit_tenures(of)
    before = shifted_beta.fit_tenures(tenures(early))
    if not (best.converged and before.converged):
        raise DoesNotFit(
            _("{model} does not fit: no parameters were found that make the data likeliest."),
            fix=_("Take more time, more customers, or another model."),
            model="shifted-beta",
        )
    constant = constant_retention(tenures(early))
    judged = judge(before.parameters, constant, cohorts, held)
    context.progress(0.6, _("Drawing customers anew"))
    draws = resampled(of, best.parameters, parameters.draws, context.seed)
    bounds = intervals.of_parameters(best.parameters, draws)
    named = (
        {}
        if bounds is None
        else {name: {"low": each.low, "high": each.high} for name, each in zip(NAMES, bounds, strict=True)}
    )
    notes = (
        []
        if best.determined
        else [Note(text=_("The data does not say how much customers differ: a parameter is as large as it may be."))]
    )
    return Fitted(
        parameters=dict(zip(NAMES, best.parameters, strict=True)),
        figures={
            "log_likelihood": best.log_likelihood,
            "customers": number,
            "log_loss": judged.loss,
            "gain_low": judged.gain_low,
            "gain_high": judged.gain_high,
            "expected": judged.expected,
            "happened": judged.happened,
            "holdout_periods": held,
            "holdout_decisions": judged.decisions,
            "period_months": parameters.period_months,
            "curve": curve(of, best.parameters, constant_retention(of)),
            **({"intervals": named, "draws": len(draws)} if named else {}),
        },
        baseline={"log_loss": judged.baseline_loss, "retention": constant},
        better=judged.gain_low > 0,
        judged_by="log_loss",
        rows=number,
        artifact={
            "model": "shifted-beta",
            "parameters": list(best.parameters),
            "period_months": parameters.period_months,
            "draws": [list(each) for each in draws],
        },
        notes=notes,
    )


def counts_of(contracts: Sequence[tuple[date, date | None]], until: date, months: int) -> list[list[int]]:
    """Return cohorts of contracts that began equally many whole periods before a day: how many there were at the start
    and after each period. Those that began later than the day are left out."""
    found: dict[int, list[int]] = {}
    for start, end in contracts:
        if start > until:
            continue
        age = whole_months(start, until) // months
        stayed = age if end is None or end > until else min(age, max(0, whole_months(start, end) // months))
        counts = found.setdefault(age, [0] * (age + 1))
        for place in range(stayed + 1):
            counts[place] += 1
    return [found[age] for age in sorted(found)]


def whole_months(first: date, last: date) -> int:
    """Return how many whole months there are from one day to another."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def constant_retention(of: Tenures) -> float:
    """Return the base line: the share that stayed, over all periods alike."""
    np = library("numpy")
    lost = float(of.lost.sum())
    periods = np.arange(1, len(of.lost) + 1)
    stayed = float((of.left * periods).sum() + (of.lost * (periods - 1)).sum())
    return stayed / (stayed + lost) if stayed + lost else 1.0


def judge(parameters: Sequence[float], constant: float, cohorts: Sequence[Sequence[int]], held: int) -> Held:
    """Return how well the renewals of the last ``held`` periods of each cohort are told."""
    np = library("numpy")
    at_risk: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for each in cohorts:
        for period in range(max(1, len(each) - held), len(each)):
            at_risk[period][0] += each[period]
            at_risk[period][1] += each[period - 1] - each[period]
    periods = sorted(at_risk)
    stayed, left = (np.array([at_risk[each][place] for each in periods]) for place in (0, 1))
    own = np.clip(shifted_beta.retention(parameters, periods), 1e-9, 1 - 1e-9)
    usual = np.full(len(periods), min(max(constant, 1e-9), 1 - 1e-9))
    number = float((stayed + left).sum())
    gains = np.concatenate([np.log(own / usual), np.log((1 - own) / (1 - usual))])
    weight = np.concatenate([stayed, left])
    mean = float((gains * weight).sum()) / number if number else 0.0
    spread = float((weight * (gains - mean) ** 2).sum()) / max(1.0, number - 1)
    error = 1.959964 * (spread / number) ** 0.5 if number else 0.0

    def loss(chance: Any) -> float:
        told = stayed * np.log(chance) + left * np.log(1 - chance)
        return -float(told.sum()) / number if number else 0.0

    return Held(
        decisions=int(number),
        loss=loss(own),
        baseline_loss=loss(usual),
        gain_low=mean - error,
        gain_high=mean + error,
        expected=float(((stayed + left) * own).sum()),
        happened=float(stayed.sum()),
    )


def curve(of: Tenures, parameters: Sequence[float], constant: float) -> list[dict[str, float]]:
    """Return after each period the share that was kept (of those watched so long), and what the model and the base line
    say."""
    np = library("numpy")
    gone = of.lost + of.left
    at_risk = gone[::-1].cumsum()[::-1]
    kept = np.cumprod(np.where(at_risk > 0, 1 - of.lost / np.maximum(at_risk, 1), 1.0))
    said = shifted_beta.survival(parameters, np.arange(1, len(of.lost) + 1))
    start = {"period": 0, "at_risk": float(gone.sum()), "kept": 1.0, "model": 1.0, "constant": 1.0}
    return [
        start,
        *(
            {
                "period": place + 1,
                "at_risk": float(at_risk[place]),
                "kept": float(kept[place]),
                "model": float(said[place]),
                "constant": constant ** (place + 1),
            }
            for place in range(len(kept))
        ),
    ]


def resampled(of: Tenures, start: Sequence[float], draws: int, seed: int) -> list[tuple[float, ...]]:
    """Return the parameters of so many draws of customers; a draw whose fit did not converge is left out."""
    np = library("numpy")
    random = np.random.Generator(np.random.PCG64(seed))
    cells = np.concatenate([of.lost, of.left])
    number, half = round(of.customers), len(of.lost)
    found: list[tuple[float, ...]] = []
    for _draw in range(draws):
        drawn = random.multinomial(number, cells / cells.sum()).astype(float)
        best = shifted_beta.fit_tenures(Tenures(lost=drawn[:half], left=drawn[half:]), start)
        if best.converged:
            found.append(best.parameters)
    return found


def _cohorts(context: FitContext, parameters: ContractParameters) -> list[list[int]]:
    months = parameters.period_months
    with context.session() as session:
        if parameters.start is None:
            query = select(ContractCohort.counts).where(ContractCohort.period_months == months)
            counts = session.scalars(query.order_by(ContractCohort.started_on, ContractCohort.name))
            return [[int(number) for number in each] for each in counts]
        if parameters.end is None:
            raise InvalidInput(
                _("It takes two facts: when a contract began, and which was its last day."),
                fix=_("Say start and end, or neither, for the cohorts that were recorded."),
            )
        moment = context.moment(session)
        zone = ZoneInfo(session.crm.config.get(session).zone)
        rows = frame(session, [parameters.start, parameters.end], moment=moment).rows()
        contracts = [(start, _day(end, zone)) for _id, first, end in rows if (start := _day(first, zone)) is not None]
    return counts_of(contracts, context.data_until, months)


def _day(value: Any, zone: ZoneInfo) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone).date()
    raise InvalidInput(_("A contract begins and ends on days: {value} is none."), value=str(value)[:60])


KIND = ModelKind(
    name=SBG,
    title=_("Shifted beta geometric: how long contracts last"),
    doc=_("Customers under contract renew or leave at chances of their own, so that retention rises with time."),
    fit=fit,
    parameters=ContractParameters,
    needs=("numpy", "scipy"),
    modules=("crmkit_value.probability.shifted_beta", "crmkit_value.probability.fitting"),
)
