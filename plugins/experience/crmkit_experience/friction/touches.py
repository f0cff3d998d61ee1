"""How one customer fared at one step, and in which span of time that counts. Must not know the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Span:
    """From when (included) until when (not included) steps count, in UTC; ``follow`` is how long after a step a
    customer may take to go on."""

    since: datetime
    until: datetime
    follow: timedelta


@frozen(kw_only=True)
class Touch:
    """How one customer fared at one step in a span.

    ``dropped`` says whether the customer did not go on, ``effort`` is in the source's own unit, ``laborious`` whether
    that is high, ``score`` from 0 to 100, ``unhappy`` whether that is low; each is None where it is not known.
    """

    step: str
    customer_id: UUID
    dropped: bool | None = None
    effort: float | None = None
    laborious: bool | None = None
    score: float | None = None
    unhappy: bool | None = None
