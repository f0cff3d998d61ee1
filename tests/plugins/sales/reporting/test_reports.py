"""The reports on sales, on the story of a quarter: figures by hand, as of earlier days, with what has no rate named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import ClosingReason
from crmkit_sales.reporting.funnel import course_of
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.engines.reports.running import rows_behind, run
from crmkit.hooks.contributions import Figure
from tests.conftest import Templates
from tests.plugins.sales.forecasting.conftest import SYSTEM, Story, as_user, day, sqlite_story, told

__all__ = ["told"]

Told = tuple[CRM, Story]
YEAR = {"period": "2026"}


@pytest.fixture
def lite(templates: Templates, tmp_path: Path) -> Iterator[Told]:
    """The story on SQLite alone."""
    crm, story = sqlite_story(templates, tmp_path)
    with crm:
        yield crm, story


def report(crm: CRM, name: str, *columns: str, actor: Actor = SYSTEM, as_of: date | None = None, **given: str) -> Any:
    """Run a report and return some of its columns by the titles of the rows."""
    with crm.session(actor) as session:
        found = run(session, name, given, as_of=as_of)
    titles = [next(iter(row.cells[1:2])).value for row in found.rows]
    return {
        str(title): tuple(found.cell(row.key, column).value for column in columns)
        for title, row in zip(titles, found.rows, strict=True)
    }, found


def test_the_pipeline_by_stage(told: Told) -> None:
    """In the order of the stages; what has no rate is counted, is in no amount, and is named."""
    crm, _story = told
    rows, found = report(crm, "sales.pipeline", "count", "amount", "weighted")
    assert rows == {
        "Qualification": (1, 90_000, 18_000),
        "Proposal": (5, 100_000 + 300_000 + 60_000 + 72_000, 40_000 + 150_000 + 30_000 + 36_000),
        "Negotiation": (1, 260_000, 208_000),
    }
    assert [note.values for note in found.notes] == [{"count": 1, "currency": "JPY"}]


@pytest.mark.parametrize("by", ["stage", "owner", "team", "source", "region", "category", "pipeline"])
def test_present_and_past_agree(told: Told, by: str) -> None:
    """What the database adds up at present is what the history says of the same day, by whatever it is divided."""
    crm, _story = told
    present, _found = report(crm, "sales.pipeline", "count", "amount", "weighted", by=by)
    for basis in ("deal", "close", "budget"):
        now, _found = report(crm, "sales.pipeline", "count", "amount", "weighted", by=by, basis=basis)
        past, _found = report(
            crm, "sales.pipeline", "count", "amount", "weighted", by=by, basis=basis, as_of=date(2026, 8, 20)
        )
        assert now == past
    assert sum(amount for _count, amount, _weighted in present.values()) == 882_000


def test_the_pipeline_as_it_stood(told: Told) -> None:
    """On 10 July nothing had been won, lost or changed."""
    crm, _story = told
    rows, _found = report(crm, "sales.pipeline", "count", "amount", as_of=date(2026, 7, 10))
    assert rows == {"Proposal": (6, 590_000), "Negotiation": (2, 600_000)}


def test_the_rows_behind_a_figure(told: Told) -> None:
    """The deals of the group, the largest first."""
    crm, _story = told
    _rows, found = report(crm, "sales.pipeline", "count", by="owner")
    with crm.session(SYSTEM) as session:
        behind = rows_behind(session, "sales.pipeline", Figure(row=found.rows[0].key, column="count"), {"by": "owner"})
    assert [row.cells[1].value for row in behind.rows] == ["Slips", "New", "Dollars", "Comes"]


def test_won_and_lost(told: Told) -> None:
    """By person, with the win rate; and the deals behind it."""
    crm, _story = told
    rows, found = report(crm, "sales.won_lost", "won", "lost", "won_amount", "lost_amount", "days", by="owner", **YEAR)
    assert rows == {"Sam": (1, 0, 400_000, 0, 40.0), "Sue": (0, 1, 0, 70_000, None)}
    assert found.cell("total", "rate").value == 0.5
    assert report(crm, "sales.won_lost", "lost", by="competitor", **YEAR)[0] == {"No competitor": (1,)}


def test_a_reason_is_named(lite: Told) -> None:
    """What was lost for a reason to choose from stands under it."""
    crm, story = lite
    crm.run(SYSTEM, "sales.reason.create", {"name": "late", "title": "Too late", "kind": "lost"})
    with crm.session(SYSTEM) as session:
        reason = session.scalars(select(ClosingReason.id).where(ClosingReason.name == "late")).one()
    crm.run(SYSTEM, "sales.opportunity.lose", {"reason_id": reason}, target=story.deals["stays"])
    rows, _found = report(crm, "sales.won_lost", "won", "lost", "lost_amount", **YEAR)
    assert rows["Too late"] == (0, 1, 100_000)


def test_the_leaderboard(told: Told) -> None:
    """Who won most comes first; a quota is held against it, and who has one and won nothing is there, too."""
    crm, story = told
    for login, amount in (("sam", 800_000), ("mia", 100)):
        quota = {"first": "2026-07-01", "last": "2026-09-30", "amount_minor": amount, "owner_id": story.users[login]}
        crm.run(SYSTEM, "sales.quota.create", quota)
    _rows, found = report(crm, "sales.leaders", "won", period="2026-Q3")
    shown = [
        tuple(found.cell(row.key, name).value for name in ("place", "group", "won_amount", "attained"))
        for row in found.rows
    ]
    assert shown == [(1, "Sam", 400_000, 0.5), (2, "Mia", 0, 0.0), (3, "Sue", 0, None)]


def test_products_add_up_to_what_was_won(lite: Told) -> None:
    """Each line's share of its deal; what is left after rounding goes to the last one."""
    crm, story = lite
    one, two = (crm.run(SYSTEM, "product.create", {"sku": sku, "title": sku.upper()}).id for sku in ("a", "b"))
    lines = [
        {"product_id": str(product), "quantity": "1", "unit_price_minor": price}
        for product, price in ((one, 33_333), (two, 66_667))
    ]
    crm.run(SYSTEM, "sales.opportunity.set_lines", {"currency": "USD", "lines": lines}, target=story.deals["dollars"])
    crm.run(SYSTEM, "sales.opportunity.win", target=story.deals["dollars"])
    rows, _found = report(crm, "sales.products_won", "won", "won_amount", **YEAR)
    assert set(rows) == {"A", "B", "No product"}
    assert sum(amount for _count, amount in rows.values()) == 400_000 + 720_000
    assert rows["A"][1] == pytest.approx(239_998, abs=1)


