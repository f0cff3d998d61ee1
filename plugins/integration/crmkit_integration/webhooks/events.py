"""What happens to endpoints and deliveries. An endpoint is never told of these what is about itself."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("integration.endpoint.disabled")
class EndpointDisabled:
    """Nothing is delivered to an endpoint any more; ``because`` says why. Events wait for it."""

    endpoint_id: UUID
    because: Literal["manual", "gone", "failing", "owner"]


@event("integration.endpoint.enabled")
class EndpointEnabled:
    """An endpoint that was switched off is delivered to again."""

    endpoint_id: UUID


@event("integration.endpoint.failing")
class EndpointFailing:
    """Several deliveries to an endpoint have failed, and none has succeeded in between."""

    endpoint_id: UUID


@event("integration.endpoint.recovered")
class EndpointRecovered:
    """Something was delivered to an endpoint that was failing."""

    endpoint_id: UUID


@event("integration.delivery.died")
class DeliveryDied:
    """A delivery was given up after its last attempt: it is among the dead letters until somebody replays it."""

    endpoint_id: UUID
    delivery_id: UUID
    event_type: Plain


EVENTS = [EndpointDisabled, EndpointEnabled, EndpointFailing, EndpointRecovered, DeliveryDied]
