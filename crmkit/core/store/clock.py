"""The two clocks: the system's, for everything that is recorded, and the business's, for what counts as today.

They differ only where an installation replays the past, as the demonstration does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from attrs import field, frozen


def system_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@frozen
class Clock:
    """``now`` is the system's time, which ``recorded_at``, audit, tokens and leases use; ``business_now`` is what
    counts as the present for what occurred."""

    fixed: datetime | None = None
    """The instant at which the business's time stands still, or None where it is the system's."""
    system: Callable[[], datetime] = field(default=system_now)

    def now(self) -> datetime:
        """Return the system's present instant in UTC."""
        return self.system()

    def business_now(self) -> datetime:
        """Return the instant that counts as the present for what occurred, in UTC."""
        return self.fixed or self.system()

    def today(self, zone: str) -> date:
        """Return the business's calendar day in a time zone."""
        return self.business_now().astimezone(ZoneInfo(zone)).date()