def test_the_funnel(told: Told) -> None:
    """Nine were opened; who was won came through all stages; time is told of those who left a stage."""
    crm, story = told
    crm.run(SYSTEM, "sales.opportunity.move", {"stage": "proposal"}, target=story.deals["new"])
    rows, found = report(crm, "sales.funnel", "reached", "next", "days", period="2026-Q3")
    assert rows == {
        "Qualification": (9, 9, 31.0),
        "Proposal": (9, 2, 40.0),
        "Negotiation": (2, 1, 40.0),
        "Won": (1, 0, None),
    }
    assert found.cell("negotiation", "conversion").value == 0.5
    assert found.cell("won", "conversion").value is None
    assert found.cell("qualification", "through").value == pytest.approx(1 / 9)


def test_the_course_of_a_deal() -> None:
    """Visits of the same stage are told apart; changes within a stage are none."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    states = [("a", "open"), ("a", "open"), ("b", "open"), ("a", "open"), ("won", "won")]
    found = course_of([(at + timedelta(days=2**n), stage, kind) for n, (stage, kind) in enumerate(states)])
    assert (found.reached, found.kind) == (frozenset({"a", "b"}), "won")
    assert found.days == (("a", 3.0), ("b", 4.0), ("a", 8.0))


def test_the_forecast_by_month(told: Told) -> None:
    """Each month by what closes in it."""
    crm, _story = told
    with crm.session(SYSTEM) as session:
        found = run(session, "sales.forecast", {"period": "2026-08-01..2026-10-31"})
    figures = {
        row.key: tuple(found.cell(row.key, name).value for name in ("closed", "commit", "pipeline", "weighted"))
        for row in found.rows
    }
    assert figures == {
        "2026-08": (400_000, 400_000, 490_000, 418_000),
        "2026-09": (0, 260_000, 492_000, 208_000 + 40_000 + 30_000 + 36_000),
        "2026-10": (0, 0, 0, 0),
    }


def test_the_movement_as_a_report(told: Told) -> None:
    """The same lines as on the page, those that are taken off below nought; each leads to its deals."""
    crm, story = told
    given = {"since": "2026-07-10", "until": "2026-08-20", "closing": "2026-Q3"}
    rows, _found = report(crm, "sales.movement", "amount", **given)
    assert sum(amount for (amount,) in list(rows.values())[:-1]) == rows["Closing"][0] == 582_000
    with crm.session(SYSTEM) as session:
        behind = rows_behind(session, "sales.movement", Figure(row="won", column="amount"), given)
    assert [row.cells[0].value for row in behind.rows] == [str(story.deals["wins"])]


def test_how_right_forecasts_were(lite: Told) -> None:
    """What was said in the first week of the quarter against what it came to, as adjusted and as the deals said."""
    crm, story = lite
    day(crm, "2026-09-02")
    crm.run(SYSTEM, "sales.forecast.adjust", _adjust(story, "sam", 200_000))
    crm.run(SYSTEM, "sales.forecast.snapshot", {"period": "2026-09"})
    crm.worker().run_until_idle()
    crm.run(SYSTEM, "sales.opportunity.win", target=story.deals["grows"])
    day(crm, "2026-10-05")
    values = {"period": "2026-09", "figure": "commit"}
    _rows, found = report(crm, "sales.forecast_accuracy", "owner", "forecast", "actual", **values)
    sam = next(row for row in found.rows if found.cell(row.key, "owner").value == "Sam")
    assert (found.cell(sam.key, "forecast").value, found.cell(sam.key, "actual").value) == (200_000, 260_000)
    assert found.cell("total", "wape").value == pytest.approx(60 / 260)
    assert found.cell("total", "bias").value == pytest.approx(-60 / 260)
    _rows, plain = report(crm, "sales.forecast_accuracy", "forecast", adjusted="false", **values)
    assert plain.cell("total", "wape").value == 0


def _adjust(story: Story, login: str, amount: int) -> dict[str, Any]:
    return {
        "owner_id": story.users[login],
        "measure": "commit",
        "amount_minor": amount,
        "reason": "Careful",
        "period": "2026-09",
    }


def test_visits_against_a_target(lite: Told) -> None:
    """Who visited and called how many, with how many customers: 2 of 10 a week is a fifth."""
    crm, story = lite
    sam = as_user(story, "sam")
    for kind, on in (("visit", "2026-08-18"), ("call", "2026-08-19"), ("email", "2026-08-19"), ("visit", "2026-07-01")):
        values = {"kind": kind, "customer_id": story.customer, "occurred_at": f"{on}T03:00:00Z"}
        crm.run(sam, "interaction.record", values)
    rows, _found = report(
        crm,
        "sales.visits",
        "visit",
        "call",
        "total",
        "customers",
        "attained",
        period="2026-08-17..2026-08-23",
        weekly="10",
    )
    assert rows == {"Sam": (1, 1, 2, 1, 0.2)}


def test_reports_cover_what_the_reader_sees(told: Told) -> None:
    """A seller's are made of what the seller's team has."""
    crm, story = told
    rows, _found = report(crm, "sales.pipeline", "count", by="owner", actor=as_user(story, "sue"))
    assert rows == {"Sue": (4,)}
    with crm.session(as_user(story, "sue")) as session:
        assert len(session.scalars(select(Opportunity)).all()) == 5
