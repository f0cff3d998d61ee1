"""When a message that could not be delivered is tried again, and when an endpoint is left in peace for a while.

Pure; all times are in seconds or aware instants. Must not know databases or the network.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between the attempts at a message, as Standard Webhooks has them: the last is made three days after the
first."""
ATTEMPTS = len(PAUSES) + 1
JITTER = 0.1
"""Share by which a pause is longer or shorter by chance, so that what failed together does not come back together."""
LONGEST = timedelta(days=1)
"""Longest time that a receiver can ask for by ``Retry-After``."""
RESTING = 5
"""After so many failures without a success one message at a time is tried."""
_LONGEST_REST = 300.0

Chance = Callable[[], float]


def pause(attempts: int, chance: Chance = random.random) -> timedelta:
    """Return how long to wait after so many attempts; after the last of the plan as long as before it."""
    seconds = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance() - 1)))


def rest(failures: int, chance: Chance = random.random) -> timedelta:
    """Return how long an endpoint is left in peace after so many failures without a success: not at all, then from 5
    seconds to 5 minutes."""
    if failures < RESTING:
        return timedelta(0)
    seconds = min(5.0 * 2.0 ** min(failures - RESTING, 10), _LONGEST_REST)
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance() - 1)))


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long a receiver asks to be left alone, a day at most, or None where it does not ask.

    ``headers`` have names in small letters; the value is a number of seconds or a date of HTTP.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text[:9]), 86_400)), LONGEST)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST)
