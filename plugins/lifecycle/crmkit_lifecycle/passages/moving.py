"""Writing moves down: the interval that ends, the one that begins, the deadline of the stage, and whom it is handed to.

Must not decide whether somebody moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, field
from crmkit_work.api import NewNotice, NoWorkingTime, calendar_for, notify, working_calendar
from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.passages.events import PassageBegun, PassageEnded, StageEntered
from crmkit_lifecycle.passages.models import Passage, StageInterval
from crmkit_lifecycle.words import ENDS, LEFT

_ = texts("crmkit_lifecycle")


@define
class Mover:
    """Writes moves within a model, with what they have in common: when, and what moved whoever moves.

    ``quiet`` tells nobody and hands nobody over: for the past, and for the first run of a model, as what it finds has
    been so before. ``open_intervals`` are those that are not over, by passage.
    """

    session: CrmSession
    model: LifecycleModel
    version: ModelVersion
    at: datetime
    cause: str
    moved_by: str | None = None
    quiet: bool = False
    open_intervals: dict[UUID, StageInterval] = field(factory=dict)
    _calendars: dict[Any, Any] = field(factory=dict)

    def load(self, passages: Sequence[Passage]) -> None:
        """Read the open intervals of some passages."""
        ids = [each.id for each in passages]
        for start in range(0, len(ids), 1000):
            query = select(StageInterval).where(
                StageInterval.passage_id.in_(ids[start : start + 1000]), StageInterval.left_at.is_(None)
            )
            self.open_intervals |= {each.passage_id: each for each in self.session.scalars(query)}

    def begin(self, customer_id: UUID, stage: Stage, number: int, evidence: Mapping[str, Any], **said: Any) -> Passage:
        """Begin a passage of a customer in a stage, and return it."""
        passage = Passage(
            customer_id=customer_id,
            model_id=self.model.id,
            version_id=self.version.id,
            number=number,
            stage_id=stage.id,
            stage_key=stage.key,
            began_at=self.at,
            stage_since=self.at,
            armed=False,
        )
        self.session.add(passage)
        self._arrive(passage, stage, evidence, came_from="", direction=said.pop("direction", "enter"), step=0, **said)
        if not self.quiet:
            self.session.emit(
                PassageBegun(customer_id=customer_id, passage_id=passage.id, model=self.model.name, number=number)
            )
        return passage

    def move(
        self, passage: Passage, stage: Stage, evidence: Mapping[str, Any], *, direction: str = "forward", **said: Any
    ) -> None:
        """Move a passage to a stage; at an end it is over."""
        before = self._leave(passage)
        came_from = before.stage_name if before is not None else ""
        step = before.step + 1 if before is not None else 0
        passage.version_id, passage.stage_id, passage.stage_key = self.version.id, stage.id, stage.key
        passage.stage_since, passage.late_at = self.at, None
        self._arrive(passage, stage, evidence, came_from=came_from, direction=direction, step=step, **said)

    def leave(self, passage: Passage) -> None:
        """End a passage whose customer has left the model; another one can begin at any time."""
        self._leave(passage)
        self._over(passage, LEFT)
        passage.armed = True

    def _leave(self, passage: Passage) -> StageInterval | None:
        found = self.open_intervals.pop(passage.id, None)
        if found is not None:
            found.left_at, found.left_recorded_at = max(self.at, found.entered_at), self.session.gate.clock.now()
        return found

    def _arrive(
        self,
        passage: Passage,
        stage: Stage,
        evidence: Mapping[str, Any],
        *,
        came_from: str,
        direction: str,
        step: int,
        reason: str | None = None,
        waits: bool = False,
    ) -> None:
        now = self.session.gate.clock.now()
        interval = StageInterval(
            passage_id=passage.id,
            customer_id=passage.customer_id,
            model_id=self.model.id,
            version_id=self.version.id,
            stage_id=stage.id,
            stage_key=stage.key,
            stage_name=stage.name,
            kind=stage.kind,
            label=stage.label,
            position=stage.position,
            number=passage.number,
            visit=1 + self._visits(passage, stage, step),
            step=step,
            entered_at=self.at,
            recorded_at=now,
            direction=direction,
            cause=self.cause,
            moved_by=self.moved_by,
            reason=reason,
            evidence=dict(evidence),
        )
        self.session.add(interval)
        passage.due_at = passage.handoff_id = None
        if stage.kind in ENDS:
            interval.left_at, interval.left_recorded_at = self.at, now
            self._over(passage, stage.kind)
        else:
            self.open_intervals[passage.id] = interval
        if self.quiet:
            return
        self.session.emit(
            StageEntered(
                customer_id=passage.customer_id,
                passage_id=passage.id,
                model=self.model.name,
                stage=stage.name,
                stage_from=came_from,
                kind=stage.kind,
                direction=direction,
                cause=self.cause,
                number=passage.number,
            )
        )
        if not waits and stage.kind not in ENDS:
            self._await(passage, interval, stage)

    def _visits(self, passage: Passage, stage: Stage, step: int) -> int:
        """Return how often a passage has been in a stage; who only goes forward has never been there."""
        if step < 2:
            return 0
        query = select(StageInterval.id).where(
            StageInterval.passage_id == passage.id, StageInterval.stage_key == stage.key
        )
        return len(self.session.scalars(query).all())

    def _over(self, passage: Passage, outcome: str) -> None:
        passage.ended_at, passage.outcome, passage.due_at = self.at, outcome, None
        if not self.quiet:
            self.session.emit(
                PassageEnded(
                    customer_id=passage.customer_id, passage_id=passage.id, model=self.model.name, outcome=outcome
                )
            )

    def _await(self, passage: Passage, interval: StageInterval, stage: Stage) -> None:
        """Set the deadline of a stage, and hand the customer to the team that takes over there."""
        if stage.limit_minutes is not None:
            passage.due_at = self._later(stage, stage.limit_minutes)
        if stage.hand_to_team_id is None:
            return
        offered = self.session.run(
            "work.handoff.offer",
            {
                "title": stage.title,
                "to_team_id": stage.hand_to_team_id,
                "customer_id": passage.customer_id,
                "accept_minutes": stage.accept_minutes,
            },
        )
        passage.handoff_id = interval.handoff_id = offered.id
        interval.answer = "offered"

    def _later(self, stage: Stage, minutes: int) -> datetime:
        """Return when so much working time has gone by, of the team that takes over or the company; in UTC."""
        now, worked = self.session.gate.clock.now(), timedelta(minutes=minutes)
        key = stage.hand_to_team_id
        if key not in self._calendars:
            found = calendar_for(self.session, team_id=key)
            self._calendars[key] = None if found is None else working_calendar(self.session, found)
        calendar = self._calendars[key]
        try:
            return now + worked if calendar is None else calendar.add(now, worked)
        except (NoWorkingTime, OverflowError):
            return now + worked


def tell(session: CrmSession, passage: Passage, users: Sequence[UUID | None], title: str, **values: Any) -> None:
    """Tell users something about a passage."""
    notice = NewNotice(
        kind="lifecycle.passage",
        title=title,
        values=values,
        customer_id=passage.customer_id,
        path=f"/modules/lifecycle/passages?customer={passage.customer_id}",
    )
    notify(session, list(users), notice)
