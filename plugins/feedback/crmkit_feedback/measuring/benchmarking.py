"""How a group stands beside its own past: the last days against those before, with tests. Own history goes first: what
others report is measured otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from attrs import evolve, frozen

from crmkit import CrmSession
from crmkit.engines.statistics.comparing import holm
from crmkit_feedback.measuring.comparing import Gap, gap
from crmkit_feedback.measuring.reading import figures
from crmkit_feedback.measuring.scores import Figure
from crmkit_feedback.surveys.models import Survey


@frozen(kw_only=True)
class Standing:
    """A group now and before, and the difference (None where one of them has no value), p-values by Holm."""

    now: Figure
    before: Figure | None
    gap: Gap | None


def standings(
    session: CrmSession,
    survey: Survey,
    by: str | None = None,
    *,
    days: int = 90,
    history: int = 365,
    until: date | None = None,
    question: str = "",
) -> tuple[Standing, ...]:
    """Return the figures of the last ``days`` beside those of the ``history`` days before them, by group."""
    last = until or session.today()
    first = last - timedelta(days=days - 1)
    now = figures(session, survey, by, first, last, question=question)
    base = figures(session, survey, by, first - timedelta(days=history), first - timedelta(days=1), question=question)
    before = {each.key: each for each in base}
    found = [Standing(now=each, before=before.get(each.key), gap=_gap(each, before.get(each.key))) for each in now]
    return _corrected(found)


def _gap(now: Figure, before: Figure | None) -> Gap | None:
    return None if before is None else gap(now, before)


def _corrected(found: Sequence[Standing]) -> tuple[Standing, ...]:
    made = [each.gap for each in found if each.gap is not None]
    adjusted = iter(holm([each.p_value for each in made]) if made else [])
    return tuple(
        each if each.gap is None else evolve(each, gap=evolve(each.gap, adjusted=next(adjusted))) for each in found
    )
