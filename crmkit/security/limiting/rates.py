"""What a limit is: so many calls in so much time. Must not know who calls, nor where calls are counted."""

from __future__ import annotations

from typing import Literal, get_args

from attrs import frozen

from crmkit.settings import Settings

Budget = Literal["api", "public", "search", "export", "import"]
BUDGETS: tuple[Budget, ...] = get_args(Budget)
"""What is counted apart: calls of who is known, calls of nobody, and of the known what costs more than others."""
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@frozen
class Rate:
    """``number`` calls at once, and as many again evenly over ``seconds``."""

    number: int
    seconds: int

    @property
    def interval(self) -> float:
        """Return the seconds after which one more call is let through."""
        return self.seconds / self.number


def read_rate(text: str) -> Rate | None:
    """Return the rate that a setting such as ``1200/minute`` means, None for ``off``."""
    if text == "off":
        return None
    number, _slash, unit = text.partition("/")
    return Rate(int(number), _SECONDS[unit])


def rates_of(settings: Settings) -> dict[Budget, Rate | None]:
    """Return the rates of an installation."""
    return {budget: read_rate(getattr(settings, f"rate_limit_{budget}")) for budget in BUDGETS}
