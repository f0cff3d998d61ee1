"""What criteria say: where somebody begins, goes on to, or leaves, by the values of facts. Nothing is written.

The same decision is made by the run that moves customers, by the preview of a draft, and for the past. Must not know
databases beyond the vocabulary of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from crmkit import CrmSession, catalogue_of
from crmkit_lifecycle.designing.choosing import onward
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.words import ENDS, ENTRY

Values = Mapping[Any, Any]
PLAIN = ("public", "internal")


@frozen(kw_only=True)
class Standing:
    """Where somebody stands in a model: the stage, whether the passage has ended and when, and whether it may begin
    again."""

    stage_key: UUID
    ended_at: datetime | None = None
    armed: bool = False


@frozen(kw_only=True)
class Step:
    """One move: to a stage, on what evidence; None is out of the model. ``fresh`` begins another passage."""

    stage: Stage | None
    evidence: Mapping[str, Any] = field(factory=dict)
    fresh: bool = False


@frozen(kw_only=True)
class Decision:
    """What is to become of somebody: moves in their order; ``arms`` has an ended passage become ready for another."""

    steps: tuple[Step, ...] = ()
    arms: bool = False


@define
class Judge:
    """The criteria of a version, compiled once, for customers one after the other."""

    about: str
    version: ModelVersion
    stages: Sequence[Stage]
    at: Any
    _compiled: dict[str, Any] = field(factory=dict)
    _kept: dict[Any, bool] = field(factory=dict)

    @classmethod
    def of(
        cls, session: CrmSession, model: LifecycleModel, version: ModelVersion, stages: Sequence[Stage], moment: Any
    ) -> Judge:
        """Return what judges by a version as of a moment. Raises ExpressionError for a condition that has become
        unusable, such as one over the facts of a plugin that is gone."""
        catalogue = catalogue_of(session)
        found = cls(model.about, version, stages, moment.surroundings(session.get_bind().dialect.name))
        for text in found.texts():
            found._compiled[text] = catalogue.checked(text)
        about = f'customer.kind == "{model.about}"' if model.about != "any" else "true"
        found._compiled["about"] = catalogue.checked(about)
        for ref in found.refs():
            found._kept[ref] = catalogue.known(ref.name).fact.classified in PLAIN
        return found

    def texts(self) -> list[str]:
        """Return the conditions of the version."""
        own = [self.version.among, self.version.leave, self.version.again]
        every = [*own, *(text for each in self.stages for text in (each.enter, each.leave))]
        return [*dict.fromkeys(text for text in every if text.strip())]

    def refs(self) -> list[Any]:
        """Return the facts that the conditions read."""
        return sorted({ref for each in self._compiled.values() for ref in each.facts}, key=str)

    def holds(self, text: str, values: Values, *, empty: bool) -> bool:
        """Say whether a condition holds; ``empty`` is what counts where there is none."""
        if not text.strip():
            return empty
        return bool(self._compiled[text].evaluate(values, self.at))

    def takes_part(self, values: Values) -> bool:
        """Say whether somebody takes part in the model at all."""
        return bool(self._compiled["about"].evaluate(values, self.at)) and self.holds(
            self.version.among, values, empty=True
        )

    def decide(self, standing: Standing | None, values: Values, now: datetime) -> Decision:
        """Return what is to become of somebody who stands somewhere in the model, or has never been in it."""
        entry = next(each for each in self.stages if each.kind == ENTRY)
        begins = self.takes_part(values) and self.holds(entry.enter, values, empty=True)
        if standing is None:
            return self._begun(entry, values) if begins else Decision()
        if standing.ended_at is not None:
            return self._again(standing, entry, values, now, begins=begins)
        here = next((each for each in self.stages if each.key == standing.stage_key), None)
        if here is None:
            return Decision()
        if not self.takes_part(values) or self.holds(self.version.leave, values, empty=False):
            return Decision(steps=(Step(stage=None, evidence=self.evidence(values, self.version.leave)),))
        return Decision(steps=tuple(self._onward(here, values)))

    def _again(self, standing: Standing, entry: Stage, values: Values, now: datetime, *, begins: bool) -> Decision:
        assert standing.ended_at is not None
        rested = now - standing.ended_at >= timedelta(days=self.version.again_days)
        if self.version.again.strip():
            ready = self.takes_part(values) and self.holds(self.version.again, values, empty=False)
            return self._begun(entry, values, fresh=True, by=self.version.again) if ready and rested else Decision()
        if not begins:
            return Decision(arms=not standing.armed)
        return self._begun(entry, values, fresh=True) if standing.armed and rested else Decision()

    def _begun(self, entry: Stage, values: Values, *, fresh: bool = False, by: str = "") -> Decision:
        first = Step(stage=entry, evidence=self.evidence(values, by or entry.enter), fresh=fresh)
        return Decision(steps=(first, *self._onward(entry, values)))

    def _onward(self, here: Stage, values: Values) -> Iterator[Step]:
        """Return the moves forward whose criteria are met, one stage after the other."""
        while here.kind not in ENDS and self.holds(here.leave, values, empty=True):
            ahead = [each for each in onward(list(self.stages), here) if each.position > here.position]
            meant = (each for each in ahead if self.holds(each.enter, values, empty=False))
            there = next(meant, None)
            if there is None:
                return
            yield Step(stage=there, evidence=self.evidence(values, there.enter, here.leave))
            here = there

    def evidence(self, values: Values, *conditions: str) -> dict[str, Any]:
        """Return the facts that some conditions read, with their values; of personal ones the name alone."""
        refs = sorted({ref for text in conditions if text.strip() for ref in self._compiled[text].facts}, key=str)
        return {str(ref): _plain(values.get(ref)) if self._kept.get(ref, False) else "…" for ref in refs}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [str(each) for each in value] if isinstance(value, list | tuple | set) else str(value)
