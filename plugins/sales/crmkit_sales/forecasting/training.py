"""Learning from history how probable winning is, adopting what was learnt, and writing it to open opportunities.

Learning is done by a job that holds no transaction; what it found is kept by an operation. Must not know formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CRM, Actor, Conflict, CrmSession, Input, NotFound, operation, texts
from crmkit_sales.forecasting.calibration import Evaluation, evaluate, split_in_time
from crmkit_sales.forecasting.errors import TooLittleHistory
from crmkit_sales.forecasting.histories import closed_ids, pasts_of
from crmkit_sales.forecasting.inputs import PipelineId
from crmkit_sales.forecasting.learning import Learnt, Method, learn, learnt_of
from crmkit_sales.forecasting.models import METHODS, WinModel
from crmkit_sales.forecasting.past import Example, examples_of, features_at
from crmkit_sales.pipelines.history import note_all
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Pipeline

_ = texts("crmkit_sales")

TRAIN, SCORE = "sales.train_win_model", "sales.score_opportunities"
FEWEST = 40
"""From fewer closed opportunities nothing is learnt."""
FEWEST_EACH = 8
"""So many of them have to be won, and so many lost."""
BATCH = 500
CHANGED = 0.005
"""By less than this a probability is not written anew."""

MethodName = Annotated[
    Literal["best", "bayes", "logistic"],
    Input(title=_("Method"), choices={"best": _("The better one"), **METHODS}, classified="internal"),
]


@frozen(kw_only=True)
class Lesson:
    """What was learnt from how many, and how good it is on the newest quarter, which it had not seen."""

    model: Learnt
    evaluation: Evaluation
    won: int
    lost: int


def lesson_of(examples: list[Example], method: str) -> Lesson:
    """Return what some examples teach: by each method from the older part, judged by the newer one; the better one is
    then learnt from all.

    Raises TooLittleHistory, MissingExtra.
    """
    outcomes = {each.opportunity_id: each.won for each in examples}
    won = sum(outcomes.values())
    check_enough(won, len(outcomes) - won)
    older, newer, cut = split_in_time(examples)
    if len({each.won for each in older}) < 2 or len({each.opportunity_id for each in newer}) < FEWEST_EACH:
        raise _too_little(won, len(outcomes) - won)
    methods: tuple[Method, ...] = ("bayes", "logistic") if method == "best" else (_method(method),)
    judged: list[tuple[Evaluation, Method]] = [
        (evaluate(learn(older, each), newer, cut.date().isoformat()), each) for each in methods
    ]
    evaluation, best = min(judged, key=lambda pair: pair[0].brier_model)
    return Lesson(model=learn(examples, best), evaluation=evaluation, won=won, lost=len(outcomes) - won)


def check_enough(won: int, lost: int) -> None:
    """Raise TooLittleHistory where too few opportunities were won or lost to learn from."""
    if won + lost < FEWEST or min(won, lost) < FEWEST_EACH:
        raise _too_little(won, lost)


def train(crm: CRM, actor: Actor, method: str = "best") -> None:
    """Learn from all history and keep what was learnt as a candidate; the job behind the operation."""
    with crm.session(actor) as session:
        examples = [each for past in pasts_of(session, closed_ids(session)) for each in examples_of(past)]
    found = lesson_of(examples, method)
    values = {
        "method": found.model.method,
        "won": found.won,
        "lost": found.lost,
        "parameters": found.model.document(),
        "evaluation": found.evaluation.document(),
    }
    crm.run(actor, "sales.win_model.keep", values)


def train_monthly(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Learn anew once a month, for somebody to look at. Where there is too little history nothing happens."""
    try:
        train(crm, actor)
    except TooLittleHistory:
        return


@operation(
    "sales.win_model.train", title=_("Learn win probabilities from history"), permission="sales.win_model.manage"
)
def ask_for_training(session: CrmSession, *, method: MethodName = "best") -> None:
    """Have win probabilities learnt from all opportunities that were won or lost; a job does so within moments.

    Raises TooLittleHistory where too few of those that the actor sees are closed.
    """
    query = select(Opportunity.stage_kind, func.count().label("deals")).group_by(Opportunity.stage_kind)
    counts = {row.stage_kind: row.deals for row in session.execute(query)}
    check_enough(counts.get("won", 0), counts.get("lost", 0))
    session.defer(TRAIN, method=method, unique=TRAIN)


