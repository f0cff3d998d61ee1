"""What happens in churn: somebody has left or come back, or customers have become other ones."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Name = Annotated[str, Input(classified="internal")]


@event("churn.customer.left")
class CustomerLeft:
    """A customer has left by a definition."""

    customer_id: UUID
    definition: Name
    since: date


@event("churn.customer.returned")
class CustomerReturned:
    """A customer who had left has come back."""

    customer_id: UUID
    definition: Name


@event("churn.drift.found")
class DriftFound:
    """Customers are no longer like those whom the model has learnt from: ``features`` have shifted too far; "" is the
    probability itself."""

    run_id: UUID
    worst: float
    features: Annotated[list[str], Input(classified="internal")]


EVENTS = [CustomerLeft, CustomerReturned, DriftFound]
