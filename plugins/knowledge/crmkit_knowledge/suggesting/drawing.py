"""Which arm a visit falls into, and what came of both: sessions, deflection, and the difference that articles make.

Pure; must not know the database or the web.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from attrs import frozen

from crmkit.engines.statistics.distributions import Estimate
from crmkit.engines.statistics.hashing import held_out
from crmkit.engines.statistics.intervals import newcombe, wilson

NAME = "knowledge.deflection"


def arm_for(key: str, share: float) -> str:
    """Return the arm of a visitor: always the same for a key; whoever is in the control group stays there when its
    share grows. Raises InvalidInput for a share outside 0 to 1."""
    return "control" if held_out(NAME, share, UUID(bytes=sha256(key.encode()).digest()[:16])) else "shown"


@frozen(kw_only=True)
class Visited:
    """One visit with an intent to ask for help, and what came of it."""

    arm: str
    started_at: datetime
    viewed: bool = False
    answered: bool = False
    case_at: datetime | None = None

    def over(self, now: datetime, window: timedelta) -> bool:
        """Say whether the time is over within which a case would count."""
        return self.started_at + window <= now

    def opened(self, window: timedelta) -> bool:
        """Say whether a case came of it in time."""
        return self.case_at is not None and self.case_at - self.started_at <= window


@frozen(kw_only=True)
class Arm:
    """What came of the visits of one arm: how many there were, in how many an article was opened, in how many somebody
    said that it was answered, how many ended without a case, and how many of those after an article was opened."""

    sessions: int = 0
    viewed: int = 0
    answered: int = 0
    without_case: int = 0
    deflected: int = 0

    @property
    def rate(self) -> Estimate:
        """Return the share of visits that ended without a case, with Wilson's interval."""
        return wilson(self.without_case, self.sessions)


@frozen(kw_only=True)
class Deflection:
    """Both arms beside each other; ``running`` visits are not over yet and count in neither."""

    shown: Arm
    control: Arm
    running: int = 0

    @property
    def rate(self) -> Estimate | None:
        """Return the share of visits in which an article was opened and no case came, of the arm with articles. None
        while there is no control to hold it against."""
        if not self.control.sessions or not self.shown.sessions:
            return None
        return wilson(self.shown.deflected, self.shown.sessions)

    @property
    def difference(self) -> Estimate | None:
        """Return how much larger the share without a case is where articles were shown than in the control group, of
        all visits as they were drawn, with Newcombe's interval. None while one of the arms is empty."""
        if not self.control.sessions or not self.shown.sessions:
            return None
        return newcombe(self.shown.without_case, self.shown.sessions, self.control.without_case, self.control.sessions)


def deflection_of(visits: Iterable[Visited], now: datetime, window: timedelta) -> Deflection:
    """Return what came of visits by ``now``: those whose ``window`` is over count."""
    counts = {arm: [0, 0, 0, 0, 0] for arm in ("shown", "control")}
    running = 0
    for each in visits:
        if not each.over(now, window):
            running += 1
            continue
        opened = each.opened(window)
        found = (True, each.viewed, each.answered, not opened, each.viewed and not opened)
        counts[each.arm] = [before + said for before, said in zip(counts[each.arm], found, strict=True)]
    arms = {
        arm: Arm(sessions=one, viewed=two, answered=three, without_case=four, deflected=five)
        for arm, (one, two, three, four, five) in counts.items()
    }
    return Deflection(shown=arms["shown"], control=arms["control"], running=running)