@operation("sales.win_model.keep", title=_("Keep what was learnt"), permission="sales.win_model.manage", hidden=True)
def keep_model(
    session: CrmSession,
    *,
    method: Annotated[str, Input(classified="internal")],
    won: int,
    lost: int,
    parameters: Annotated[Mapping[str, Any], Input(classified="internal")],
    evaluation: Annotated[Mapping[str, Any], Input(classified="internal")],
) -> WinModel:
    """Keep a model as a candidate under the next number, with how good it is."""
    last = session.scalar(select(func.max(WinModel.number))) or 0
    model = WinModel(
        number=last + 1,
        method=method,
        trained_at=session.gate.clock.business_now(),
        won=won,
        lost=lost,
        brier=evaluation["brier_model"],
        brier_typed=evaluation["brier_typed"],
        parameters=dict(parameters),
        evaluation=dict(evaluation),
    )
    session.add(model)
    return model


@operation("sales.win_model.adopt", title=_("Adopt"), permission="sales.win_model.manage", effect="update")
def adopt_model(session: CrmSession, model: WinModel, *, pipeline_id: PipelineId | None = None) -> WinModel:
    """Have a model's probabilities count in a pipeline in place of those of its stages, or in all pipelines.

    What somebody says of one opportunity still stands above it. Raises NotFound for an unknown pipeline.
    """
    for each in session.scalars(select(WinModel).where(WinModel.state == "adopted", WinModel.id != model.id)):
        each.state = "retired"
    model.state = "adopted"
    for pipeline in _pipelines(session, pipeline_id):
        pipeline.probability_from = "model"
    session.defer(SCORE, unique=SCORE)
    return model


@operation("sales.win_model.release", title=_("Back to the stages' probabilities"), permission="sales.win_model.manage")
def release_model(session: CrmSession, *, pipeline_id: PipelineId | None = None) -> None:
    """Have the stages' probabilities count again in a pipeline, or in all. Raises NotFound for an unknown pipeline,
    Conflict where they do already."""
    found = [each for each in _pipelines(session, pipeline_id) if each.probability_from == "model"]
    if not found:
        raise Conflict(_("The stages' probabilities count already."))
    for pipeline in found:
        pipeline.probability_from = "stage"
    session.defer(SCORE, unique=SCORE)


@operation(
    "sales.win_model.score", title=_("Write win probabilities"), permission="sales.win_model.manage", hidden=True
)
def score(session: CrmSession, *, after: UUID | None = None) -> UUID | None:
    """Write the adopted model's probability to the next open opportunities by id, and what then counts in forecasts.

    Returns the last one's id, or None where there are no more.
    """
    query = select(Opportunity).where(Opportunity.stage_kind == "open").order_by(Opportunity.id).limit(BATCH)
    found = list(session.scalars(query if after is None else query.where(Opportunity.id > after)))
    model = adopted(session)
    if model is not None and found:
        now = session.gate.clock.business_now()
        learnt = learnt_of(model.parameters)
        pasts = {past.opportunity_id: past for past in pasts_of(session, [each.id for each in found])}
        for each in found:
            past = pasts.get(each.id)
            if past is None or not past.until(now).steps:
                continue
            probability = round(learnt.probability(features_at(past, now)), 4)
            if each.win_probability is None or abs(each.win_probability - probability) >= CHANGED:
                each.win_probability = probability
    note_all(session, found, "updated")
    return found[-1].id if len(found) == BATCH else None


def score_all(session: CrmSession, after: str | None = None) -> None:
    """Write probabilities to some opportunities and have the rest done by the next job; the job behind adopting."""
    last = session.run("sales.win_model.score", {"after": after})
    if last is not None:
        session.defer(SCORE, after=str(last))


def score_nightly(session: CrmSession, tick: datetime) -> None:
    """Write probabilities anew once a night: opportunities grow older by themselves."""
    if adopted(session) is not None:
        session.defer(SCORE)


def adopted(session: CrmSession) -> WinModel | None:
    """Return the model that is adopted, if any."""
    return session.scalars(select(WinModel).where(WinModel.state == "adopted").limit(1)).first()


def _pipelines(session: CrmSession, pipeline_id: UUID | None) -> list[Pipeline]:
    query = select(Pipeline) if pipeline_id is None else select(Pipeline).where(Pipeline.id == pipeline_id)
    found = list(session.scalars(query.order_by(Pipeline.name)))
    if not found:
        raise NotFound(_("There is no pipeline {id}."), id=pipeline_id or "–")
    return found


def _method(name: str) -> Method:
    return "bayes" if name == "bayes" else "logistic"


def _too_little(won: int, lost: int) -> TooLittleHistory:
    return TooLittleHistory(
        _("{won} won and {lost} lost opportunities are too few to learn from."),
        fix=_("It takes {fewest} closed ones, {each} of them won and {each} lost, over some time."),
        won=won,
        lost=lost,
        fewest=FEWEST,
        each=FEWEST_EACH,
    )


OPERATIONS = [ask_for_training, keep_model, adopt_model, release_model, score]
