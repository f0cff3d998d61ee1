"""What happens to customers on their way."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("lifecycle.passage.begun")
class PassageBegun:
    """A customer has begun a passage through a model, the ``number``-th."""

    customer_id: UUID
    passage_id: UUID
    model: Plain
    number: int


@event("lifecycle.stage.entered")
class StageEntered:
    """A customer has come to a stage; ``stage_from`` is where he was before, ``cause`` what moved him."""

    customer_id: UUID
    passage_id: UUID
    model: Plain
    stage: Plain
    stage_from: Plain
    kind: Plain
    direction: Plain
    cause: Plain
    number: int


@event("lifecycle.passage.ended")
class PassageEnded:
    """A passage has ended: at its good end, at a bad one, or because its customer has left the model."""

    customer_id: UUID
    passage_id: UUID
    model: Plain
    outcome: Plain


@event("lifecycle.stage.late")
class StageLate:
    """A customer is longer in a stage than anybody should be."""

    customer_id: UUID
    passage_id: UUID
    model: Plain
    stage: Plain


@event("lifecycle.stage.answered")
class StageAnswered:
    """The side to which a customer was handed on entering a stage has accepted, declined, or let the time run out."""

    customer_id: UUID
    passage_id: UUID
    stage: Plain
    answer: Plain
    waited_seconds: int = 0


@event("lifecycle.rolled_up.changed")
class RolledUpChanged:
    """The stage that an organisation has by its people has changed."""

    customer_id: UUID
    model: Plain
    stage: Plain
    conflict: bool


EVENTS = [PassageBegun, StageEntered, PassageEnded, StageLate, StageAnswered, RolledUpChanged]
