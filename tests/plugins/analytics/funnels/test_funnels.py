"""Funnels: laid down with versions, steps within a window, exclusion, intervals, groups compared, customers behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from crmkit_analytics.definitions.keeping import listed, versions
from crmkit_analytics.funnels.steps import EXCLUDED, courses, days_to, nearest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, InvalidInput
from crmkit.engines.reports.running import rows_behind, run
from crmkit.errors import UnknownFact
from crmkit.hooks.contributions import Figure
from tests.plugins.analytics.shop import SYSTEM, Shop

MAY = date(2026, 5, 4)
SPRING = {"funnel": "buying", "period": "2026-05-01..2026-05-31"}
STEPS = [
    {"title": "Called", "kind": "call"},
    {"title": "Met", "kind": "meeting"},
    {"title": "Bought", "kind": "purchase"},
]


def laid_down(crm: CRM, **values: object) -> None:
    """Lay down a funnel from a call to a purchase."""
    crm.run(SYSTEM, "analytics.funnel.save", {"name": "buying", "title": "Buying", "steps": STEPS, **values})


@pytest.fixture
def spring(crm: CRM) -> Shop:
    """Four are called: one buys, one meets and buys too late, one complains, one does nothing more."""
    shop = Shop(crm=crm)
    laid_down(crm, exclude="chat")
    for name in ("Ada", "Bo", "Cy", "Di"):
        shop.happens(name, "call", MAY, subject="Tea")
    for name in ("Ada", "Bo", "Cy"):
        shop.happens(name, "meeting", MAY + timedelta(days=2), subject="Tea")
    shop.happens("Cy", "chat", MAY + timedelta(days=3), subject="Cold")
    shop.buys("Ada", MAY + timedelta(days=4))
    shop.buys("Bo", MAY + timedelta(days=40))
    shop.buys("Cy", MAY + timedelta(days=5))
    return shop


def test_steps_within_the_window(spring: Shop) -> None:
    """With conversion from the step before and from the first, intervals, and the days that it took."""
    with spring.crm.session(SYSTEM) as session:
        found = run(session, "analytics.funnel", SPRING)
    assert [found.cell(row.key, "reached").value for row in found.rows] == [3, 2, 1]
    assert [found.cell(row.key, "conversion").value for row in found.rows] == [1, 2 / 3, 0.5]
    assert [found.cell(row.key, "p50").value for row in found.rows] == [0, 2, 4]
    assert found.cell("2", "through").interval is not None


def test_the_customers_behind_a_step(spring: Shop) -> None:
    """Those who came to it, and behind its conversion those who came no further than the one before."""
    with spring.crm.session(SYSTEM) as session:
        came = rows_behind(session, "analytics.funnel", Figure(row="2", column="reached"), SPRING)
        lost = rows_behind(session, "analytics.funnel", Figure(row="2", column="conversion"), SPRING)
    assert [row.cells[0].value for row in came.rows] == [str(spring.who("Ada"))]
    assert [row.cells[0].value for row in lost.rows] == [str(spring.who("Bo"))]


def test_versions_stay(lite: CRM) -> None:
    """The last one counts, an earlier one can be asked for, a withdrawn one is named as missing."""
    laid_down(lite)
    laid_down(lite, window_days=7, note="a week")
    with lite.session(SYSTEM) as session:
        assert [each.number for each in versions(session, "funnel", "buying")] == [2, 1]
        assert listed(session, "funnel")[0].content["window_days"] == 7
        assert run(session, "analytics.funnel", {**SPRING, "version": "1"}).notes
    lite.run(SYSTEM, "analytics.funnel.withdraw", {"name": "buying"})
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.funnel", SPRING)
        assert (found.rows, found.notes[0].values["name"]) == ((), "buying")


def test_a_step_can_be_the_moment_of_a_fact(lite: CRM) -> None:
    """Such as the first purchase."""
    shop = Shop(crm=lite)
    laid_down(lite, steps=[STEPS[0], {"title": "First", "fact": "purchase.first_at"}])
    shop.happens("Ada", "call", MAY, subject="Tea")
    shop.buys("Ada", MAY + timedelta(days=3))
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.funnel", SPRING)
    assert [found.cell(row.key, "reached").value for row in found.rows] == [1, 1]


def test_groups_are_compared(lite: CRM) -> None:
    """Each label against all others, with an interval, and p for all comparisons."""
    shop = Shop(crm=lite)
    laid_down(lite, steps=[STEPS[0], STEPS[2]])
    for number in range(16):
        kind = "person" if number % 2 else "organization"
        shop.who(str(number), kind=kind)
        shop.happens(str(number), "call", MAY, subject="Tea")
        if kind == "person":
            shop.buys(str(number), MAY + timedelta(days=1))
    lite.run(SYSTEM, "classification.run", {"dimensions": ["type"]})
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.funnel_by_label", {**SPRING, "dimension": "type"})
    assert (found.cell("person", "rate").value, found.cell("organization", "rate").value) == (1, 0)
    assert found.cell("person", "difference").value == 1
    assert found.cell("person", "p").value < 0.01


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"steps": STEPS[:1]}, InvalidInput),
        ({"steps": [{"title": "x"}, *STEPS]}, InvalidInput),
        ({"steps": [{"title": "x", "fact": "purchase.nothing"}, *STEPS]}, UnknownFact),
        ({"name": "Not one"}, InvalidInput),
    ],
)
def test_bad_funnels_are_refused(lite: CRM, values: dict[str, object], error: type[Exception]) -> None:
    """One step, a step that is nothing, a fact that there is not, a name that is none."""
    with pytest.raises(error):
        laid_down(lite, **values)


BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(EXCLUDED, 3)), max_size=30), st.integers(1, 30))
def test_a_course_is_in_order_and_within_the_window(marks: list[tuple[int, int]], window: int) -> None:
    """Whatever happens: steps come one behind the other, none outside of the window or beyond the last."""
    events = [(UUID(int=1), BEGIN + timedelta(days=day), step) for day, step in sorted(marks)]
    found = list(courses(events, 4, timedelta(days=window), BEGIN, BEGIN + timedelta(days=20)))
    assert len(found) <= 1
    for course in found:
        assert list(course.reached) == sorted(set(course.reached))
        assert course.reached[-1] - course.reached[0] <= timedelta(days=window)
        assert len(course.reached) <= 4
        assert course.reached[0] < BEGIN + timedelta(days=20)


def test_one_event_is_one_step() -> None:
    """Of a funnel from a purchase to another one, too."""
    events = [(UUID(int=1), BEGIN + timedelta(days=day), step) for day in (1, 3) for step in (0, 1)]
    (found,) = courses(events, 2, timedelta(days=30), BEGIN, BEGIN + timedelta(days=9))
    assert days_to([found], 1) == [2.0]
    assert (nearest([1, 2, 3, 4], 0.5), nearest([], 0.5)) == (2, None)
