"""What the dispatcher keeps about each implementation: its timing, and the circuit breaker that leaves it out.

Must not call implementations. A `Record` is shared by threads; its owner holds a lock around every change.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Literal, cast

from attrs import define, field, frozen


@frozen(kw_only=True)
class HookTiming:
    """How often a plugin's hook was called and how long it took; times are in microseconds of the wall clock."""

    plugin: str
    hook: str
    calls: int
    failures: int
    total_micros: float
    max_micros: float

    @property
    def mean_micros(self) -> float:
        """Return the mean time of a call in microseconds, 0 before the first."""
        return self.total_micros / self.calls if self.calls else 0.0


@frozen(kw_only=True)
class BreakerState:
    """The circuit breaker of a plugin's hook.

    ``state`` is "closed" (called as usual), "open" (left out) or "half_open" (about to be tried once). ``failures`` is
    the number in a row, ``retry_in`` the seconds until it is tried, ``reason`` what the last failure was.
    """

    plugin: str
    hook: str
    state: Literal["closed", "open", "half_open"]
    failures: int
    retry_in: float
    reason: str


@define(eq=False)
class Record:
    """One implementation, ready to be called with the spec's arguments."""

    plugin: str
    hook: str
    function: Callable[..., Any]
    pick: Callable[[dict[str, Any]], tuple[Any, ...]]
    folder: str | None
    calls: int = 0
    failed: int = 0
    total_nanos: int = 0
    max_nanos: int = 0
    failures_in_row: int = 0
    open_until: float | None = field(default=None)
    """Instant of the dispatcher's clock at which the hook is tried again; None while the breaker is closed."""
    trying: bool = False
    reason: str = ""

    def admit(self, now: float) -> bool:
        """Say whether an open breaker lets this one call through, and remember that it did."""
        if self.open_until is None:
            return True
        if now < self.open_until or self.trying:
            return False
        self.trying = True
        return True

    def succeeded(self) -> None:
        """Close the breaker."""
        self.failures_in_row = 0
        self.open_until = None
        self.trying = False
        self.reason = ""

    def failed_with(self, reason: str, *, now: float, limit: int, pause: float) -> bool:
        """Count a failure; return whether it opened the breaker (anew after a trial that failed)."""
        self.failures_in_row += 1
        self.reason = reason
        self.trying = False
        if self.failures_in_row < limit:
            return False
        self.open_until = now + pause
        return True

    def timing(self) -> HookTiming:
        """Return the timing so far."""
        return HookTiming(
            plugin=self.plugin,
            hook=self.hook,
            calls=self.calls,
            failures=self.failed,
            total_micros=self.total_nanos / 1000,
            max_micros=self.max_nanos / 1000,
        )

    def breaker(self, now: float) -> BreakerState:
        """Return the state of the breaker."""
        wait = 0.0 if self.open_until is None else max(0.0, self.open_until - now)
        return BreakerState(
            plugin=self.plugin,
            hook=self.hook,
            state="closed" if self.open_until is None else "open" if wait else "half_open",
            failures=self.failures_in_row,
            retry_in=wait,
            reason=self.reason,
        )


def picker(wanted: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Return a function that takes the values of some arguments, in order, out of a call's arguments."""
    if not wanted:
        return _nothing
    if len(wanted) == 1:
        (name,) = wanted
        return lambda arguments: (arguments[name],)
    return cast(Callable[[dict[str, Any]], tuple[Any, ...]], itemgetter(*wanted))


def _nothing(arguments: dict[str, Any]) -> tuple[Any, ...]:
    return ()
