"""How opportunities are looked at beside their list: on a board by stage, and in a calendar by expected close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Board, BoardChoice, BoardColumn, BoardMark, Calendar, CrmSession, texts
from crmkit_sales.pipelines.choosing import published, stages_of
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Pipeline, Stage
from crmkit_sales.pipelines.rotting import days_rotting
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")


def pipelines(session: CrmSession) -> Sequence[BoardChoice]:
    """Return the pipelines that are active, the usual one first."""
    query = select(Pipeline).where(Pipeline.active).order_by(Pipeline.usual.desc(), Pipeline.title, Pipeline.id)
    return [BoardChoice(value=each.name, title=each.title) for each in session.scalars(query)]


def of_pipeline(choice: str) -> Any:
    """Return the condition that an opportunity is in a pipeline."""
    return Opportunity.pipeline_id.in_(select(Pipeline.id).where(Pipeline.name == choice))


def columns_of(session: CrmSession, choice: str) -> Sequence[BoardColumn]:
    """Return the stages of a pipeline as columns, with those of earlier versions in which there is still something."""
    pipeline = session.scalar(select(Pipeline).where(Pipeline.name == choice))
    if pipeline is None:
        return []
    stages = stages_of(session, published(session, pipeline.id).id)
    names = {each.name for each in stages}
    used = select(Opportunity.stage_id).where(
        Opportunity.pipeline_id == pipeline.id, Opportunity.stage_kind == OPEN_KIND
    )
    earlier = session.scalars(
        select(Stage).where(Stage.id.in_(used), Stage.name.not_in(names)).order_by(Stage.position, Stage.id)
    )
    left = {each.name: each for each in earlier}
    ordered = sorted([*stages, *left.values()], key=lambda each: (each.kind != OPEN_KIND, each.position))
    return [_column(each) for each in ordered]


def marks(session: CrmSession, opportunities: Sequence[Opportunity]) -> Mapping[UUID, BoardMark]:
    """Return what stands out: those that rot, and those without a next step or with one that is late."""
    today = session.today()
    found: dict[UUID, BoardMark] = {}
    for each in opportunities:
        if not each.is_open:
            continue
        if each.next_step_on is not None and each.next_step_on < today:
            found[each.id] = BoardMark(tone="warn", text=_("The next step is late."))
        elif each.next_step_on is None and not each.next_step:
            found[each.id] = BoardMark(tone="", text=_("No next step"))
    for id_, days in days_rotting(session, opportunities).items():
        found[id_] = BoardMark(tone="bad", text=_("Nothing for {days} days"), values={"days": days})
    return found


def _column(stage: Stage) -> BoardColumn:
    if stage.kind == WON:
        ask = stage.reason_required
        return BoardColumn(value=stage.name, title=stage.title, operation="sales.opportunity.win", ask=ask, tone="good")
    if stage.kind == LOST:
        # Why it was lost is asked for before the card is moved.
        ask = stage.reason_required
        return BoardColumn(value=stage.name, title=stage.title, operation="sales.opportunity.lose", ask=ask, tone="bad")
    return BoardColumn(value=stage.name, title=stage.title)


BOARDS = [
    Board(
        name="sales.pipeline",
        title=_("Pipeline"),
        resource="sales.opportunity",
        field="stage",
        choices=pipelines,
        of=of_pipeline,
        columns_of=columns_of,
        marks=marks,
        move="sales.opportunity.move",
        card=["title", "customer_id", "amount_minor", "expected_close", "owner_id"],
        amount="amount_minor",
        sort="expected_close",
    )
]

CALENDARS = [
    Calendar(
        name="sales.closes",
        title=_("Expected closes"),
        resource="sales.opportunity",
        start="expected_close",
        label=["title", "customer_id", "amount_minor"],
        state="stage_kind",
        states={WON: "good", LOST: "bad"},
    )
]
