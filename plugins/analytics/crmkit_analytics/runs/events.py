"""What happens to model runs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event


@event("analytics.model.ended")
class ModelEnded:
    """A run has ended: done, refused or failed."""

    run_id: UUID
    model: Annotated[str, Input(classified="internal")]
    state: Annotated[str, Input(classified="internal")]


@event("analytics.model.adopted")
class ModelAdopted:
    """A run counts from now on: whoever scores with the model has to do so anew."""

    run_id: UUID
    model: Annotated[str, Input(classified="internal")]


@event("analytics.model.retired")
class ModelRetired:
    """A run no longer counts, and no other one does in its place."""

    run_id: UUID
    model: Annotated[str, Input(classified="internal")]


EVENTS = [ModelEnded, ModelAdopted, ModelRetired]
