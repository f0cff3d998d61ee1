"""Whether the index means anything: it is held against what customers say themselves (Customer Effort Score).

An answer belongs to the issue that it is about, else to the customer's last one that was over within 14 days before.
Spearman's rank correlation; its interval by Fisher's z with the standard error of Bonett & Wright, Sample size
requirements for estimating Pearson, Kendall and Spearman correlations, Psychometrika 65, 2000. Changes nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession
from crmkit.engines.statistics.distributions import Estimate
from crmkit_experience.effort.models import EffortIssue

AFTER = timedelta(days=14)
_Z = 1.959963984540054


def pairs_with_ces(session: CrmSession, start: datetime, end: datetime) -> list[tuple[float, int]]:
    """Return the index of issues with the scores (1 to 7, more is easier) that customers gave between two instants, as
    the reader sees both; none without feedback."""
    if "feedback.response" not in session.gate.registry.resources:
        return []
    from crmkit_feedback.api import Survey, SurveyResponse

    query = (
        select(SurveyResponse.customer_id, SurveyResponse.about, SurveyResponse.score, SurveyResponse.answered_at)
        .join(Survey, Survey.id == SurveyResponse.survey_id)
        .where(
            Survey.metric == "ces",
            SurveyResponse.score.is_not(None),
            SurveyResponse.customer_id.is_not(None),
            SurveyResponse.answered_at >= start,
            SurveyResponse.answered_at < end,
        )
        .order_by(SurveyResponse.answered_at, SurveyResponse.id)
    )
    answers = session.execute(query).all()
    held: dict[UUID, list[EffortIssue]] = defaultdict(list)
    by_ref: dict[str, EffortIssue] = {}
    issues = select(EffortIssue).where(EffortIssue.last_at >= start - AFTER, EffortIssue.last_at < end)
    for issue in session.scalars(issues.order_by(EffortIssue.last_at, EffortIssue.id)):
        held[issue.customer_id].append(issue)
        by_ref[issue.ref] = issue
    found: list[tuple[float, int]] = []
    for row in answers:
        meant = by_ref.get(row.about or "")
        if meant is None and row.customer_id is not None:
            before = [
                each for each in held[row.customer_id] if row.answered_at - AFTER <= each.last_at <= row.answered_at
            ]
            meant = before[-1] if before else None
        if meant is not None and row.score is not None:
            found.append((meant.index, row.score))
    return found


def spearman(pairs: Sequence[tuple[float, float]]) -> Estimate:
    """Return how the orders of two figures go together, -1 to 1, with its 95% interval; ties share their mean rank.
    None for fewer than four pairs, and where one of them does not vary."""
    n = len(pairs)
    if n < 4:
        return Estimate(value=None, low=None, high=None, n=n)
    one, two = ranks([first for first, _second in pairs]), ranks([second for _first, second in pairs])
    middle = (n + 1) / 2
    top = math.fsum((x - middle) * (y - middle) for x, y in zip(one, two, strict=True))
    bottom = math.sqrt(math.fsum((x - middle) ** 2 for x in one) * math.fsum((y - middle) ** 2 for y in two))
    if not bottom:
        return Estimate(value=None, low=None, high=None, n=n)
    value = max(-1.0, min(1.0, top / bottom))
    place = math.atanh(max(-1 + 1e-12, min(1 - 1e-12, value)))
    reach = _Z * math.sqrt((1 + value * value / 2) / (n - 3))
    return Estimate(value=value, low=math.tanh(place - reach), high=math.tanh(place + reach), n=n)


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 1 on; equal ones share the mean of theirs."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in order[start : end + 1]:
            found[place] = (start + end) / 2 + 1
        start = end + 1
    return found
