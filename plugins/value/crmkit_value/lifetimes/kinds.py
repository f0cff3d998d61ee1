"""The models that can be fitted: how one is fitted to purchases, and held against time that it has not seen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from attrs import frozen
from crmkit_analytics.api import FitContext, Fitted, ModelKind, TooLittleData, purchases

from crmkit import Input, Note, texts
from crmkit_value.extras import library
from crmkit_value.lifetimes.errors import DoesNotFit
from crmkit_value.lifetimes.pasts import WEEK, Pasts, Summary, pasts_of
from crmkit_value.probability import gamma_gamma, intervals
from crmkit_value.probability.checking import Check, check
from crmkit_value.probability.fitting import Maximum
from crmkit_value.probability.histories import packed, packed_spending, spending
from crmkit_value.probability.models import MODELS as BUYING, Buying, own_rate

_ = texts("crmkit_value")

FEWEST = 30
"""From fewer customers nothing is fitted."""
FEWEST_AGAIN = 15
"""So many of them have to have bought again."""
SHORTEST = 28
"""Days of held-out time at least."""


@frozen(kw_only=True)
class FitParameters:
    """How a model is checked: on the days after ``data_until`` up to ``holdout_until``, else on the last
    ``holdout_days`` before it, else on the last third of the time. ``draws`` of the bootstrap give intervals."""

    holdout_days: Annotated[int | None, Input(title=_("Days held out"), minimum=7, maximum=3650)] = None
    holdout_until: Annotated[date | None, Input(title=_("Held out until"), classified="internal")] = None
    draws: Annotated[int, Input(title=_("Draws of the bootstrap"), minimum=0, maximum=2000)] = 100


def _fit_buying(model: Buying) -> Any:
    def fit(context: FitContext, parameters: FitParameters) -> Fitted:
        """Fit a model of buying, in weeks."""
        found, cut, end = _read(context, parameters)
        context.progress(0.4, _("Fitting"))
        whole = packed(found.at(context.data_until).histories())
        best = _converged(model.fit(whole), model.name)
        context.progress(0.5, _("Holding it against time that it has not seen"))
        judged = _hold_out(model, found, cut, end, best if cut == context.data_until else None)
        context.progress(0.6, _("Drawing customers anew"))
        draws = intervals.resampled(model.fit, whole, best.parameters, parameters.draws, context.seed)
        return Fitted(
            parameters=dict(zip(model.parameters, best.parameters, strict=True)),
            figures={
                "log_likelihood": best.log_likelihood,
                "customers": int(whole.customers),
                **_said(judged, cut, end),
                **_intervals(model.parameters, best.parameters, draws),
            },
            baseline=_usual(judged),
            better=judged.better,
            judged_by="deviance",
            rows=int(whole.customers),
            artifact={
                "model": model.name,
                "parameters": list(best.parameters),
                "unit_days": WEEK,
                "mean_minor": _mean_minor(found.at(context.data_until)),
                "draws": [list(each) for each in draws],
            },
            notes=_notes(found, judged, best),
        )

    return fit


def _fit_spending(context: FitContext, parameters: FitParameters) -> Fitted:
    """Fit the model of spending, in minor units of the base currency."""
    found, cut, end = _read(context, parameters)
    context.progress(0.4, _("Fitting"))
    now = found.at(context.data_until)
    with context.session() as session:
        moment = context.moment(session)
    unit = _minor_units(moment.base_currency)
    own = packed_spending(spending(now.x, now.mean / unit))
    best = _converged(gamma_gamma.fit(own), "gamma-gamma")
    early = found.at(cut)
    judged = _spending_check(found, early, cut, end, unit)
    context.progress(0.6, _("Drawing customers anew"))
    draws = intervals.resampled(gamma_gamma.fit, own, best.parameters, parameters.draws, context.seed)
    related = gamma_gamma.correlation(own)
    notes = _notes(found, judged, best)
    if abs(related) > 0.3:
        words = _(
            "How often and how much customers buy go together ({value}): the model takes for granted that they do not."
        )
        notes.append(Note(text=words, values={"value": round(related, 2)}))
    p, q, gamma = best.parameters
    return Fitted(
        parameters=dict(zip(gamma_gamma.NAMES, best.parameters, strict=True)),
        figures={
            "log_likelihood": best.log_likelihood,
            "customers": int(own.weight.sum()),
            "correlation": related,
            "mean_spend": p * gamma / (q - 1) if q > 1 else None,
            **_said(judged, cut, end),
            **_intervals(gamma_gamma.NAMES, best.parameters, draws),
        },
        baseline=_usual(judged),
        better=judged.mae < judged.baseline_mae,
        judged_by="mae",
        rows=int(own.weight.sum()),
        artifact={
            "model": "gamma-gamma",
            "parameters": list(best.parameters),
            "minor_units": unit,
            "draws": [list(each) for each in draws],
        },
        notes=notes,
    )


def _read(context: FitContext, parameters: FitParameters) -> tuple[Pasts, date, date]:
    """Return purchases, the day at which what was known is cut off for the check, and the day until which it is held
    out."""
    until, end = context.data_until, context.data_until
    if parameters.holdout_until is not None and parameters.holdout_until > until:
        end = parameters.holdout_until
    with context.session() as session:
        days = purchases(session, end, context.known_at)
        found = pasts_of(days, context.data_from)
    known = found.at(until)
    again = int((known.x > 0).sum())
    if len(known.x) < FEWEST or again < FEWEST_AGAIN:
        raise TooLittleData(
            _("{customers} customers, of whom {again} bought again, are too few to fit a model to."),
            fix=_("It takes {fewest} customers, {fewest_again} of whom bought on a further day."),
            customers=len(known.x),
            again=again,
            fewest=FEWEST,
            fewest_again=FEWEST_AGAIN,
        )
    if end > until:
        return found, until, end
    span = until.toordinal() - int(known.first.min())
    held = parameters.holdout_days or min(365, max(SHORTEST, span // 3))
    return found, until - timedelta(days=held), until


def _hold_out(model: Buying, found: Pasts, cut: date, end: date, fitted: Maximum | None) -> Check:
    """Return how good the model is from a day to another one, fitted to what was known on the first."""
    early, late = found.at(cut), found.at(end)
    if len(early.x) < FEWEST // 2 or not (early.x > 0).any():
        raise TooLittleData(
            _("Before the held-out time there are {customers} customers only."),
            fix=_("Hold fewer days out."),
            customers=len(early.x),
        )
    best = fitted if fitted is not None else _converged(model.fit(early.histories()), model.name)
    weeks = (end - cut).days / WEEK
    expected = model.expected(best.parameters, early.x, early.t_x, early.T, weeks)
    return check(expected, _later(found, late, early) - early.x, own_rate(early.x, early.T, weeks))


def _spending_check(found: Pasts, early: Summary, cut: date, end: date, unit: float) -> Check:
    np = library("numpy")
    late = found.at(end)
    index = np.zeros(len(found.ids), dtype=np.int64)
    index[late.places] = np.arange(len(late.places))
    later = index[early.places]
    more = late.x[later] - early.x
    spent = (late.net[later] - early.net) / unit
    bought = (more > 0) & (spent > 0)
    happened = spent[bought] / more[bought]
    fitted = gamma_gamma.fit(spending(early.x, early.mean / unit))
    own = early.mean[bought] / unit
    expected = gamma_gamma.expected_spend(fitted.parameters, np.where(own > 0, early.x[bought], 0), own)
    typical = float(np.mean(early.mean[early.mean > 0])) / unit if (early.mean > 0).any() else 0.0
    baseline = np.where(own > 0, own, typical)
    return check(np.where(np.isfinite(expected), expected, typical), happened, baseline, counts=False)


def _later(found: Pasts, late: Summary, early: Summary) -> Any:
    np = library("numpy")
    whole = np.zeros(len(found.ids))
    whole[late.places] = late.x
    return whole[early.places]


def _mean_minor(known: Summary) -> float:
    """Return what a further day of buying came to on average, in minor units; without any, what a first one did."""
    bought = float(known.x.sum())
    return float((known.mean * known.x).sum()) / bought if bought else float(known.net.mean())


def _converged(found: Maximum, name: str) -> Maximum:
    if not found.converged:
        raise DoesNotFit(
            _("{model} does not fit: no parameters were found that make the data likeliest."),
            fix=_("Take more time, more customers, or another model."),
            model=name,
        )
    return found


def _said(found: Check, cut: date, end: date) -> dict[str, Any]:
    return {
        **({} if found.deviance is None else {"deviance": found.deviance}),
        "mae": found.mae,
        "rmse": found.rmse,
        "bias": found.bias,
        "expected": found.expected,
        "happened": found.happened,
        "gain_low": found.gain_low,
        "gain_high": found.gain_high,
        "holdout_from": (cut + timedelta(days=1)).isoformat(),
        "holdout_until": end.isoformat(),
        "holdout_customers": found.customers,
        "deciles": [
            {
                "decile": each.number,
                "customers": each.customers,
                "expected": each.expected,
                "happened": each.happened,
            }
            for each in found.deciles
        ],
    }


def _usual(found: Check) -> dict[str, Any]:
    """Return the same figures of the base line."""
    return {
        **({} if found.baseline_deviance is None else {"deviance": found.baseline_deviance}),
        "mae": found.baseline_mae,
        "rmse": found.baseline_rmse,
        "expected": found.baseline_expected,
    }


def _intervals(names: tuple[str, ...], values: tuple[float, ...], draws: list[Any]) -> dict[str, Any]:
    found = intervals.of_parameters(values, draws)
    if found is None:
        return {}
    pairs = zip(names, found, strict=True)
    return {"intervals": {name: {"low": each.low, "high": each.high} for name, each in pairs}, "draws": len(draws)}


def _notes(found: Pasts, judged: Check, best: Maximum) -> list[Note]:
    notes: list[Note] = []
    if not best.determined:
        notes.append(
            Note(text=_("The data does not say how much customers differ: a parameter is as large as it may be."))
        )
    if found.unconverted:
        words = _("{count} amounts are left out: there is no rate for their currency and day.")
        notes.append(Note(text=words, values={"count": found.unconverted}))
    if judged.bias is not None and abs(judged.bias) > 0.2:
        words = _("Of the held-out time it expected {share} % more or less than happened.")
        notes.append(Note(text=words, values={"share": round(abs(judged.bias) * 100)}))
    return notes


def _minor_units(currency: str | None) -> float:
    from babel.numbers import get_currency_precision

    return 10.0 ** (2 if currency is None else get_currency_precision(currency))


_MODULES = (
    "crmkit_value.lifetimes.pasts",
    "crmkit_value.probability.checking",
    "crmkit_value.probability.fitting",
    "crmkit_value.probability.histories",
    "crmkit_value.probability.models",
    "crmkit_value.probability.bg_nbd",
    "crmkit_value.probability.pareto_nbd",
    "crmkit_value.probability.gamma_gamma",
)
_NEEDS = ("numpy", "scipy")
MODELS_TO_FIT = [
    ModelKind(
        name="value.bg_nbd",
        title=_("BG/NBD: how often customers will buy"),
        doc=_("Customers buy at rates of their own, and after each purchase some leave for good."),
        fit=_fit_buying(BUYING["bg-nbd"]),
        parameters=FitParameters,
        needs=_NEEDS,
        modules=_MODULES,
    ),
    ModelKind(
        name="value.pareto_nbd",
        title=_("Pareto/NBD: how often customers will buy"),
        doc=_("Customers buy at rates of their own, and leave unseen after lifetimes of their own."),
        fit=_fit_buying(BUYING["pareto-nbd"]),
        parameters=FitParameters,
        needs=_NEEDS,
        modules=_MODULES,
    ),
    ModelKind(
        name="value.gamma_gamma",
        title=_("Gamma–Gamma: what a purchase will be worth"),
        doc=_("Customers spend around means of their own, however often they buy."),
        fit=_fit_spending,
        parameters=FitParameters,
        needs=_NEEDS,
        modules=_MODULES,
    ),
]
