"""Whether figures were helped along: whom owners have asked, runs of top scores, answers from one device."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, User, texts
from crmkit.engines.statistics.comparing import holm, two_proportions
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.measuring.reading import between, day_start, scale_of
from crmkit_feedback.measuring.scores import Scale
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

KINDS = {
    "asking": _("Asked few, who were satisfied"),
    "streak": _("A run of top scores"),
    "device": _("Several answers from one device"),
}
STREAK = 5
"""How many top scores after each other are a run worth a look."""
RARE = 0.01
"""A run that comes by chance less often than this is told of."""
SAME_DEVICE = 3
LEVEL = 0.05


@frozen(kw_only=True)
class Suspicion:
    """Something to look at, and no proof: what, about whom, how many of how many, and the chance of it."""

    kind: str
    key: str
    title: str
    count: int
    of: int
    p_value: float | None


def suspicions(
    session: CrmSession, survey: Survey, since: date | None = None, until: date | None = None
) -> tuple[Suspicion, ...]:
    """Return what looks as if a survey's figures had been helped along, of the answers of a span of days."""
    names: dict[UUID | None, str] = {row[0]: row[1] for row in session.execute(select(User.id, User.name))}
    scale = scale_of(session, survey)
    where = [SurveyResponse.survey_id == survey.id, SurveyResponse.score.is_not(None), *between(session, since, until)]
    query = select(SurveyResponse.owner_id, SurveyResponse.score).where(*where)
    query = query.order_by(SurveyResponse.owner_id, SurveyResponse.answered_at, SurveyResponse.id)
    scores: dict[UUID | None, list[int]] = defaultdict(list)
    for owner, score in session.execute(query):
        if owner is not None and score is not None and scale.holds(score):
            scores[owner].append(score)
    return (
        *_asking(session, survey, scores, names, scale, since, until),
        *_streaks(scores, names, scale),
        *_devices(session, survey, since, until),
    )


def _asking(
    session: CrmSession,
    survey: Survey,
    scores: dict[UUID | None, list[int]],
    names: dict[UUID | None, str],
    scale: Scale,
    since: date | None,
    until: date | None,
) -> list[Suspicion]:
    """Return owners who have asked a smaller share of their customers than the others, of whom more were satisfied."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    asked = (
        select(Customer.owner_id, func.count(func.distinct(Invitation.customer_id)))
        .join(Customer, Customer.id == Invitation.customer_id)
        .where(Invitation.survey_id == survey.id, Invitation.sent_at.is_not(None), Customer.owner_id.is_not(None))
    )
    if since is not None:
        asked = asked.where(Invitation.sent_at >= day_start(since, zone))
    if until is not None:
        asked = asked.where(Invitation.sent_at < day_start(until + timedelta(days=1), zone))
    by_owner = {row[0]: row[1] for row in session.execute(asked.group_by(Customer.owner_id))}
    own = select(Customer.owner_id, func.count()).where(Customer.owner_id.in_(list(by_owner)))
    customers = {row[0]: row[1] for row in session.execute(own.group_by(Customer.owner_id))}
    found: list[tuple[float, Suspicion]] = []
    all_asked, all_customers = sum(by_owner.values()), sum(customers.values())
    whole = Counter(scale.band(each) for given in scores.values() for each in given)
    for owner, number in by_owner.items():
        rest, rest_of = all_asked - number, all_customers - customers.get(owner, 0)
        given = scores.get(owner, [])
        if not rest_of or not given or len(given) == whole.total() or number > customers.get(owner, 0):
            continue
        good = sum(scale.band(each) == "good" for each in given)
        fewer = two_proportions(number, customers[owner], min(rest, rest_of), rest_of)
        better = two_proportions(good, len(given), whole["good"] - good, whole.total() - len(given))
        if (fewer.estimate.value or 0) < 0 < (better.estimate.value or 0):
            # Both have to hold at once: the larger p-value is that of the two together.
            p = max(fewer.test.p_value, better.test.p_value)
            title = names.get(owner, str(owner))
            found.append(
                (p, Suspicion(kind="asking", key=str(owner), title=title, count=number, of=customers[owner], p_value=p))
            )
    adjusted = holm([p for p, _each in found]) if found else []
    return [each for p, (_own, each) in zip(adjusted, found, strict=True) if p < LEVEL]


def _streaks(scores: dict[UUID | None, list[int]], names: dict[UUID | None, str], scale: Scale) -> list[Suspicion]:
    best = scale.low if scale.reversed else scale.high
    every = [score == best for given in scores.values() for score in given]
    found: list[Suspicion] = []
    for owner, given in scores.items():
        tops = [score == best for score in given]
        # What the others get is what chance would give: one's own run is not to explain itself.
        others = len(every) - len(tops)
        share = (sum(every) - sum(tops)) / others if others else sum(tops) / len(tops)
        longest = longest_run(tops)
        p = chance_of_run(len(tops), longest, share)
        if longest >= STREAK and p < RARE:
            title = names.get(owner, str(owner))
            found.append(Suspicion(kind="streak", key=str(owner), title=title, count=longest, of=len(tops), p_value=p))
    return sorted(found, key=lambda each: (each.p_value or 0, each.title))


def longest_run(tops: Sequence[bool]) -> int:
    """Return how many follow each other at most."""
    longest = run = 0
    for each in tops:
        run = run + 1 if each else 0
        longest = max(longest, run)
    return longest


def chance_of_run(n: int, length: int, share: float) -> float:
    """Return the probability of one run of a length at least among n answers, each a top one by chance, with a share.

    By the exact recursion of de Moivre: Feller (1968), An Introduction to Probability Theory, vol. 1, section XIII.7.
    """
    if length <= 0:
        return 1.0
    if n < length or share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    by = [0.0] * (n + 1)
    by[length] = share**length
    for place in range(length + 1, n + 1):
        by[place] = by[place - 1] + (1 - by[place - length - 1]) * (1 - share) * share**length
    return min(1.0, by[n])


def _devices(session: CrmSession, survey: Survey, since: date | None, until: date | None) -> list[Suspicion]:
    where = [
        SurveyResponse.survey_id == survey.id,
        SurveyResponse.device.is_not(None),
        *between(session, since, until),
    ]
    whole = session.scalar(select(func.count()).select_from(SurveyResponse).where(*where)) or 0
    query = select(SurveyResponse.device, func.count()).where(*where).group_by(SurveyResponse.device)
    query = query.having(func.count() >= SAME_DEVICE).order_by(func.count().desc(), SurveyResponse.device).limit(100)
    return [
        Suspicion(kind="device", key=str(device), title=str(device)[:8], count=number, of=whole, p_value=None)
        for device, number in session.execute(query)
    ]
