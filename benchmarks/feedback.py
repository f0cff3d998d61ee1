"""Feedback: figures of many answers under the access filter beside hand-written SQL, and with ``--data`` every figure
of the sample of the R package NPS 1.1 (GPL, so that it is not kept here)."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor, new_id

ACTOR = Actor.system("benchmark")
ROUNDS = 7
CUSTOMERS = 1000
BAR = 2.0
BY_HAND = """
    SELECT CASE WHEN score >= 9 THEN 'good' WHEN score >= 7 THEN 'middling' ELSE 'bad' END, channel, count(*)
    FROM feedback_response WHERE survey_id = :survey AND score IS NOT NULL
    AND customer_id IN (SELECT id FROM crm_customer WHERE owner_id = :owner AND deleted_at IS NULL)
    GROUP BY 1, 2
"""


def run(bench: Bench) -> None:
    """Measure figures on each engine, and check the sample where it is there."""
    if bench.data is not None:
        _check(bench, bench.data)
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("feedback")
            with CRM.open(url) as crm:
                survey, agent = _fill(crm, bench.rows)
                ours, floor = in_turn(
                    lambda crm=crm, agent=agent: _ours(crm, agent),
                    lambda crm=crm, survey=survey, agent=agent: _by_hand(crm, survey, agent),
                    rounds=ROUNDS,
                )
        bench.note(
            f"NPS by channel of {bench.rows:,} answers",
            engine,
            ours * 1000,
            floor * 1000,
            floor_name="hand-written SQL",
            bar=BAR,
            unit="ms",
        )


def _fill(crm: CRM, number: int) -> tuple[UUID, Actor]:
    from crmkit_feedback.answering.models import SurveyResponse
    from crmkit_feedback.surveys.models import Survey

    user = crm.run(ACTOR, "user.create", {"login": "ada", "name": "Ada"})
    crm.run(ACTOR, "user.assign_role", {"role": "seller"}, target=user.id)
    made = [
        crm.run(ACTOR, "customer.create", {**customer(place), "owner_id": user.id if place % 2 else None}).id
        for place in range(min(CUSTOMERS, number))
    ]
    surveys, responses = (cast(Any, model).__table__ for model in (Survey, SurveyResponse))
    survey, now = new_id(), datetime.now(UTC)
    row = {"id": survey, "version": 1, "name": "big", "title": "Big", "state": "imported", "metric": "nps", "draft": {}}
    first = {"version": 1} if "version" in responses.c else {}
    with crm.engines.system_write.begin() as connection:
        connection.execute(insert(surveys), [row])
        for start in range(0, number, 5000):
            connection.execute(
                insert(responses),
                [
                    {
                        "id": new_id(),
                        **first,
                        "survey_id": survey,
                        "customer_id": made[place % len(made)],
                        "score": (place * 7) % 11,
                        "state": "complete",
                        "channel": ("web", "email", "phone", "qr")[place // len(made) % 4],
                        "started_at": now - timedelta(minutes=place),
                        "answered_at": now - timedelta(minutes=place),
                        "attributes": {},
                    }
                    for place in range(start, min(start + 5000, number))
                ],
            )
    with crm.engines.system_write.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return survey, Actor.user(user.id, "Ada")


def _ours(crm: CRM, agent: Actor) -> None:
    from crmkit_feedback.measuring.reading import figures, survey_of

    with crm.session(agent) as session:
        found = figures(session, survey_of(session, "big"), "channel")
        assert len(found) == 4


def _by_hand(crm: CRM, survey: UUID, agent: Actor) -> None:
    from sqlalchemy import bindparam

    from crmkit import Id

    assert agent.user_id is not None
    statement = text(BY_HAND).bindparams(bindparam("survey", survey, Id()), bindparam("owner", agent.user_id, Id()))
    with crm.engines.system_read.connect() as connection:
        assert len(connection.execute(statement).all()) == 12


def _check(bench: Bench, folder: Path) -> None:
    """Compare each figure of the sample with what the package says, to six digits."""
    from crmkit_feedback.measuring.scores import SCALES, figure_of

    folder = folder / "feedback-nps" if (folder / "feedback-nps").is_dir() else folder
    if not (folder / "nps_responses.csv").is_file():
        return
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    with (folder / "nps_responses.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong = 0
    for column, name in (("", "overall"), ("BU", "by_business_unit"), ("Region", "by_region")):
        counts: dict[str, Counter[int]] = {}
        for row in rows:
            counts.setdefault(row[column] if column else "", Counter())[int(row["REC"])] += 1
        for key, each in counts.items():
            told = expected[name][key] if column else expected[name]
            found = figure_of(each, SCALES["nps"]).document()
            wrong += sum(found[field] != value for field, value in told.items())
    bench.note("wrong figures of the sample of NPS 1.1", "-", wrong + 1, 1, floor_name="none", bar=1.0, unit="")
