"""Playbooks, and carrying them out: for those who are not held out, within what they may cost, with others' consent.

Who is held out says a hash of the playbook's name and the customer, so it is always the same ones. Must not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from crmkit_work.api import NewTask, create_task, require_approval
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    catalogue_of,
    customers_where,
    given,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit.engines.statistics.hashing import held_out
from crmkit.errors import AlreadyExists, Conflict
from crmkit_churn.errors import TooCostly
from crmkit_churn.retention.models import ANY, Playbook, Treatment
from crmkit_churn.retention.reading import persuadable_of
from crmkit_churn.watching.models import ChurnWarning
from crmkit_churn.watching.operations import move
from crmkit_churn.watching.words import CAUSES, OPEN

_ = texts("crmkit_churn")

MANAGE, START = "churn.playbook.manage", "churn.playbook.start"
Cause = Annotated[
    Literal["any", "risk", "change", "silence", "usage", "service", "health", "contract", "other"],
    Input(title=_("About"), choices={**ANY, **CAUSES}, classified="internal"),
]
Minor = Annotated[int, Input(title=_("Minor units"), minimum=0, classified="internal")]
Percent = Annotated[int, Input(title=_("Percent"), minimum=0, maximum=100, classified="internal")]
Share = Annotated[float, Input(title=_("Held out"), minimum=0, maximum=0.9, classified="internal")]
Condition = Annotated[
    str, Input(title=_("For whom"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Offer = Annotated[str, Input(title=_("Offer"), max_length=500, classified="internal")]
Window = Annotated[int, Input(title=_("Judged after days"), minimum=1, maximum=3650, classified="internal")]
Priority = Annotated[int, Input(title=_("Priority"), minimum=-100, maximum=100, classified="internal")]


@attrs.frozen(kw_only=True)
class Step:
    """One step: what is to be done, and when it is due in words, such as ``+2wd``."""

    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    due: Annotated[str, Input(title=_("Due"), max_length=40, classified="internal")] = "+2wd"


Steps = Annotated[tuple[Step, ...], Input(title=_("Steps"), max_length=20, classified="internal")]


@attrs.frozen(kw_only=True)
class NewPlaybook:
    """What is to be done, for whom, and what it may cost."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Title
    cause: Cause = "any"
    when: Condition = "true"
    steps: Steps = ()
    offer: Offer = ""
    cost_minor: Minor = 0
    most_minor: Minor = 0
    most_percent: Percent = 100
    holdout: Share = 0.1
    horizon_days: Window = 90
    priority: Priority = 0


@attrs.frozen(kw_only=True)
class PlaybookUpdate:
    """What to change; what is not given stays. Who is held out stays the same ones when the share grows."""

    title: Title | UnsetType = UNSET
    cause: Cause | UnsetType = UNSET
    when: Condition | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    offer: Offer | UnsetType = UNSET
    cost_minor: Minor | UnsetType = UNSET
    most_minor: Minor | UnsetType = UNSET
    most_percent: Percent | UnsetType = UNSET
    holdout: Share | UnsetType = UNSET
    horizon_days: Window | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("churn.playbook.create", title=_("Add a playbook"), permission=MANAGE, effect="create")
def create_playbook(session: CrmSession, new: NewPlaybook) -> Playbook:
    """Add a playbook. Raises AlreadyExists, ExpressionError, InvalidInput."""
    if not new.name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(Playbook.id).where(Playbook.name == new.name.strip())) is not None:
        raise AlreadyExists(_('There is a playbook "{name}" already.'), name=new.name)
    catalogue_of(session).checked(new.when)
    values = {each.name: getattr(new, each.name) for each in attrs.fields(NewPlaybook)}
    row = Playbook(**{**values, "steps": [attrs.asdict(step) for step in new.steps]})
    session.add(row)
    return row


@operation("churn.playbook.update", title=_("Change the playbook"), permission=MANAGE, effect="update")
def update_playbook(session: CrmSession, playbook: Playbook, changes: PlaybookUpdate) -> Playbook:
    """Change a playbook. Raises ExpressionError."""
    for name, value in given(changes).items():
        setattr(playbook, name, [attrs.asdict(step) for step in value] if name == "steps" else value)
    catalogue_of(session).checked(playbook.when)
    return playbook


