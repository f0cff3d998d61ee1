"""Moving customers by criteria: all of them or some, now or as of days of the past.

In system scope, by jobs and subscriptions; what moves is written, and nothing else. Must not know the criteria.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    Conflict,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    Job,
    Problem,
    Refused,
    Subscription,
    catalogue_of,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit_lifecycle.designing.choosing import in_use, model_named, published, stages_of
from crmkit_lifecycle.designing.inputs import ModelName
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion
from crmkit_lifecycle.passages.deciding import Decision, Judge, Standing
from crmkit_lifecycle.passages.models import Passage, StageInterval
from crmkit_lifecycle.passages.moving import Mover
from crmkit_lifecycle.passages.rolling import roll_up

_ = texts("crmkit_lifecycle")

ALL = "lifecycle.run_all"
CHUNK = 2000


@frozen(kw_only=True)
class Ran:
    """What a run did: at how many customers it looked, how many moves it made, how many passages it began and ended."""

    customers: int = 0
    moves: int = 0
    begun: int = 0
    ended: int = 0

    def __add__(self, other: Ran) -> Ran:
        return Ran(
            customers=self.customers + other.customers,
            moves=self.moves + other.moves,
            begun=self.begun + other.begun,
            ended=self.ended + other.ended,
        )


@operation("lifecycle.passage.run", title=_("Look at all customers now"), permission="lifecycle.passage.run")
def run(session: CrmSession) -> None:
    """Have all customers looked at by a worker, once this has been committed."""
    session.defer(ALL)


@operation("lifecycle.passage.refresh", title=_("Look at customers"), permission="lifecycle.passage.run", hidden=True)
def refresh(
    session: CrmSession,
    *,
    customers: Annotated[
        tuple[UUID, ...] | None, Input(title=_("Customers"), max_length=5000, classified="internal")
    ] = None,
) -> Ran:
    """Move customers whose criteria are met, all or some, in each model that moves by itself; a model whose criteria
    cannot be used any more costs its own moves alone. Raises Refused outside system scope."""
    _system_only(session)
    total = Ran()
    for model, version in in_use(session):
        if model.automatic:
            try:
                total += _go(session, model, version, customers)
            except CrmkitError as error:
                if not _unusable(session, model, version, error):
                    raise
        roll_up(session, model, version, customers)
    return total


@operation(
    "lifecycle.passage.replay", title=_("Compute for the past"), permission="lifecycle.passage.replay", effect="create"
)
def replay(
    session: CrmSession,
    *,
    model: ModelName = "",
    first: Annotated[date, Input(title=_("From"), classified="internal")],
    last: Annotated[date | None, Input(title=_("Until"), classified="internal")] = None,
    every: Annotated[
        Literal["week", "month"],
        Input(title=_("Every"), choices={"week": _("Week"), "month": _("Month")}, classified="internal"),
    ] = "month",
) -> None:
    """Have passages computed for the past by a worker, from facts as they stood at the end of each week or month, so
    that conversion and times are known from the first day on. Raises Conflict for a model that has passages,
    InvalidInput for criteria over facts that have no history."""
    found = model_named(session, model)
    until = last or session.today()
    if first >= until:
        raise InvalidInput([Problem(InvalidInput.code, _("This has to be before the end."), field="first")])
    _check_history(session, found)
    session.defer(
        "lifecycle.replay", model_id=str(found.id), first=first.isoformat(), last=until.isoformat(), every=every
    )


def _check_history(session: CrmSession, model: LifecycleModel) -> None:
    if session.scalar(select(Passage.id).where(Passage.model_id == model.id).limit(1)) is not None:
        raise Conflict(_('"{title}" has passages already: the past is told before the present.'), title=model.title)
    version = published(session, model.id)
    judge = Judge.of(session, model, version, stages_of(session, version.id), moment_of(session))
    catalogue = catalogue_of(session)
    names = sorted({ref.name for ref in catalogue.closure(judge.refs())})
    present = [name for name in names if not catalogue.known(name).set.temporal]
    if present:
        raise InvalidInput(
            _("These facts have no history: {names}."),
            fix=_("Lay down criteria without them, or begin with the present."),
            names=", ".join(present),
        )


def replay_job(session: CrmSession, model_id: str, first: str, last: str, every: str) -> None:
    """Compute passages for the past: the job."""
    found = session.get(LifecycleModel, UUID(model_id))
    if found is not None:
        values = {"model_id": found.id, "first": first, "last": last, "every": every}
        session.run("lifecycle.passage.recount", values)


@operation(
    "lifecycle.passage.recount", title=_("Compute for the past"), permission="lifecycle.passage.run", hidden=True
)
def recount(
    session: CrmSession,
    *,
    model_id: Annotated[UUID, Input(title=_("Model"), classified="internal")],
    first: Annotated[date, Input(title=_("From"), classified="internal")],
    last: Annotated[date, Input(title=_("Until"), classified="internal")],
    every: Annotated[Literal["week", "month"], Input(title=_("Every"), classified="internal")] = "month",
) -> Ran:
    """Compute the passages of a model as of the ends of weeks or months of the past. Raises Refused outside system
    scope, and as `replay` does."""
    _system_only(session)
    model = session.get_one(LifecycleModel, model_id)
    _check_history(session, model)
    version = published(session, model.id)
    total = Ran()
    for day in _days(first, last, every):
        total += _go(session, model, version, None, day=day)
    return total


def _days(first: date, last: date, every: str) -> Iterator[date]:
    """Return the last days of the weeks or months between two days, and the last day."""
    day = first
    while day < last:
        yield day
        if every == "week":
            day += timedelta(days=7)
        else:
            start = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            day = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    yield last


def _go(
    session: CrmSession,
    model: LifecycleModel,
    version: ModelVersion,
    customers: Collection[UUID] | None,
    *,
    day: date | None = None,
) -> Ran:
    moment = moment_of(session, as_of=day)
    stages = stages_of(session, version.id)
    judge = Judge.of(session, model, version, stages, moment)
    refs = judge.refs()
    fresh = session.scalar(select(Passage.id).where(Passage.model_id == model.id).limit(1)) is None
    mover = Mover(
        session=session,
        model=model,
        version=version,
        at=moment.as_of,
        cause="criteria" if day is None else "replay",
        quiet=day is not None or (fresh and customers is None),
    )
    total = Ran()
    for part in _parts(session, customers):
        values = values_of(session, refs, part, moment, check=False)
        standings = _standings(session, model, part, mover)
        decided = [(each, judge.decide(_standing(standings.get(each)), own, mover.at)) for each, own in values.items()]
        moved = [(each, decision) for each, decision in decided if decision.steps or decision.arms]
        mover.load([standings[each] for each, decision in moved if each in standings and decision.steps])
        total += Ran(customers=len(values))
        for customer_id, decision in moved:
            total += _follow(mover, standings.get(customer_id), customer_id, decision)
        session.flush()
        mover.open_intervals.clear()
        for each in [*session.identity_map.values()]:
            # What was written is in the database: however large the base is, a part of it is held at a time.
            if isinstance(each, Passage | StageInterval):
                session.expunge(each)
    return total


def _follow(mover: Mover, passage: Passage | None, customer_id: UUID, decision: Decision) -> Ran:
    if decision.arms and passage is not None:
        passage.armed = True
    begun = ended = 0
    last = len(decision.steps) - 1
    for place, step in enumerate(decision.steps):
        if step.stage is None:
            if passage is not None:
                mover.leave(passage)
                ended += 1
        elif passage is None or step.fresh:
            number = passage.number + 1 if passage is not None else 1
            passage = mover.begin(customer_id, step.stage, number, step.evidence, waits=place < last)
            begun += 1
        else:
            mover.move(passage, step.stage, step.evidence, waits=place < last)
        ended += int(passage is not None and passage.ended_at is not None and step.stage is not None)
    return Ran(moves=len(decision.steps), begun=begun, ended=ended)


def _standing(passage: Passage | None) -> Standing | None:
    if passage is None:
        return None
    return Standing(stage_key=passage.stage_key, ended_at=passage.ended_at, armed=passage.armed)


def _standings(session: CrmSession, model: LifecycleModel, part: Sequence[UUID], mover: Mover) -> dict[UUID, Passage]:
    """Return the passage of each customer that counts: the open one, else the last. Of several open ones, as a merge
    leaves them, the one that began last goes on."""
    query = (
        select(Passage)
        .where(Passage.model_id == model.id, Passage.customer_id.in_(part))
        .order_by(Passage.ended_at.is_(None), Passage.began_at, Passage.number, Passage.id)
    )
    found: dict[UUID, Passage] = {}
    for each in session.scalars(query):
        before = found.get(each.customer_id)
        if before is not None and before.ended_at is None:
            mover.load([before])
            mover.leave(before)
        found[each.customer_id] = each
    return found


def _parts(session: CrmSession, customers: Collection[UUID] | None) -> Iterator[list[UUID]]:
    """Return the ids of customers in parts: those asked for, or all, by their order."""
    if customers is not None:
        ids = sorted(customers)
        yield from (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        return
    after: UUID | None = None
    while True:
        query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id).limit(CHUNK)
        part = list(session.scalars(query if after is None else query.where(Customer.id > after)))
        if part:
            yield part
        if len(part) < CHUNK:
            return
        after = part[-1]


def _unusable(session: CrmSession, model: LifecycleModel, version: ModelVersion, error: CrmkitError) -> bool:
    """Say whether an error is that of a condition that cannot be used any more."""
    try:
        Judge.of(session, model, version, stages_of(session, version.id), moment_of(session))
    except CrmkitError:
        return True
    return False


def _system_only(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Passages are computed in system scope."), fix=_("Use lifecycle.passage.run."))


# --- when ------------------------------------------------------------------------------------------------------------


def run_all(session: CrmSession, tick: datetime | None = None) -> None:
    """Look at all customers: time alone makes some criteria true."""
    session.run("lifecycle.passage.refresh", {})


def concerned(session: CrmSession, event: Any) -> bool:
    """Say whether an event can move anybody: somebody known has done something, and a model is in use."""
    return bool(_customers(event)) and session.scalar(select(Passage.id).limit(1)) is not None


def happened(session: CrmSession, event: Any) -> None:
    """Look at those to whom something has happened."""
    customers = _customers(event)
    if customers:
        session.run("lifecycle.passage.refresh", {"customers": customers})


def _customers(event: Any) -> list[UUID]:
    several: Collection[UUID | None] | None = getattr(event, "customer_ids", None)
    found = several if several is not None else (getattr(event, "customer_id", None),)
    return [each for each in dict.fromkeys(found) if each is not None]


_WATCHED = {
    "interaction.recorded": "lifecycle.on_recorded",
    "interaction.reversed": "lifecycle.on_reversed",
    "customer.updated": "lifecycle.on_customer",
    "customer.converted": "lifecycle.on_converted",
}

OPERATIONS = [run, refresh, replay, recount]
SUBSCRIPTIONS = [
    Subscription(name=name, event=event, handler=happened, wanted=concerned) for event, name in _WATCHED.items()
]
JOBS = [
    Job(
        name=ALL,
        title=_("Look at all customers' lifecycles"),
        handler=run_all,
        cron="50 3 * * *",
        catch_up="latest",
        lease=1800,
        acts_as="system",
    ),
    Job(
        name="lifecycle.replay",
        title=_("Compute lifecycles for the past"),
        handler=replay_job,
        lease=3600,
        acts_as="system",
    ),
]
