"""Finding conversations that can be reviewed, and what speaks for looking at them. Changes nothing.

A fixed number of statements, however many conversations there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import evolve
from sqlalchemy import or_, select

from crmkit import CrmSession, Customer, Interaction, User, customers_where
from crmkit_experience.reviews.models import Review
from crmkit_experience.reviews.reading import CASE, user_of
from crmkit_experience.reviews.sampling import Candidate
from crmkit_experience.reviews.words import SPOKEN
from crmkit_experience.settings import settings_of

MOST = 20_000
"""Interactions of which conversations are made at most."""
AFTER = timedelta(days=7)
"""For so long after a conversation a survey's answer says something about it."""
LOW = {"nps": 6, "csat": 2, "ces": 3}
"""Up to which score an answer is low, by what its survey measures."""


def candidates(
    session: CrmSession, scorecard_id: UUID, unit: str, first: date, last: date, *, facts: str = "", risky: bool = False
) -> list[Candidate]:
    """Return the conversations that were over in some days of the company's zone, that a user had, and of which there
    is no review by the scorecard yet. ``risky`` finds out what speaks for each, ``facts`` is a condition that does.

    Raises ExpressionError for a condition that cannot be used.
    """
    zone = ZoneInfo(session.business().zone)
    start = datetime.combine(first, datetime.min.time(), zone)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), zone)
    found = _cases(session, start, end) if unit == "case" else _interactions(session, start, end)
    known = set(session.scalars(select(Review.ref).where(Review.scorecard_id == scorecard_id)))
    found = [each for each in found if each.ref not in known]
    return _with_risks(session, found, facts) if risky else found


def candidate_of(session: CrmSession, ref: str, record: Any) -> Candidate | None:
    """Return one conversation as it can be reviewed, None where it is about no customer or nobody had it."""
    found: list[Candidate]
    if ref.startswith(f"{CASE}:"):
        found = _of_cases(session, [record])
    elif isinstance(record, Interaction) and record.customer_id is not None:
        rows: list[Any] = [record]
        if record.thread:
            query = select(*_COLUMNS).where(
                Interaction.thread == record.thread, Interaction.customer_id == record.customer_id
            )
            rows = list(session.execute(query.order_by(Interaction.occurred_at, Interaction.id)))
        found = _of_rows(session, [rows])
    else:
        found = []
    return evolve(found[0], ref=ref) if found else None


_COLUMNS = (
    Interaction.id,
    Interaction.customer_id,
    Interaction.channel,
    Interaction.direction,
    Interaction.actor_id,
    Interaction.occurred_at,
    Interaction.thread,
    Interaction.duration,
    Interaction.outcome,
)


def _interactions(session: CrmSession, start: datetime, end: datetime) -> list[Candidate]:
    query = select(*_COLUMNS).where(
        Interaction.kind.in_(SPOKEN),
        Interaction.direction != "internal",
        Interaction.customer_id.is_not(None),
        Interaction.reverses_id.is_(None),
        Interaction.occurred_at >= start,
        Interaction.occurred_at < end,
    )
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in session.execute(query.order_by(Interaction.occurred_at, Interaction.id).limit(MOST)):
        groups[(row.customer_id, row.thread) if row.thread else row.id].append(row)
    return _of_rows(session, list(groups.values()))


def _of_rows(session: CrmSession, groups: Sequence[Sequence[Any]]) -> list[Candidate]:
    settings = settings_of(session.crm.settings)
    bad, long = set(settings.review_bad_outcomes), settings.review_long_minutes * 60
    users = {each.id for each in _in(session, User, {user_of(row.actor_id) for rows in groups for row in rows})}
    teams = {
        each.id: each.team_id for each in _in(session, Customer, {row.customer_id for rows in groups for row in rows})
    }
    found: list[Candidate] = []
    for rows in groups:
        took = [(row, user) for row in rows if (user := user_of(row.actor_id)) in users and user is not None]
        spoke = [user for row, user in took if row.direction == "out"] or [user for _row, user in took]
        if not spoke:
            continue
        last = rows[-1]
        risks = [
            *(["long"] if sum(row.duration or 0 for row in rows) >= long else []),
            *(["outcome"] if any(row.outcome in bad for row in rows) else []),
        ]
        found.append(
            Candidate(
                ref=f"interaction:{last.id}",
                customer_id=last.customer_id,
                owner_id=spoke[-1],
                team_id=teams.get(last.customer_id),
                channel=last.channel,
                at=last.occurred_at,
                risks=tuple(risks),
                people=frozenset(user for _row, user in took),
            )
        )
    return found


