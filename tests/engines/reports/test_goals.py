"""Goals: how far a figure has come, and whether that is as far as the time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crmkit.engines.reports.goals import Attainment, attainment, goals
from crmkit.errors import DefinitionError, Refused
from tests.engines.reports.conftest import Shop
from tests.security.world import SYSTEM


def put(shop: Shop, metric: dict[str, Any], actor: Any = SYSTEM, **values: Any) -> None:
    """Set a goal called "goal"."""
    definition = {"name": "goal", "title": "Goal", "target": "500", "period": "2026-06", "metric": metric, **values}
    shop.crm.run(actor, "goal.set", {"definition": definition})


def reached(shop: Shop, actor: Any = SYSTEM, as_of: Any = None) -> Attainment:
    """Return how far the goal has come."""
    with shop.crm.session(actor) as session:
        return attainment(session, "goal", as_of=as_of)


REVENUE = {"by": "facts", "aggregate": "sum", "of": "purchase.amount", "during": True}


def test_what_was_added_in_the_period_counts(own: Shop) -> None:
    """June has 350 of 500; what was bought in May does not count. The period is over, so it was missed."""
    put(own, REVENUE)
    found = reached(own)
    assert (found.value, found.target, found.kind) == (Decimal(35_000), Decimal(50_000), "money")
    assert (found.attained, found.state, found.elapsed) == (Decimal("0.7"), "missed", Decimal(1))


def test_the_pace_is_told_while_the_period_runs(own: Shop) -> None:
    """At the end of the 15th half of June is over: 350 are more than half of 500, and lead to 700."""
    put(own, REVENUE)
    found = reached(own, as_of=date(2026, 6, 15))
    assert found.elapsed == Decimal("0.5")
    assert (found.expected, found.projected, found.state) == (Decimal(25_000), Decimal(70_000), "ahead")
    assert reached(own, as_of=date(2026, 6, 9)).state == "behind"


def test_an_earlier_as_of_gives_the_earlier_value(own: Shop) -> None:
    """Before the tenth nothing had been bought in June."""
    put(own, REVENUE)
    assert reached(own, as_of=date(2026, 6, 9)).value == 0
    own.buy("Hal", 1000, datetime(2026, 6, 20, tzinfo=UTC))
    assert reached(own, as_of=date(2026, 6, 15)).value == 35_000
    assert reached(own).state == "reached"


def test_a_share_has_its_interval(own: Shop) -> None:
    """Two of the three who bought have bought much."""
    metric = {"by": "facts", "aggregate": "share", "where": "purchase.amount >= 100", "among": "purchase.count >= 1"}
    put(own, metric, target="0.5", period="this year")
    found = reached(own)
    assert float(found.value or 0) == pytest.approx(2 / 3)
    assert found.interval is not None
    assert (found.interval.n, found.state) == (3, "reached")


def test_less_can_be_better(own: Shop) -> None:
    """At most four without a purchase is missed by five."""
    metric = {"by": "facts", "aggregate": "count", "where": "purchase.count == 0"}
    put(own, metric, target="4", at_most=True, period="this year")
    assert (reached(own).value, reached(own).state) == (Decimal(5), "behind")
    put(own, metric, target="5", at_most=True, period="this year")
    assert reached(own).state == "ahead"


def test_a_figure_of_a_report_can_be_a_goal(own: Shop) -> None:
    """The report is run for the goal's period."""
    put(own, {"by": "figure", "report": "purchase.summary", "row": "total", "column": "net"})
    found = reached(own)
    assert (found.value, found.kind) == (Decimal(35_000), "money")


def test_a_goal_is_as_its_reader_may_see_it(own: Shop) -> None:
    """Nora sees what the north bought."""
    put(own, REVENUE)
    assert reached(own, own.nora).value == 5000


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"period": "soon"}, "period"),
        ({"target": "0"}, "target"),
        ({"owner": "nobody"}, "owner"),
        ({"metric": {"by": "facts", "where": "purchase.cout > 1"}}, "metric"),
        ({"metric": {"by": "facts", "aggregate": "sum", "of": "purchase.first_at"}}, "metric"),
        ({"metric": {"by": "figure", "report": "purchase.summary", "row": "total", "column": "nothing"}}, "metric"),
        ({"metric": {"by": "figures"}}, "metric.by"),
    ],
)
def test_a_goal_that_cannot_be_measured_is_refused(own: Shop, changed: dict[str, Any], field: str) -> None:
    """With the field that is wrong."""
    with pytest.raises(DefinitionError) as caught:
        put(own, **{"metric": REVENUE, **changed})
    assert [problem.field for problem in caught.value.problems] == [field]


def test_setting_a_goal_needs_the_right(own: Shop) -> None:
    """Who may read reports may not set goals; a goal that was removed is gone."""
    with pytest.raises(Refused):
        put(own, REVENUE, actor=own.nora)
    put(own, REVENUE)
    own.crm.run(SYSTEM, "goal.remove", {"name": "goal"})
    with own.crm.session(SYSTEM) as session:
        assert dict(goals(session)) == {}
