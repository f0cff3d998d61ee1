"""What happens to warnings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Name = Annotated[str, Input(classified="internal")]


@event("churn.warning.opened")
class WarningOpened:
    """Somebody was warned of a customer."""

    customer_id: UUID
    warning_id: UUID
    cause: Name


@event("churn.warning.settled")
class WarningSettled:
    """A warning has come to its end."""

    customer_id: UUID
    warning_id: UUID
    cause: Name
    to_state: Name


EVENTS = [WarningOpened, WarningSettled]
