"""What is done with model runs: asked for, begun, told of, ended, adopted, retired and rolled back.

Adopting is refused where a model is no better than its base line. Must not fit anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import attrs
from sqlalchemy import func, select

from crmkit import CrmSession, Input, InvalidInput, moment_of, operation, structure, texts
from crmkit_analytics.runs.errors import NoBetter, NotAdoptable
from crmkit_analytics.runs.events import ModelAdopted, ModelEnded, ModelRetired
from crmkit_analytics.runs.kinds import SEED, ModelKind
from crmkit_analytics.runs.models import ModelArtifact, ModelRun
from crmkit_analytics.runs.reading import adopted, kind_named, kinds_of

_ = texts("crmkit_analytics")

FIT = "analytics.fit_model"
REQUEST = "analytics.model_run.request"
TRIES = 3
"""So often a run is begun anew after its worker was killed."""

_Kept = Annotated[Mapping[str, Any], Input(classified="internal")]


@attrs.frozen(kw_only=True)
class RunRequest:
    """Which model to fit, on the data of which days; ``parameters`` are those of the model."""

    model: Annotated[str, Input(title=_("Model"), max_length=80, classified="internal")]
    parameters: Annotated[Mapping[str, Any], Input(title=_("Parameters"), classified="internal")] = attrs.field(
        factory=dict[str, Any]
    )
    data_from: Annotated[date | None, Input(title=_("Data from"), classified="internal")] = None
    data_until: Annotated[date | None, Input(title=_("Data until"), classified="internal")] = None
    known_at: Annotated[datetime | None, Input(title=_("As known at"), classified="internal")] = None
    seed: Annotated[int, Input(title=_("Seed"), minimum=0, maximum=2**31 - 1, classified="internal")] = SEED
    now: Annotated[bool, Input(title=_("Fitted by whoever asks"), classified="internal")] = False


@operation(REQUEST, title=_("Fit a model"), permission="analytics.model_run.request")
def request(session: CrmSession, asked: RunRequest) -> ModelRun:
    """Have a model fitted; a worker does so within moments, unless whoever asks says that they do it themselves.

    Data is by default everything up to the business's present day, as it is known now. Raises UnknownModel, and
    InvalidInput for parameters that the model does not have or a first day after the last.
    """
    kind = kind_named(session.crm, asked.model)
    until = asked.data_until or session.today()
    if asked.data_from is not None and asked.data_from > until:
        raise InvalidInput(_("The first day {first} is after the last day {last}."), first=asked.data_from, last=until)
    if kind.parameters is not None:
        structure(kind.parameters, asked.parameters)
    moment = moment_of(session, until, asked.known_at)
    last = session.scalar(select(func.max(ModelRun.number))) or 0
    run = ModelRun(
        number=last + 1,
        model=kind.name,
        title=kind.title,
        data_from=asked.data_from,
        data_until=until,
        as_of=moment.as_of,
        known_at=moment.known_at,
        asked=dict(asked.parameters),
        code_version=kind.code_version(),
        seed=asked.seed,
        requested_by=session.actor.id,
    )
    session.add(run)
    session.flush()
    if not asked.now:
        session.defer(FIT, run_id=str(run.id))
    return run


@operation(
    "analytics.model_run.begin", title=_("Begin a fit"), permission="analytics.model_run.request", effect="update",
    hidden=True,
)  # fmt: skip
def begin(session: CrmSession, run: ModelRun) -> bool:
    """Note that a worker has begun, and return whether it is to go on.

    A run that somebody else ended is left alone; one whose worker was killed is begun anew, and given up after three
    times.
    """
    if run.state not in ("queued", "running"):
        return False
    if run.tries >= TRIES:
        _end(session, run, "failed", _("Its worker was killed {times} times.").format(times=run.tries))
        return False
    now = session.gate.clock.now()
    run.state, run.tries, run.started_at, run.beat_at = "running", run.tries + 1, now, now
    run.progress, run.progress_word = 0, None
    return True


@operation(
    "analytics.model_run.tell", title=_("Tell how far a fit is"), permission="analytics.model_run.request",
    effect="update", hidden=True,
)  # fmt: skip
def tell(
    session: CrmSession,
    run: ModelRun,
    *,
    percent: Annotated[int, Input(minimum=0, maximum=100, classified="internal")],
    word: Annotated[str, Input(max_length=200, classified="internal")] = "",
) -> None:
    """Note how far a fit is. Raises NotAdoptable for one that is not running."""
    _needs(run, "running")
    run.progress, run.progress_word, run.beat_at = percent, word or None, session.gate.clock.now()


@operation(
    "analytics.model_run.finish", title=_("Keep what a fit found"), permission="analytics.model_run.request",
    effect="update", hidden=True,
)  # fmt: skip
def finish(
    session: CrmSession,
    run: ModelRun,
    *,
    parameters: _Kept,
    figures: _Kept,
    baseline: _Kept,
    better: bool,
    rows: int,
    judged_by: Annotated[str, Input(classified="internal")] = "",
    artifact: Annotated[Mapping[str, Any] | None, Input(classified="internal")] = None,
    notes: Annotated[tuple[Mapping[str, Any], ...], Input(classified="internal")] = (),
) -> ModelRun:
    """Keep what a fit found: as a candidate, or as refused where it is no better than the base line.

    Raises NotAdoptable for a run that is not running, such as one that was given up meanwhile.
    """
    _needs(run, "running")
    run.parameters, run.figures, run.baseline = dict(parameters), dict(figures), dict(baseline)
    run.judged_by, run.rows, run.notes = judged_by or None, rows, [dict(each) for each in notes]
    run.progress, run.progress_word = 100, None
    if artifact is not None:
        session.add(ModelArtifact(run_id=run.id, content=artifact["content"]))
    _end(session, run, "done" if better else "refused", None if better else _no_better(run).render())
    return run


@operation(
    "analytics.model_run.fail", title=_("Note that a fit failed"), permission="analytics.model_run.request",
    effect="update", hidden=True,
)  # fmt: skip
def fail(
    session: CrmSession,
    run: ModelRun,
    *,
    reason: Annotated[str, Input(max_length=1000, classified="internal")],
) -> None:
    """Note why a run came to nothing. Raises NotAdoptable for one that has ended."""
    _needs(run, "queued", "running")
    _end(session, run, "failed", reason)


@operation("analytics.model_run.adopt", title=_("Adopt"), permission="analytics.model_run.adopt", effect="update")
def adopt(session: CrmSession, run: ModelRun) -> ModelRun:
    """Have a run count in place of the one that does: a candidate, or one that was retired before.

    Raises NoBetter, with the figures of both, for a model that is no better than its base line, and NotAdoptable for a
    run that has not ended well.
    """
    if run.state == "refused":
        raise _no_better(run)
    _needs(run, "done", "retired")
    now = session.gate.clock.now()
    former = adopted(session, run.model)
    if former is not None:
        former.state, former.retired_at = "retired", now
    run.state, run.adopted_at, run.adopted_by, run.retired_at = "adopted", now, session.actor.id, None
    session.emit(ModelAdopted(run_id=run.id, model=run.model))
    return run


@operation("analytics.model_run.retire", title=_("Retire"), permission="analytics.model_run.adopt", effect="update")
def retire(session: CrmSession, run: ModelRun) -> ModelRun:
    """Have a run no longer count; no other one does in its place. Raises NotAdoptable for one that does not count."""
    _needs(run, "adopted")
    run.state, run.retired_at = "retired", session.gate.clock.now()
    session.emit(ModelRetired(run_id=run.id, model=run.model))
    return run


@operation("analytics.model_run.roll_back", title=_("Back to the run before"), permission="analytics.model_run.adopt")
def roll_back(
    session: CrmSession, *, model: Annotated[str, Input(title=_("Model"), max_length=80, classified="internal")]
) -> ModelRun:
    """Have the run count again that counted before the present one. Raises NotAdoptable where there is none."""
    former = select(ModelRun).where(ModelRun.model == model, ModelRun.state == "retired")
    found = session.scalars(former.order_by(ModelRun.retired_at.desc(), ModelRun.number.desc()).limit(1)).first()
    if found is None:
        raise NotAdoptable(_('No run of "{model}" counted before.'), model=model)
    back: ModelRun = session.run("analytics.model_run.adopt", {}, target=found.id)
    return back


@operation(
    "analytics.model_run.sweep", title=_("Give up fits whose worker is gone"),
    permission="analytics.model_run.request", hidden=True,
)  # fmt: skip
def sweep(session: CrmSession) -> int:
    """Mark runs as failed that have told nothing for as long as their kind allows, and return how many."""
    kinds, now, given_up = kinds_of(session.crm), session.gate.clock.now(), 0
    for run in session.scalars(select(ModelRun).where(ModelRun.state == "running").order_by(ModelRun.number)):
        kind = kinds.get(run.model)
        silence = timedelta(minutes=kind.silence if kind is not None else 30)
        if run.beat_at is None or run.beat_at + silence <= now:
            _end(session, run, "failed", _("It has told nothing for too long: its worker was killed."))
            given_up += 1
    return given_up


def request_run(
    session: CrmSession,
    kind: ModelKind | str,
    parameters: Mapping[str, Any] | None = None,
    *,
    data_from: date | None = None,
    data_until: date | None = None,
    known_at: datetime | None = None,
    seed: int = SEED,
) -> ModelRun:
    """Have a model fitted by a job, within an operation; the run is returned as it waits. Raises as `request` does."""
    name = kind if isinstance(kind, str) else kind.name
    values = {"model": name, "parameters": dict(parameters or {}), "data_from": data_from, "data_until": data_until}
    run: ModelRun = session.run(REQUEST, {**values, "known_at": known_at, "seed": seed})
    return run


def _needs(run: ModelRun, *states: Literal["queued", "running", "done", "adopted", "retired"]) -> None:
    if run.state not in states:
        raise NotAdoptable(
            _("Run {number} is {state}, and would have to be {wanted}."),
            number=run.number,
            state=run.state,
            wanted=" / ".join(states),
        )


def _end(session: CrmSession, run: ModelRun, state: str, reason: str | None) -> None:
    run.state, run.reason, run.finished_at = state, reason, session.gate.clock.now()
    session.emit(ModelEnded(run_id=run.id, model=run.model, state=state))


def _no_better(run: ModelRun) -> NoBetter:
    name = run.judged_by or "–"
    return NoBetter(
        _("Run {number} is no better than its base line: {figure} {model}, of the base line {baseline}."),
        number=run.number,
        figure=name,
        model=_said(run.figures.get(name)),
        baseline=_said(run.baseline.get(name)),
    )


def _said(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "–" if value is None else str(value)


OPERATIONS = [request, begin, tell, finish, fail, adopt, retire, roll_back, sweep]
