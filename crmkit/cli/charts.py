"""Small charts of characters for the terminal: bars beside a table's rows, and a line of bars. Must not print."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 24
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"


def bar(value: float, largest: float, width: int = WIDTH) -> str:
    """Return a bar, to an eighth of a character; nothing for what is not above zero."""
    if value <= 0 or largest <= 0:
        return ""
    eighths = max(1, round(min(value / largest, 1) * width * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def line(values: Sequence[float]) -> str:
    """Return one character for each value, as high as it is among all of them; a flat row lies at the bottom."""
    low, high = min(values, default=0), max(values, default=0)
    span = high - low
    return "".join(_LEVELS[round((value - low) / span * (len(_LEVELS) - 1)) if span else 0] for value in values)