def _cases(session: CrmSession, start: datetime, end: datetime) -> list[Candidate]:
    known = session.gate.registry.resources.get(CASE)
    if known is None:
        return []
    model: Any = known.model
    query = select(model).where(
        model.resolved_at >= start,
        model.resolved_at < end,
        model.owner_id.is_not(None),
        model.state.in_(("resolved", "closed")),
    )
    return _of_cases(session, session.scalars(query.order_by(model.resolved_at, model.id).limit(MOST)).all())


def _of_cases(session: CrmSession, cases: Sequence[Any]) -> list[Candidate]:
    from crmkit_service.api import CaseMessage

    long = timedelta(days=settings_of(session.crm.settings).review_long_case_days)
    people: dict[UUID, set[UUID]] = defaultdict(set)
    query = select(CaseMessage.case_id, CaseMessage.author_id).where(CaseMessage.author_id.is_not(None))
    for start in range(0, len(cases), 1000):
        ids = [each.id for each in cases[start : start + 1000]]
        for case_id, author_id in session.execute(query.where(CaseMessage.case_id.in_(ids)).distinct()):
            people[case_id] |= {author_id} if author_id is not None else set()
    found: list[Candidate] = []
    for each in cases:
        if each.owner_id is None:
            continue
        over = each.resolved_at or each.last_out_at or each.opened_at
        risks = [
            *(["long"] if over - each.opened_at >= long else []),
            *(["outcome"] if each.breached or each.reopened or each.kind == "complaint" else []),
        ]
        found.append(
            Candidate(
                ref=f"{CASE}:{each.id}",
                customer_id=each.customer_id,
                owner_id=each.owner_id,
                team_id=each.team_id,
                channel=each.channel,
                at=over,
                risks=tuple(risks),
                people=frozenset(people[each.id]),
            )
        )
    return found


def _with_risks(session: CrmSession, found: Sequence[Candidate], facts: str) -> list[Candidate]:
    meant: set[Any] = set()
    if facts.strip() and found:
        meant = set(session.scalars(customers_where(session, facts, among=[each.customer_id for each in found])))
    elif facts.strip():
        customers_where(session, facts)
    low = _low_scores(session, found)
    return [
        evolve(
            each,
            risks=(
                *(("facts",) if each.customer_id in meant else ()),
                *(
                    ("low_score",)
                    if any(
                        about == each.ref or (about is None and each.at <= at < each.at + AFTER)
                        for about, at in low[each.customer_id]
                    )
                    else ()
                ),
                *each.risks,
            ),
        )
        for each in found
    ]


def _low_scores(session: CrmSession, found: Sequence[Candidate]) -> dict[UUID, list[tuple[str | None, datetime]]]:
    """Return, by customer, about what and when low scores were given."""
    low: dict[UUID, list[tuple[str | None, datetime]]] = defaultdict(list)
    if not found or "feedback.response" not in session.gate.registry.resources:
        return low
    from crmkit_feedback.api import Survey, SurveyResponse

    earliest = min(each.at for each in found)
    query = (
        select(SurveyResponse.customer_id, SurveyResponse.about, SurveyResponse.answered_at)
        .join(Survey, Survey.id == SurveyResponse.survey_id)
        .where(
            SurveyResponse.customer_id.is_not(None),
            SurveyResponse.answered_at >= earliest,
            or_(*((Survey.metric == metric) & (SurveyResponse.score <= most) for metric, most in LOW.items())),
        )
    )
    for customer_id, about, at in session.execute(query):
        if customer_id is not None:
            low[customer_id].append((about, at))
    return low


def _in(session: CrmSession, model: Any, ids: Collection[Any]) -> list[Any]:
    wanted = [each for each in ids if each is not None]
    return [
        each
        for start in range(0, len(wanted), 1000)
        for each in session.scalars(select(model).where(model.id.in_(wanted[start : start + 1000])))
    ]
