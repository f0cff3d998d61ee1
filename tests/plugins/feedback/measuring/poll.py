"""Surveys with answers that were written straight into their tables, for the tests of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.models import Survey
from sqlalchemy import insert

from crmkit import CRM, Actor, new_id

SYSTEM = Actor.system("a test")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

COUNTS: Mapping[str, tuple[int, int, int]] = {
    "Apples": (120, 47, 83),
    "Bananas": (115, 44, 91),
    "Berries": (117, 36, 97),
    "Oranges": (110, 49, 91),
}
"""Promoters, passives and detractors by business unit in the sample data of the R package NPS 1.1: aggregates alone."""
REGIONS: Mapping[str, tuple[int, int, int]] = {
    "APAC": (74, 23, 42),
    "EMEA": (110, 50, 99),
    "LATAM": (38, 20, 37),
    "NAM": (240, 83, 184),
}


def put(crm: CRM, model: Any, rows: Iterable[Mapping[str, Any]]) -> list[UUID]:
    """Write rows of a model, and return their ids."""
    table = cast(Any, model).__table__
    first = {"version": 1} if "version" in table.c else {}
    made = [{"id": new_id(), **first, **row} for row in rows]
    if made:
        with crm.engines.system_write.begin() as connection:
            connection.execute(insert(table), made)
    return [row["id"] for row in made]


def survey(crm: CRM, name: str = "relation", metric: str | None = "nps", **values: Any) -> UUID:
    """Add a survey and return its id."""
    row = {"name": name, "title": name.title(), "state": "imported", "metric": metric, "draft": {}, **values}
    return put(crm, Survey, [row])[0]


def respond(crm: CRM, of: UUID, scores: Iterable[int | None], *, at: datetime = START, **values: Any) -> list[UUID]:
    """Add a response for each score and return their ids."""
    rows = [
        {
            "survey_id": of,
            "score": score,
            "state": "complete",
            "channel": "import",
            "started_at": at,
            "answered_at": at,
            "attributes": {},
            **values,
        }
        for score in scores
    ]
    return put(crm, SurveyResponse, rows)


def answer(crm: CRM, of: UUID, responses: Iterable[UUID], question: str, values: Iterable[Any], **more: Any) -> None:
    """Add the answers of responses to a question: whole numbers as values, texts as choices."""
    now = datetime.now(UTC)
    put(
        crm,
        SurveyAnswer,
        (
            {
                "response_id": response,
                "survey_id": of,
                "question": question,
                "value": value if isinstance(value, int) else None,
                "choice": None if isinstance(value, int) else value,
                "item": None,
                "customer_id": None,
                "text": None,
                "recorded_at": now,
                "actor_id": "test",
                **more,
            }
            for response, value in zip(responses, values, strict=True)
        ),
    )


def customers(crm: CRM, number: int, **values: Any) -> list[UUID]:
    """Add customers and return their ids."""
    return [crm.run(SYSTEM, "customer.create", {"name": f"Customer {place}", **values}).id for place in range(number)]


def invite(crm: CRM, of: UUID, whom: Iterable[UUID], state: str = "sent", *, at: datetime = START) -> list[UUID]:
    """Add invitations that were sent, by a distribution of their own."""
    name = f"d{new_id().hex[-12:]}"
    by = put(
        crm, Distribution, [{"name": name, "title": name, "survey_id": of, "quotas": [], "rules": [], "reminders": []}]
    )
    rows = [
        {
            "distribution_id": by[0],
            "survey_id": of,
            "customer_id": each,
            "state": state,
            "due_at": at,
            "sent_at": at,
            "answered_at": at + timedelta(hours=1) if state == "completed" else None,
        }
        for each in whom
    ]
    return put(crm, Invitation, rows)


def fruit(crm: CRM, counts: Mapping[str, tuple[int, int, int]] = COUNTS, key: str = "BU") -> UUID:
    """Add a survey with the answers of the sample data, with one attribute."""
    made = survey(crm, "fruit")
    for name, (promoters, passives, detractors) in counts.items():
        scores = [10] * promoters + [7] * passives + [3] * detractors
        respond(crm, made, scores, attributes={key: name})
    return made