@operation("churn.playbook.start", title=_("Carry out a playbook"), permission=START, effect="create")
def start(
    session: CrmSession,
    *,
    playbook: Annotated[str, Input(title=_("Playbook"), max_length=60, classified="internal")],
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    cost_minor: Annotated[int | None, Input(title=_("Cost"), minimum=0, classified="internal")] = None,
) -> Treatment:
    """Carry out a playbook for a customer: its steps become tasks, and its open warnings are being acted on.

    Whoever is held out is written down as such, and nothing is done. Raises NotFound, Conflict for a playbook that is
    not for this customer or is being judged still, TooCostly beyond what it may cost, Refused where others have to
    agree first.
    """
    row = session.scalars(select(Playbook).where(Playbook.name == playbook, Playbook.active)).first()
    if row is None:
        raise NotFound(_('There is no playbook "{name}".'), name=playbook)
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    if not _is_for(session, row, customer_id):
        raise Conflict(_("This playbook is not for this customer."))
    now = session.gate.clock.business_now()
    running = select(Treatment.id).where(
        Treatment.playbook_id == row.id, Treatment.customer_id == customer_id, Treatment.judged_on > session.today()
    )
    if session.scalar(running.limit(1)) is not None:
        raise Conflict(_("It was carried out for this customer, and what comes of it is not known yet."))
    probability, worth = _risk(session, customer_id)
    cost = row.cost_minor if cost_minor is None else cost_minor
    held = held_out(f"churn.playbook:{row.name}", row.holdout, customer_id)
    warning = session.scalars(
        select(ChurnWarning)
        .where(ChurnWarning.customer_id == customer_id, ChurnWarning.state.in_(OPEN))
        .order_by(ChurnWarning.opened_at, ChurnWarning.id)
        .limit(1)
    ).first()
    if not held:
        _check_cost(row, cost, worth)
        require_approval(session, START, {"playbook": playbook, "customer_id": customer_id, "cost_minor": cost})
    made = Treatment(
        customer_id=customer_id,
        playbook_id=row.id,
        warning_id=None if warning is None else warning.id,
        arm="control" if held else "treated",
        started_at=now,
        judged_on=session.today() + timedelta(days=row.horizon_days),
        probability=probability,
        worth_minor=worth,
        cost_minor=0 if held else cost,
    )
    session.add(made)
    if held:
        return made
    for step in row.steps:
        create_task(
            session,
            NewTask(
                title=step["title"],
                customer_id=customer_id,
                due=step["due"],
                owner_id=customer.owner_id,
                ref=f"churn.playbook:{row.id}",
                source="churn",
            ),
        )
    if warning is not None and warning.state != "acting":
        move(session, warning, "acting")
    return made


@operation("churn.playbook.run", title=_("Carry out playbooks for open warnings"), permission=START)
def run_playbooks(
    session: CrmSession,
    *,
    most: Annotated[int, Input(title=_("Most customers"), minimum=1, maximum=1000, classified="internal")] = 50,
) -> list[UUID]:
    """Carry out the fitting playbook for customers with open warnings and return who they were: those first whom it
    persuades most probably, times what they are worth. What costs too much, or needs consent, is left out."""
    books = session.scalars(select(Playbook).where(Playbook.active).order_by(Playbook.priority.desc(), Playbook.name))
    done: list[UUID] = []
    for book in books.all():
        able = persuadable_of(session, book.id)
        query = select(ChurnWarning).where(ChurnWarning.state.in_(("new", "acknowledged")))
        query = query if book.cause == "any" else query.where(ChurnWarning.cause == book.cause)
        waiting = {each.customer_id: each for each in session.scalars(query.order_by(ChurnWarning.opened_at))}
        fitting = _among(session, book, list(waiting))
        order = sorted(
            (who for who in fitting if who not in done),
            key=lambda who: (
                -able.score(waiting[who].probability or 0.0) * max(waiting[who].worth_minor or 0, 1),
                who,
            ),
        )
        for who in order[: max(most - len(done), 0)]:
            try:
                session.run("churn.playbook.start", {"playbook": book.name, "customer_id": who})
            except Conflict:
                continue
            done.append(who)
    return done


def _check_cost(row: Playbook, cost: int, worth: int) -> None:
    most = row.most_minor or None
    if row.most_percent < 100 and worth:
        share = worth * row.most_percent // 100
        most = share if most is None else min(most, share)
    if most is not None and cost > most:
        raise TooCostly(_("It costs {cost} and may cost {most} (minor units)."), cost=cost, most=most)


def _is_for(session: CrmSession, row: Playbook, customer_id: UUID) -> bool:
    return bool(_among(session, row, [customer_id]))


def _among(session: CrmSession, row: Playbook, ids: Sequence[UUID]) -> list[UUID]:
    found: list[UUID] = []
    for begin in range(0, len(ids), 1000):
        found.extend(session.scalars(customers_where(session, row.when, among=ids[begin : begin + 1000])))
    return found


def _risk(session: CrmSession, customer_id: UUID) -> tuple[float, int]:
    """Return the probability of leaving, a half where nothing was said, and what the customer is worth."""
    catalogue = catalogue_of(session)
    refs = [catalogue.ref(name) for name in ("churn.probability", "value.clv") if name in catalogue.names()]
    found: dict[Any, Any] = values_of(session, refs, [customer_id], moment_of(session)).get(customer_id, {})
    probability, worth = found.get("churn.probability"), found.get("value.clv")
    return (0.5 if probability is None else float(probability)), int(worth or 0)


OPERATIONS = [create_playbook, update_playbook, start, run_playbooks]
