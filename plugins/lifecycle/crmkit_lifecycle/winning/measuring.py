"""What plans have brought: success of those treated against those left alone, with the interval of the difference.

Must not change anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import case, func, select

from crmkit import Chart, Column, CrmSession, Moment, Note, Report, Table, texts
from crmkit.engines.statistics.comparing import two_proportions
from crmkit.engines.statistics.intervals import newcombe, wilson
from crmkit_lifecycle.winning.models import Attempt, CarePlan
from crmkit_lifecycle.winning.words import PURPOSES

_ = texts("crmkit_lifecycle")

LEAST = 30
"""Fewest customers of each group for whom a difference is told."""


@frozen(kw_only=True)
class Group:
    """One of the two groups: how many, how many have succeeded, how many are not over; the share with its interval."""

    customers: int
    won: int
    open: int
    share: float | None
    low: float
    high: float


@frozen(kw_only=True)
class Effect:
    """What a plan has brought: both groups by their first attempts that are over, and the difference of their shares
    with its interval and p-value; None of each where a group is smaller than 30."""

    plan: CarePlan
    treated: Group
    control: Group
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    saved: float | None


def effects(session: CrmSession, moment: Moment | None = None) -> Sequence[Effect]:
    """Return what each plan has brought, of customers whom the reader sees.

    A customer counts once, by the first attempt, in the group to which chance has dealt it: so the groups stay those of
    an experiment, whatever came afterwards.
    """
    column: Any = Attempt
    over = column.state.in_(("won", "failed"))
    if moment is not None and not moment.present:
        over = over & (column.ended_at <= moment.as_of)
    query = (
        select(
            column.plan_id,
            column.arm,
            func.count(case((over, 1))),
            func.count(case((over & (column.state == "won"), 1))),
            func.count(case((column.state == "open", 1))),
        )
        .where(column.number == 1)
        .group_by(column.plan_id, column.arm)
    )
    found: dict[tuple[UUID, str], tuple[int, int, int]] = {
        (row[0], row[1]): (int(row[2]), int(row[3]), int(row[4])) for row in session.execute(query)
    }
    plans = session.scalars(select(CarePlan).order_by(CarePlan.active.desc(), CarePlan.name)).all()
    return [
        _effect(plan, found.get((plan.id, "treated"), (0, 0, 0)), found.get((plan.id, "control"), (0, 0, 0)))
        for plan in plans
    ]


def _effect(plan: CarePlan, treated: tuple[int, int, int], control: tuple[int, int, int]) -> Effect:
    groups = [_group(*treated), _group(*control)]
    if min(treated[0], control[0]) < LEAST:
        return Effect(
            plan=plan, treated=groups[0], control=groups[1], difference=None, low=None, high=None, p=None, saved=None
        )
    interval = newcombe(treated[1], treated[0], control[1], control[0])
    test = two_proportions(treated[1], treated[0], control[1], control[0]).test
    difference = interval.value
    return Effect(
        plan=plan,
        treated=groups[0],
        control=groups[1],
        difference=difference,
        low=interval.low,
        high=interval.high,
        p=test.p_value,
        saved=None if difference is None else difference * treated[0],
    )


def _group(customers: int, won: int, open_: int) -> Group:
    estimate = wilson(won, customers)
    return Group(
        customers=customers,
        won=won,
        open=open_,
        share=estimate.value if customers else None,
        low=estimate.low or 0.0,
        high=estimate.high if estimate.high is not None else 1.0,
    )


def effect_rows(session: CrmSession, parameters: None, moment: Moment) -> Table:
    """Return what each plan has brought."""
    rows = [
        {
            "name": each.plan.name,
            "plan": each.plan.title,
            "purpose": PURPOSES[each.plan.purpose],
            "treated": each.treated.customers,
            "won": each.treated.won,
            "share": None,
            "control": each.control.customers,
            "control_won": each.control.won,
            "control_share": None,
            "difference": each.difference,
            "low": each.low,
            "high": each.high,
            "saved": None if each.saved is None else round(each.saved, 1),
        }
        for each in effects(session, moment)
    ]
    text = _("Each customer counts once, by the first attempt that is over; no difference of fewer than {least}.")
    return Table(rows=rows, notes=[Note(text=text, values={"least": LEAST})])


REPORTS = [
    Report(
        name="lifecycle.kept",
        title=_("Lifecycle: what plans to keep and win back have brought"),
        doc=_("Success of those treated against those left alone by chance, with the interval of the difference."),
        rows=effect_rows,
        permission="lifecycle.winback.read",
        columns=[
            Column(name="name", title=_("Name"), hidden=True),
            Column(name="plan", title=_("Plan")),
            Column(name="purpose", title=_("Purpose")),
            Column(name="treated", title=_("Treated"), kind="integer"),
            Column(name="won", title=_("Succeeded"), kind="integer"),
            Column(name="share", title=_("Share"), kind="rate", successes="won", trials="treated"),
            Column(name="control", title=_("Control group"), kind="integer"),
            Column(name="control_won", title=_("Succeeded of it"), kind="integer"),
            Column(
                name="control_share", title=_("Share of it"), kind="rate", successes="control_won", trials="control"
            ),
            Column(name="difference", title=_("Difference"), kind="share"),
            Column(name="low", title=_("At least"), kind="share"),
            Column(name="high", title=_("At most"), kind="share"),
            Column(name="saved", title=_("Customers gained by it"), kind="number"),
        ],
        charts=[Chart.intervals("plan", "share", "control_share")],
    )
]
