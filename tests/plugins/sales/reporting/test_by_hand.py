"""The report by stage says what one would find by hand; how quick it is, the benchmarks say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crmkit_sales.pipelines.models import Opportunity
from sqlalchemy import insert, select, text

from crmkit import new_id
from crmkit.app import CRM
from crmkit.engines.reports.running import run
from tests.conftest import Templates
from tests.plugins.sales.forecasting.conftest import SYSTEM, sqlite_story

BY_HAND = """
    SELECT s.title, count(*), coalesce(sum(o.amount_minor), 0),
           coalesce(sum((o.amount_minor * o.effective_probability + 5000) / 10000), 0)
    FROM sales_opportunity o JOIN sales_stage s ON s.id = o.stage_id
    WHERE o.stage_kind = 'open' AND (o.currency = 'CNY' OR o.currency IS NULL)
    GROUP BY s.id, s.title, s.position ORDER BY s.position
"""


def fill(crm: CRM, model: Any, count: int) -> None:
    """Copy an opportunity so many times, each with another amount and stage."""
    table = model.__table__
    with crm.engines.system_write.begin() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        own = [row for row in rows if row["stage_kind"] == "open" and row["currency"] == "CNY"]
        made = [
            {**own[number % len(own)], "id": new_id(), "number": 1000 + number, "amount_minor": 100 + number * 7}
            for number in range(count)
        ]
        for start in range(0, count, 5000):
            connection.execute(insert(table), made[start : start + 5000])


def test_the_pipeline_by_stage_is_what_one_would_count_by_hand(templates: Templates, tmp_path: Path) -> None:
    """To the cent the same, of many opportunities."""
    crm, _story = sqlite_story(templates, tmp_path)
    with crm:
        fill(crm, Opportunity, 3000)
        with crm.engines.system_read.connect() as connection:
            expected = [tuple(row) for row in connection.execute(text(BY_HAND))]
        with crm.session(SYSTEM) as session:
            found = run(session, "sales.pipeline", {})
        names = ("group", "count", "amount", "weighted")
        rows = [tuple(found.cell(row.key, name).value for name in names) for row in found.rows]
    # What is in other currencies is converted, and stands in the report alone.
    dollars, yen = (72_000, 36_000), 1
    corrected = [
        (title, n + 1 + yen, amount + dollars[0], weighted + dollars[1])
        if title == "Proposal"
        else (title, n, amount, weighted)
        for title, n, amount, weighted in expected
    ]
    assert rows == corrected
