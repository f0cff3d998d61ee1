"""What happens to passages, for whoever listens: at most 1,000 customers in an event."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Word = Annotated[str, Input(classified="internal")]


@event("journey.passage.began")
class PassagesBegan:
    """Customers came into a flow."""

    flow: Word
    customer_ids: tuple[UUID, ...]
    passage_ids: tuple[UUID, ...]


@event("journey.passage.goal_reached")
class GoalsReached:
    """Customers reached the goal of a flow, or would have: those held out are named, too."""

    flow: Word
    customer_ids: tuple[UUID, ...]
    passage_ids: tuple[UUID, ...]


@event("journey.passage.ended")
class PassagesEnded:
    """Customers are through with a flow, by an outcome."""

    flow: Word
    outcome: Word
    customer_ids: tuple[UUID, ...]
    passage_ids: tuple[UUID, ...]


@event("journey.passage.failed")
class PassagesFailed:
    """What a node does could not be done, as often as it was tried; somebody has to look."""

    flow: Word
    node: Word
    customer_ids: tuple[UUID, ...]
    passage_ids: tuple[UUID, ...]


EVENTS = [PassagesBegan, GoalsReached, PassagesEnded, PassagesFailed]
