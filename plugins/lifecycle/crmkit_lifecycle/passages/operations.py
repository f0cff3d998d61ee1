"""Moving somebody by hand or by a rule, and bringing those on the way along into a new version.

Forward to where the stage leads is free once its criteria are met; anything else needs a reason, which is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, Job, NotFound, Refused, moment_of, operation, texts, values_of
from crmkit_lifecycle.designing.choosing import model_named, onward, published, stage_named, stages_of
from crmkit_lifecycle.designing.inputs import ModelName
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.errors import MoveRefused
from crmkit_lifecycle.passages.deciding import Judge
from crmkit_lifecycle.passages.models import Passage
from crmkit_lifecycle.passages.moving import Mover
from crmkit_lifecycle.words import ENTRY

_ = texts("crmkit_lifecycle")

CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
Reason = Annotated[
    str,
    Input(
        title=_("Why"), max_length=1000, multiline=True, help=_("Needed to go back, to skip, or without the criteria.")
    ),
]


@operation("lifecycle.passage.move", title=_("Move to a stage"), permission="lifecycle.passage.move")
def move(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    stage: Annotated[str, Input(title=_("Stage"), max_length=60, classified="internal")],
    model: ModelName = "",
    reason: Reason = "",
    rule: Annotated[str, Input(title=_("Rule"), max_length=60, classified="internal")] = "",
) -> Passage:
    """Move a customer to a stage; who is not on the way begins a passage there. ``rule`` names the rule that moves.

    Raises NotFound for an unknown customer or model, InvalidInput for an unknown stage, MoveRefused where a reason is
    needed and missing: to go back, to skip stages, to begin elsewhere than at the entry, after an end, and where the
    criteria are not met.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    of = model_named(session, model)
    version = published(session, of.id)
    stages = stages_of(session, version.id)
    target = stage_named(stages, stage)
    moment = moment_of(session)
    judge = Judge.of(session, of, version, stages, moment)
    values = values_of(session, judge.refs(), [customer_id], moment, check=False).get(customer_id, {})
    passage = _current(session, of.id, customer_id)
    here = None
    if passage is not None and passage.ended_at is None:
        here = next((each for each in stages if each.key == passage.stage_key), None)
        if here is not None and here.key == target.key:
            raise MoveRefused(_('The customer is in "{stage}" already.'), stage=target.title)
    direction = _direction(stages, here, target)
    leave = here.leave if here is not None else ""
    met = judge.holds(target.enter, values, empty=True) and judge.holds(leave, values, empty=True)
    _check_reason(direction, target, met=met, again=passage is not None and here is None, reason=reason)
    mover = Mover(
        session=session,
        model=of,
        version=version,
        at=moment.as_of,
        cause="rule" if rule else "person",
        moved_by=rule or session.actor.id,
    )
    evidence = judge.evidence(values, target.enter, leave) | ({} if met else {"criteria_met": False})
    said = reason.strip() or None
    if passage is None or here is None:
        number = passage.number + 1 if passage is not None else 1
        return mover.begin(customer_id, target, number, evidence, reason=said, direction=direction)
    mover.load([passage])
    mover.move(passage, target, evidence, direction=direction, reason=said)
    return passage


def _current(session: CrmSession, model_id: UUID, customer_id: UUID) -> Passage | None:
    query = (
        select(Passage)
        .where(Passage.model_id == model_id, Passage.customer_id == customer_id)
        .order_by(Passage.ended_at.is_(None).desc(), Passage.number.desc(), Passage.began_at.desc())
    )
    return session.scalars(query.limit(1)).first()


def _direction(stages: list[Stage], here: Stage | None, target: Stage) -> str:
    if here is None:
        return "enter" if target.kind == ENTRY else "skip"
    if target.position < here.position:
        return "back"
    return "forward" if any(each.key == target.key for each in onward(stages, here)) else "skip"


def _check_reason(direction: str, target: Stage, *, met: bool, again: bool, reason: str) -> None:
    if reason.strip():
        return
    fix = _("Say why.")
    if direction == "back":
        raise MoveRefused(_('"{stage}" lies back: that needs a reason.'), fix=fix, stage=target.title)
    if direction == "skip":
        raise MoveRefused(_('"{stage}" is not the next stage: that needs a reason.'), fix=fix, stage=target.title)
    if again:
        raise MoveRefused(_("A passage has ended before: another one needs a reason."), fix=fix)
    if not met:
        raise MoveRefused(_('The criteria of "{stage}" are not met: that needs a reason.'), fix=fix, stage=target.title)


@operation("lifecycle.passage.bring", title=_("Bring customers along"), permission="lifecycle.passage.run", hidden=True)
def bring(
    session: CrmSession,
    *,
    version_id: Annotated[UUID, Input(title=_("Version"), classified="internal")],
    instead: Annotated[Mapping[str, Any], Input(title=_("Stages in place of others"), classified="internal")] = {},
) -> int:
    """Have open passages go by a version, and return how many. Who is in a stage that there is no more goes to the one
    in its place; for everybody else nothing is moved, as a stage stays the same, whatever it is called. Raises Refused
    outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    version = session.get_one(ModelVersion, version_id)
    model = session.get_one(LifecycleModel, version.model_id)
    stages = stages_of(session, version.id)
    by_key, by_name = {each.key: each for each in stages}, {each.name: each for each in stages}
    query = select(Passage).where(
        Passage.model_id == model.id, Passage.ended_at.is_(None), Passage.version_id != version.id
    )
    passages = session.scalars(query).all()
    mover = Mover(
        session=session,
        model=model,
        version=version,
        at=session.gate.clock.business_now(),
        cause="version",
    )
    mover.load(passages)
    names = {
        each.id: each.name
        for each in session.scalars(select(Stage).where(Stage.id.in_({p.stage_id for p in passages})))
    }
    for each in passages:
        same = by_key.get(each.stage_key)
        if same is not None:
            each.version_id, each.stage_id = version.id, same.id
            continue
        there = by_name.get(str(instead.get(names.get(each.stage_id, ""), "")))
        if there is not None:
            mover.move(each, there, {}, direction="version")
    return len(passages)


def bring_job(session: CrmSession, version_id: str, instead: Mapping[str, str]) -> None:
    """Bring customers along into a version that was published: the job."""
    session.run("lifecycle.passage.bring", {"version_id": UUID(version_id), "instead": dict(instead)})
    session.run("lifecycle.passage.run")


OPERATIONS = [move, bring]
JOBS = [
    Job(
        name="lifecycle.bring",
        title=_("Bring customers along into a new version"),
        handler=bring_job,
        lease=1800,
        acts_as="system",
    )
]
