"""What becomes of handing somebody over on entering a stage, and of stages in which somebody is too long.

Must not decide who is handed over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from crmkit_work.api import Handoff
from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, Job, NotFound, Refused, Subscription, Team, operation, texts
from crmkit_lifecycle.designing.choosing import stages_of
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.passages.events import StageAnswered, StageLate
from crmkit_lifecycle.passages.models import Passage, StageInterval
from crmkit_lifecycle.passages.moving import Mover, tell
from crmkit_lifecycle.words import ANSWERS

_ = texts("crmkit_lifecycle")

LATE = "lifecycle.look_for_late"
MOST = 500
Why = Annotated[str, Input(title=_("Why"), max_length=1000, multiline=True)]


@operation("lifecycle.passage.answer", title=_("Answer a hand-over"), permission="lifecycle.passage.answer")
def answer(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    answer: Annotated[
        Literal["accepted", "declined"],
        Input(
            title=_("Answer"),
            choices={"accepted": ANSWERS["accepted"], "declined": ANSWERS["declined"]},
            classified="internal",
        ),
    ],
    why: Why = "",
) -> None:
    """Accept somebody who was handed over on entering a stage, or decline and say why. Raises NotFound where nobody
    waits for an answer, and what answering a hand-off raises: Refused for somebody who was not asked, InvalidInput for
    declining without a reason."""
    query = (
        select(StageInterval)
        .where(
            StageInterval.customer_id == customer_id,
            StageInterval.left_at.is_(None),
            StageInterval.answer.in_(("offered", "expired")),
        )
        .order_by(StageInterval.entered_at.desc())
    )
    found = session.scalars(query.limit(1)).first()
    if found is None or found.handoff_id is None:
        raise NotFound(_("Nobody waits for an answer about this customer."))
    found.declined_why = why.strip() or None
    if answer == "accepted":
        session.run("work.handoff.accept", {}, target=found.handoff_id)
    else:
        session.run("work.handoff.decline", {"reason": why}, target=found.handoff_id)


def answered(state: str) -> Any:
    """Return the handler that notes what became of a hand-off."""

    def handle(session: CrmSession, event: Any) -> None:
        values = {"handoff_id": event.handoff_id, "answer": state}
        session.run("lifecycle.passage.note_answer", values)

    return handle


def ours(session: CrmSession, event: Any) -> bool:
    """Say whether a hand-off is one that a stage has made."""
    return session.scalar(select(StageInterval.id).where(StageInterval.handoff_id == event.handoff_id)) is not None


@operation("lifecycle.passage.note_answer", title=_("Note an answer"), permission="lifecycle.passage.run", hidden=True)
def note_answer(
    session: CrmSession,
    *,
    handoff_id: Annotated[UUID, Input(title=_("Hand-off"), classified="internal")],
    answer: Annotated[Literal["accepted", "declined", "expired"], Input(title=_("Answer"), classified="internal")],
) -> None:
    """Note what became of a hand-off; a rejection leads to the stage that says so. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    interval = session.scalars(select(StageInterval).where(StageInterval.handoff_id == handoff_id)).first()
    if interval is None:
        return
    handoff = session.get(Handoff, handoff_id)
    interval.answer = answer
    interval.waited_seconds = handoff.waited_seconds if handoff is not None else None
    if answer != "expired":
        interval.answered_at = session.gate.clock.now()
    session.emit(
        StageAnswered(
            customer_id=interval.customer_id,
            passage_id=interval.passage_id,
            stage=interval.stage_name,
            answer=answer,
            waited_seconds=interval.waited_seconds or 0,
        )
    )
    passage = session.get_one(Passage, interval.passage_id)
    stage = session.get_one(Stage, interval.stage_id)
    if answer != "declined" or not stage.declined_to or interval.left_at is not None:
        return
    current = session.get_one(Stage, passage.stage_id)
    target = next((each for each in stages_of(session, current.version_id) if each.name == stage.declined_to), None)
    if target is None:
        return
    mover = Mover(
        session=session,
        model=session.get_one(LifecycleModel, passage.model_id),
        version=session.get_one(ModelVersion, current.version_id),
        at=session.gate.clock.business_now(),
        cause="rule",
        moved_by="lifecycle.declined",
    )
    mover.load([passage])
    direction = "back" if target.position < current.position else "forward"
    mover.move(passage, target, {"answer": "declined"}, direction=direction, reason=interval.declined_why)


@operation(
    "lifecycle.passage.mark_late", title=_("Too long in a stage"), permission="lifecycle.passage.run", hidden=True
)
def mark_late(session: CrmSession) -> int:
    """Tell of everybody who is longer in a stage than the stage allows, once, and return of how many. Raises Refused
    outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    now = session.gate.clock.now()
    query = (
        select(Passage)
        .where(Passage.due_at <= now, Passage.late_at.is_(None), Passage.ended_at.is_(None))
        .order_by(Passage.due_at, Passage.id)
        .limit(MOST)
    )
    found = session.scalars(query).all()
    for each in found:
        each.late_at = now
        stage, model = session.get_one(Stage, each.stage_id), session.get_one(LifecycleModel, each.model_id)
        customer = session.get_one(Customer, each.customer_id)
        team = session.get(Team, stage.hand_to_team_id) if stage.hand_to_team_id is not None else None
        session.emit(StageLate(customer_id=each.customer_id, passage_id=each.id, model=model.name, stage=stage.name))
        title = _("{customer} is too long in the stage {stage}")
        tell(session, each, [customer.owner_id], title, stage=stage.title, team=team.name if team is not None else "")
    return len(found)


def look_for_late(session: CrmSession, tick: datetime) -> None:
    """Look for those who are too long in a stage: the job."""
    session.run("lifecycle.passage.mark_late")


OPERATIONS = [answer, note_answer, mark_late]
SUBSCRIPTIONS = [
    Subscription(name=f"lifecycle.handoff_{state}", event=f"work.handoff.{state}", handler=answered(state), wanted=ours)
    for state in ("accepted", "declined", "expired")
]
JOBS = [
    Job(
        name=LATE,
        title=_("Look for customers who are too long in a stage"),
        handler=look_for_late,
        every="15 minutes",
        catch_up="latest",
        acts_as="system",
    )
]
