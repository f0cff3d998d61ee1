"""What a score is: its band, and the limits between which it lies. Must not know the database."""

from __future__ import annotations

from collections.abc import Mapping

LIMITS: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5)}
"""The lowest and the highest score of each measure; ``stars`` are those of a review."""
_FROM: Mapping[str, tuple[int, int]] = {"nps": (7, 9), "csat": (3, 4), "ces": (4, 5), "stars": (3, 4)}
"""From which score on it is middling, and from which good."""


def band_of(metric: str | None, score: int | None) -> str | None:
    """Return "bad", "middling" or "good" for a score of a measure; None without either, or for another measure.

    NPS: 0 to 6, 7 to 8, 9 to 10 (detractor, passive, promoter); CSAT and stars: 1 to 2, 3, 4 to 5; CES (agreement that
    it was easy): 1 to 3, 4, 5 to 7.
    """
    if score is None or metric is None or metric not in _FROM:
        return None
    middling, good = _FROM[metric]
    return "good" if score >= good else "middling" if score >= middling else "bad"
