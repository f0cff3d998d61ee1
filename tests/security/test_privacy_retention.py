"""The retention schedule: what is older than it may be goes, what is on hold stays, each run is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crmkit import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.clock import Clock
from crmkit.errors import InvalidInput
from crmkit.security.privacy.retention import periods
from crmkit.security.privacy.tables import RetentionRun
from tests.security.test_privacy_erasure import ACTOR, person


def note(crm: CRM, customer_id: UUID, days: int, kind: str = "note") -> None:
    """Record something that happened days ago."""
    crm.run(
        ACTOR,
        "interaction.record",
        {"kind": kind, "customer_id": customer_id, "occurred_at": datetime.now(UTC) - timedelta(days=days)},
    )


def about(crm: CRM, customer_id: UUID, kind: str) -> int:
    """Return how many interactions of a kind a customer has."""
    with crm.session(ACTOR) as session:
        query = select(func.count()).select_from(Interaction)
        return session.scalar(query.where(Interaction.customer_id == customer_id, Interaction.kind == kind)) or 0


def keep(crm: CRM, table: str, days: int | None, kind: str = "") -> None:
    """Set a rule."""
    crm.run(ACTOR, "privacy.set_retention", {"table": table, "days": days, "kind": kind})


def test_old_interactions_of_a_kind_become_anonymous(crm: CRM) -> None:
    """A rule for a kind touches that kind alone, and only what is old enough."""
    customer_id = person(crm)
    note(crm, customer_id, 400, "call")
    note(crm, customer_id, 10, "call")
    note(crm, customer_id, 400)
    keep(crm, "crm_interaction", 365, "call")
    report = crm.run(ACTOR, "privacy.run_retention")
    assert [(item.table, item.kind, item.rows) for item in report.removals] == [("crm_interaction", "call", 1)]
    assert (about(crm, customer_id, "call"), about(crm, customer_id, "note")) == (1, 2)


def test_dry_run_changes_nothing_and_counts_the_same(crm: CRM) -> None:
    """A dry run tells what the run would remove, and removes nothing."""
    customer_id = person(crm)
    note(crm, customer_id, 400)
    keep(crm, "crm_interaction", 365)
    dry = crm.run(ACTOR, "privacy.run_retention", {"dry_run": True})
    assert about(crm, customer_id, "note") == 2
    wet = crm.run(ACTOR, "privacy.run_retention")
    assert [item.rows for item in dry.removals] == [item.rows for item in wet.removals] == [1]


def test_customers_with_whom_nothing_happens_are_erased(crm: CRM) -> None:
    """A rule for customers erases those of whom nothing was heard for so long, and no others."""
    quiet, active = person(crm, "Old Wang"), person(crm, "Li Wei")
    keep(crm, "crm_customer", 700)
    with CRM.open(crm.settings, clock=_in_days(800)) as later:
        note(later, active, -790)
        report = later.run(ACTOR, "privacy.run_retention")
    assert [(item.table, item.action, item.rows) for item in report.removals] == [("crm_customer", "erase", 1)]
    with crm.session(ACTOR) as session:
        assert set(session.scalars(select(Customer.id))) == {active}
    assert quiet != active


def _in_days(days: int) -> Clock:
    class Later(Clock):
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(days=days)

        def business_now(self) -> datetime:
            return self.now()

    return Later()


def test_legal_hold_keeps_what_is_old(crm: CRM) -> None:
    """What is about somebody on hold stays, however old."""
    customer_id = person(crm)
    note(crm, customer_id, 400)
    keep(crm, "crm_interaction", 365)
    crm.run(ACTOR, "privacy.hold", {"reason": "case 12 O 34/26"}, target=customer_id)
    assert crm.run(ACTOR, "privacy.run_retention").removals == ()


def test_run_is_written_down(crm: CRM) -> None:
    """What a run removed can be read afterwards."""
    note(crm, person(crm), 400)
    keep(crm, "crm_interaction", 365)
    crm.run(ACTOR, "privacy.run_retention")
    with crm.session(ACTOR) as session:
        run = session.scalars(select(RetentionRun)).one()
        assert (run.table_name, run.removed, run.action) == ("crm_interaction", 1, "anonymise")


def test_rule_can_be_taken_away(crm: CRM) -> None:
    """Without its rule a table has the period of the personal-data map, if any."""
    keep(crm, "crm_interaction", 365)
    keep(crm, "crm_interaction", None)
    with crm.session(ACTOR) as session:
        assert [period.table for period in periods(session) if period.decided] == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"table": "crm_product", "days": 365}, "table"),
        ({"table": "crm_consent", "days": 365, "kind": "call"}, "kind"),
        ({"table": "crm_interaction", "days": 3}, "days"),
    ],
)
def test_senseless_rule_is_refused(crm: CRM, values: dict[str, Any], field: str) -> None:
    """A rule for a table without persons, a kind of something else or a few days names its field."""
    with pytest.raises(InvalidInput) as caught:
        crm.run(ACTOR, "privacy.set_retention", values)
    assert [problem.field for problem in caught.value.problems] == [field]
