"""The reports on articles and their verification, counted by hand."""

from __future__ import annotations

from typing import Any

from crmkit.engines.reports.running import run
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.policies.test_policies import pass_days, policy


def figures(base: Base, name: str, *columns: str, **given: str) -> dict[str, tuple[Any, ...]]:
    """Return the figures of a report by the titles of its rows."""
    with base.crm.session(base.actor("mia")) as session:
        found = run(session, name, given)
        return {
            str(found.cell(row.key, "group").value): tuple(found.cell(row.key, column).value for column in columns)
            for row in found.rows
        }


def test_articles_are_counted_by_what_is_asked_for(both: Base) -> None:
    both.published("One", kind="faq")
    both.published("Two", kind="faq")
    both.write("Three", language="zh_Hans")
    names = ("articles", "shown", "in_work")
    assert {"Question and answer": (2, 2, 0), "How to": (1, 0, 1)} == figures(
        both, "knowledge.articles", *names, by="kind"
    )
    assert {"Not published yet": (1, 0, 1), "Published": (2, 2, 0)} == figures(both, "knowledge.articles", *names)
    assert {"en": (2, 2, 0), "zh_Hans": (1, 0, 1)} == figures(both, "knowledge.articles", *names, by="language")
    assert {"Help": (3, 2, 1)} == figures(both, "knowledge.articles", *names, by="space")


def test_verifications_are_counted_by_owner_and_month(both: Base) -> None:
    """One in time, one late, one overdue now; publishing is none."""
    policy(both, months=1, remind_days=0)
    owner: dict[str, Any] = {"owner_id": both.users["sue"]}
    early, late = both.published("Early", **owner), both.published("Late", **owner)
    both.published("Never", owner_id=both.users["mia"])
    both.clock.advance(days=10)
    both.run("knowledge.article.verify", target=early)
    pass_days(both, 30)
    both.run("knowledge.article.verify", target=late)
    names = ("overdue", "verified", "in_time")
    given = {"period": "2027-01-01..2027-12-31"}
    assert {"Sue": (0, 2, 1), "Mia": (1, 0, 0)} == {
        name: values
        for name, values in figures(both, "knowledge.verification", *names, **given).items()
        if name in ("Sue", "Mia")
    }
    assert {"2027-03": (0, 1, 1), "2027-04": (0, 1, 0)} == figures(
        both, "knowledge.verification", *names, by="month", **given
    )
