"""The kind of model that analytics fits for churn: what may be asked for, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from attrs import asdict, evolve, field, frozen
from crmkit_analytics.api import FitContext, Fitted, ModelKind
from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Note, NotFound, Problem, texts
from crmkit_churn.defining.features import ALIVE
from crmkit_churn.defining.models import ChurnDefinition
from crmkit_churn.defining.outcomes import check_definition
from crmkit_churn.defining.values import Definition, definition_in, definition_of
from crmkit_churn.learning.fitting import Learnt, learn
from crmkit_churn.learning.metrics import Quality
from crmkit_churn.training.gathering import gather

_ = texts("crmkit_churn")

RISK = "churn.risk"
METHODS = {
    "best": _("The better one of the first two"),
    "logistic": _("Logistic regression"),
    "boosting": _("Gradient boosting"),
    "hazard": _("Hazards (Cox)"),
    "points": _("Points"),
    "alive": _("P(alive) of value"),
}


@frozen(kw_only=True)
class RiskParameters:
    """What may be asked for: a definition by its name or as a whole, by which method, how it is calibrated, from how
    many cut-offs it learns, and by which fact customers are split where nothing has dates. ``instead`` is what counts
    before what the named definition says: among, delays (by source), features, horizon_days, undated."""

    definition: Annotated[str, Input(title=_("Definition"), max_length=60, classified="internal")] = ""
    whole: Annotated[Mapping[str, Any], Input(title=_("Definition as a whole"), classified="internal")] = field(
        factory=dict[str, Any]
    )
    instead: Annotated[Mapping[str, Any], Input(title=_("Instead of what it says"), classified="internal")] = field(
        factory=dict[str, Any]
    )
    method: Annotated[
        Literal["best", "logistic", "boosting", "hazard", "points", "alive"],
        Input(title=_("Method"), choices=METHODS, classified="internal"),
    ] = "best"
    calibration: Annotated[
        Literal["platt", "isotonic", "none"],
        Input(
            title=_("Calibration"),
            choices={"platt": _("By a curve"), "isotonic": _("By steps"), "none": _("None")},
            classified="internal",
        ),
    ] = "platt"
    cuts: Annotated[int, Input(title=_("Cut-offs to learn from"), minimum=1, maximum=24, classified="internal")] = 3
    split_by: Annotated[str, Input(title=_("Split by"), max_length=200, classified="internal")] = ""


def definition_for(session: CrmSession, parameters: RiskParameters) -> Definition:
    """Return the definition that is asked for: as a whole, by its name, or the usual one.

    Raises NotFound where there is none, InvalidInput for one that cannot be read.
    """
    if parameters.whole:
        try:
            return definition_of(parameters.whole)
        except TypeError:
            message = _("This is no definition.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="whole")]) from None
    query = select(ChurnDefinition)
    query = query.where(ChurnDefinition.name == parameters.definition) if parameters.definition else query
    row = session.scalars(query.order_by(ChurnDefinition.usual.desc(), ChurnDefinition.name).limit(1)).first()
    if row is None:
        raise NotFound(
            _('There is no definition of churn "{name}".'),
            name=parameters.definition or "–",
            fix=_("crmkit churn define adds one; crmkit churn train --outcome needs none."),
        )
    return changed(definition_in(row), parameters.instead)


def changed(definition: Definition, instead: Mapping[str, Any]) -> Definition:
    """Return a definition with what counts before what it says; delays are replaced by source. Raises InvalidInput for
    what cannot be replaced."""
    for name, value in instead.items():
        if name not in _REPLACED or not isinstance(value, _REPLACED[name]):
            raise InvalidInput([Problem(InvalidInput.code, _("This cannot be said of a definition."), field=name)])
    values = dict(instead)
    if "delays" in values:
        values["delays"] = {**definition.delays, **values["delays"]}
    return evolve(definition, **values)


_REPLACED: Mapping[str, Any] = {
    "among": str,
    "delays": Mapping,
    "features": (list, tuple),
    "horizon_days": int,
    "undated": bool,
}


def fit(context: FitContext, parameters: RiskParameters) -> Fitted:
    """Learn a model and judge it. Raises CannotLearn, LeakingFeature, MissingExtra, what expressions raise."""
    with context.session() as session:
        definition = definition_for(session, parameters)
        check_definition(session, definition)
        if parameters.method == "alive":
            definition = definition_of({**definition.document(), "features": [ALIVE]})
        gathered = gather(
            session,
            definition,
            context.as_of,
            cuts=parameters.cuts,
            split_by=parameters.split_by,
            tell=context.progress,
        )
    context.progress(0.5, _("Learning"))
    found = learn(
        gathered.train,
        gathered.test,
        gathered.kinds,
        method="logistic" if parameters.method == "alive" else parameters.method,
        recency=gathered.recency,
        horizon=definition.horizon_days,
        points=dict(definition.points) or None,
        way=parameters.calibration,
        seed=context.seed,
    )
    notes: list[Note] = []
    if found.scorer.encoder.dropped:
        said = _("Nothing can be learnt from: {names}.")
        notes.append(Note(text=said, values={"names": ", ".join(found.scorer.encoder.dropped)}))
    if gathered.split.way == "hash":
        notes.append(Note(text=_("Nothing here has dates: a feature may know what came after. Believe it the less.")))
    return Fitted(
        parameters={"method": found.scorer.method, "definition": definition.document()},
        figures={
            **_figures(found.quality),
            "split": asdict(gathered.split),
            "five_fold": {**_figures(found.folds), "folds": 5},
            "gain": asdict(found.gain),
            "seconds": round(found.seconds, 2),
            "cpu_seconds": round(found.cpu_seconds, 2),
            "tried": {name: _figures(each) for name, each in found.tried.items()},
            "bands": [asdict(each) for each in found.quality.bands],
            "features": _importance(found, gathered.train.columns),
        },
        baseline={**_figures(found.base_quality), "base": found.base},
        better=found.better,
        judged_by="brier",
        rows=len(gathered.train) + len(gathered.test),
        artifact={"scorer": found.scorer.document(), "definition": definition.document()},
        notes=notes,
    )


def _figures(found: Quality) -> dict[str, Any]:
    return {
        "rows": found.n,
        "left": found.left,
        "auc": _rounded(found.auc),
        "pr_auc": _rounded(found.pr_auc),
        "lift_at_decile": _rounded(found.lift),
        "brier": _rounded(found.brier),
        "ece": _rounded(found.ece),
        "log_loss": _rounded(found.log_loss),
        "accuracy": _rounded(found.accuracy),
    }


def _importance(found: Learnt, columns: Any) -> list[dict[str, Any]]:
    """Return how much each feature moves the score on average among those who were learnt from, the most first."""
    rows = range(min(len(next(iter(columns.values()), ())), 2000))
    sample = {name: [values[row] for row in rows] for name, values in columns.items()}
    names, parts, _usual = found.scorer.contributions(sample)
    sums = [
        {"feature": name, "weight": round(sum(abs(part[place]) for part in parts) / max(len(parts), 1), 4)}
        for place, name in enumerate(names)
    ]
    return sorted(sums, key=lambda each: (-each["weight"], each["feature"]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


KINDS = [
    ModelKind(
        name=RISK,
        title=_("Risk of leaving"),
        doc=_("How probable it is that a customer leaves within the days that the definition says."),
        fit=fit,
        parameters=RiskParameters,
        needs=("numpy", "sklearn"),
        modules=(
            "crmkit_churn.learning.fitting",
            "crmkit_churn.learning.encoding",
            "crmkit_churn.learning.trees",
            "crmkit_churn.learning.cox",
            "crmkit_churn.learning.points",
            "crmkit_churn.learning.calibration",
            "crmkit_churn.training.gathering",
            "crmkit_churn.defining.features",
            "crmkit_churn.defining.outcomes",
        ),
        silence=60,
    )
]
