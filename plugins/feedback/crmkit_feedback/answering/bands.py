"""What a score means. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_feedback")

BANDS = {
    "promoter": _("Promoter"),
    "passive": _("Passive"),
    "detractor": _("Detractor"),
    "satisfied": _("Satisfied"),
    "neutral": _("Neutral"),
    "dissatisfied": _("Dissatisfied"),
}
RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""The lowest and the highest score of each measure."""
_CUTS = {
    "nps": ((9, "promoter"), (7, "passive"), (0, "detractor")),
    "csat": ((4, "satisfied"), (3, "neutral"), (0, "dissatisfied")),
    "ces": ((5, "satisfied"), (4, "neutral"), (0, "dissatisfied")),
}
FEWEST = 20
"""From how many scores on a measure is guessed."""


def band_of(metric: str | None, score: int | None) -> str | None:
    """Return what a score means, None without a score or a measure.

    NPS: 9 and 10 promoters, 7 and 8 passives (Reichheld 2003); CSAT: the upper two of five; CES: 5 to 7 of seven.
    """
    if score is None or metric not in _CUTS:
        return None
    return next(band for least, band in _CUTS[metric] if score >= least)


def guessed(scores: list[int]) -> str:
    """Return the measure that scores are most likely of, by their range: NPS where that leaves it open."""
    if len(scores) < FEWEST or min(scores) < 1 or max(scores) > 7:
        return "nps"
    return "csat" if max(scores) <= 5 else "ces"
