"""Reading intervals for measures: of whom the reader sees, as of a moment, by the stages as they are called now.

Must not compute measures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Moment, moment_of
from crmkit_lifecycle.designing.choosing import model_named, published, stages_of
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.measuring.chain import Visit
from crmkit_lifecycle.passages.models import Passage, StageInterval
from crmkit_lifecycle.words import ENDS, LEFT

DAY = 86_400


@frozen(kw_only=True)
class Span:
    """Time in a stage: of which passage and customer, from when to when (None: still), where to, and how it came."""

    passage_id: UUID
    customer_id: UUID
    number: int
    key: UUID
    kind: str
    entered_at: datetime
    left_at: datetime | None
    direction: str
    cause: str
    answer: str | None
    waited_seconds: int | None
    to: UUID | None
    gone: bool

    def days(self, at: datetime) -> float:
        """Return how many days it has lasted by an instant."""
        return ((self.left_at or at) - self.entered_at).total_seconds() / DAY


@frozen(kw_only=True)
class Ways:
    """The ways of customers through a model, as of a moment, with its stages now."""

    model: LifecycleModel
    version: ModelVersion
    stages: Sequence[Stage]
    moment: Moment
    spans: Sequence[Span]

    @property
    def titles(self) -> Mapping[UUID, str]:
        """Return the titles of the stages by their keys."""
        return {each.key: each.title for each in self.stages}

    @property
    def by_passage(self) -> Mapping[UUID, Sequence[Span]]:
        """Return the spans of each passage in their order."""
        found: dict[UUID, list[Span]] = defaultdict(list)
        for each in self.spans:
            found[each.passage_id].append(each)
        return found

    def stage(self, name: str) -> Stage | None:
        """Return a stage by its name, if there is one."""
        return next((each for each in self.stages if each.name == name), None)


def ways_of(session: CrmSession, name: str = "", *, moment: Moment | None = None, since: date | None = None) -> Ways:
    """Return the ways through a model, the usual one for no name, of passages that began on a day or later.

    Raises NotFound for a model that there is not, or that was never published.
    """
    model = model_named(session, name)
    version = published(session, model.id)
    at = moment or moment_of(session)
    column: Any = StageInterval
    query = (
        select(
            column.passage_id,
            column.customer_id,
            column.number,
            column.stage_key,
            column.kind,
            column.entered_at,
            column.left_at,
            column.left_recorded_at,
            column.direction,
            column.cause,
            column.answer,
            column.waited_seconds,
        )
        .where(column.model_id == model.id, column.entered_at <= at.as_of)
        .order_by(column.passage_id, column.entered_at, column.step, column.id)
    )
    if not at.present:
        query = query.where(column.recorded_at <= at.known_at)
    if since is not None:
        begun = select(Passage.id).where(Passage.model_id == model.id, Passage.began_at >= _start(at, since))
        query = query.where(column.passage_id.in_(begun))
    rows = list(session.execute(query.execution_options(yield_per=5000)))
    spans: list[Span] = []
    for place, row in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) and rows[place + 1].passage_id == row.passage_id else None
        over = row.left_at is not None and row.left_at <= at.as_of
        if over and not at.present:
            over = row.left_recorded_at is not None and row.left_recorded_at <= at.known_at
        spans.append(
            Span(
                passage_id=row.passage_id,
                customer_id=row.customer_id,
                number=row.number,
                key=row.stage_key,
                kind=row.kind,
                entered_at=row.entered_at,
                left_at=row.left_at if over else None,
                direction=row.direction,
                cause=row.cause,
                answer=row.answer,
                waited_seconds=row.waited_seconds,
                to=after.stage_key if after is not None else None,
                gone=over and after is None and row.kind not in ENDS,
            )
        )
    return Ways(model=model, version=version, stages=stages_of(session, version.id), moment=at, spans=spans)


def _start(moment: Moment, day: date) -> datetime:
    from datetime import time
    from zoneinfo import ZoneInfo

    return datetime.combine(day, time(), ZoneInfo(moment.zone))


def visits_of(ways: Ways, *, goal: str = "") -> tuple[list[Visit], list[str], list[str]]:
    """Return the visits of a model's ways, its states on the way, and its ends with "left".

    With a ``goal``, the name of a stage, coming there is an end, and what came after it does not count.
    """
    names = {each.key: each.name for each in ways.stages}
    kinds = {each.name: each.kind for each in ways.stages}
    target = goal if goal in kinds else ""
    states = [each.name for each in ways.stages if each.kind not in ENDS and each.name != target]
    ends = [each.name for each in ways.stages if each.kind in ENDS and each.name != target]
    ends = [*([target] if target else []), *ends]
    visits: list[Visit] = []
    gone = False
    for spans in ways.by_passage.values():
        for each in spans:
            state = names.get(each.key)
            if state is None:
                continue
            if state in ends:
                break
            to = names.get(each.to) if each.to is not None else (LEFT if each.gone else None)
            gone = gone or to == LEFT
            visits.append(Visit(who=each.customer_id, state=state, days=each.days(ways.moment.as_of), to=to))
    reached = {each.to for each in visits}
    found = [each for each in ends if each in reached or each == target]
    return visits, states, [*found, *([LEFT] if gone else [])]
