"""Definitions of figures: those that plugins ship, one's own with versions, and those of a report's cells."""

from __future__ import annotations

from crmkit_analytics.metrics.registry import definition_of_cell, metrics

from crmkit import CRM
from crmkit.engines.reports.running import find_report
from tests.plugins.analytics.shop import SYSTEM


def test_definitions_of_plugins_and_ones_own(lite: CRM) -> None:
    """A second saving is the second version; who answers for it is who laid it down."""
    new = {"name": "loyal_buyers", "title": "Loyal buyers", "formula": "Who bought in each month", "grain": "a month"}
    for formula in ("Who bought in each month", "Who bought in each of 12 months"):
        lite.run(SYSTEM, "analytics.metric.save", {**new, "formula": formula})
    with lite.session(SYSTEM) as session:
        found = metrics(session)
        own = found["loyal_buyers"]
        assert (own.version, own.formula, own.owner) == (2, "Who bought in each of 12 months", "system")
        assert found["analytics.nrr"].unit == "share"
    lite.run(SYSTEM, "analytics.metric.withdraw", {"name": "loyal_buyers"})
    with lite.session(SYSTEM) as session:
        assert "loyal_buyers" not in metrics(session)


def test_cells_lead_to_their_definition(lite: CRM) -> None:
    """And whatever a definition says it is shown in is there."""
    with lite.session(SYSTEM) as session:
        grr = definition_of_cell(session, "analytics.kept_revenue", "grr")
        assert grr is not None
        assert grr.name == "analytics.grr"
        assert definition_of_cell(session, "analytics.kept_revenue", "key") is None
        shown = {pair for each in metrics(session).values() for pair in each.shown}
    assert {name for name, _column in shown} <= set(lite.registry.tables["report"])


def test_columns_lead_to_what_they_mean(lite: CRM) -> None:
    """A column that a definition names has the path of its place on the page of definitions."""
    with lite.session(SYSTEM) as session:
        columns = {each.name: each.about for each in find_report(session, "analytics.kept_revenue").columns}
    assert columns["grr"] == "/modules/analytics/figures#analytics-grr"
    assert columns["title"] == ""
