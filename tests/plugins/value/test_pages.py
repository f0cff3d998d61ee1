"""The pages of value open in both languages, say what there is, and show nobody's value to who may not see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from crmkit_value.api import score_now
from crmkit_value.insight.explaining import explain
from crmkit_value.insight.metrics import METRICS
from starlette.testclient import TestClient as Client

from crmkit import CRM, Actor
from crmkit.engines.reports.running import run
from crmkit.testing import Clients
from tests.plugins.analytics.shop import SYSTEM, Shop
from tests.plugins.value.shop import adopt, stocked

PATHS = ("", "/rfm", "/rfm?recency=5&frequency=5", "/rfm?segment=champions")


@pytest.fixture
def browse(lite: CRM) -> Iterator[Callable[..., Client]]:
    """Return a function that gives the browser of somebody with a role."""
    clients, shop = Clients(crm=lite), Shop(crm=lite)

    def as_(role: str) -> Client:
        if role:
            return clients(shop.actor(f"the_{role}", role))
        user = lite.run(SYSTEM, "user.create", {"login": "nobody", "name": "Nobody"})
        return clients(Actor.user(user.id))

    yield as_
    clients.close()


def valued(crm: CRM) -> list[object]:
    """Fill a shop and compute everything."""
    _shop, ids = stocked(crm)
    adopt(crm)
    score_now(crm, SYSTEM)
    crm.run(SYSTEM, "value.rfm.compute", {})
    crm.run(SYSTEM, "value.grade.compute", {})
    return ids


def test_pages_open_with_and_without_scores(lite: CRM, browse: Callable[..., Client]) -> None:
    """Before anything was computed they say so; afterwards they show charts, grades and customers."""
    client = browse("analyst")
    assert "Nobody has a lifetime value yet" in client.get("/modules/value").text
    assert "Nobody was scored yet" in client.get("/modules/value/rfm").text
    ids = valued(lite)
    for path in PATHS:
        answer = client.get(f"/modules/value{path}")
        assert answer.status_code == 200, path
        assert "<svg" in answer.text
    text = client.get("/modules/value").text
    assert "Value map" in text
    assert "How good the model was" in text
    one = client.get(f"/modules/value/customer?id={ids[0]}").text
    assert "Days of buying" in one
    assert "alpha =" in one
    assert "P(alive)" in client.get(f"/customers/{ids[0]}").text


def test_customer_that_there_is_not_is_not_found(browse: Callable[..., Client]) -> None:
    """An id of nobody, and a text that is none."""
    client = browse("analyst")
    for text in ("nobody", "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"):
        assert client.get(f"/modules/value/customer?id={text}").status_code == 404


def test_who_may_not_see_scores_sees_none(lite: CRM, browse: Callable[..., Client]) -> None:
    """Without the permission there is no page."""
    assert browse("").get("/modules/value").status_code in (403, 404)


def test_reports_say_their_boundaries(lite: CRM) -> None:
    """Segments with the boundaries that they went by; grades with concentration; moves; room to grow."""
    valued(lite)
    lite.run(SYSTEM, "value.grade.compute", {})
    actor: Actor = SYSTEM
    with lite.session(actor) as session:
        rfm = run(session, "value.rfm")
        grades = run(session, "value.grades")
        room = run(session, "value.growth_room", {"peers": "customer.kind"})
        won = run(session, "value.acquisition", {"period": "2025"})
    assert rfm.cell("total", "customers").value == 60
    assert any("Boundaries of recency" in str(note.text) for note in rfm.notes)
    assert grades.cell("total", "customers").value == 60
    assert room.rows
    assert won.cell("fair", "customers").value == 60


def test_customer_page_says_what_is_to_come_without_end(lite: CRM, browse: Callable[..., Client]) -> None:
    """DERT and its margin; without interest there is no bound, and nothing is said."""
    ids = valued(lite)
    client = browse("analyst")
    assert "(DERT)" in client.get(f"/modules/value/customer?id={ids[0]}").text
    with lite.session(SYSTEM) as session:
        found = explain(session, ids[0])
    life = found.lifetime
    assert life is not None
    assert found.dert is not None
    assert found.without_end_minor >= life.clv_minor
    lite.run(SYSTEM, "value.policy.configure", {"annual_rate": "0"})
    score_now(lite, SYSTEM)
    assert "(DERT)" not in client.get(f"/modules/value/customer?id={ids[0]}").text


def test_winning_customers_is_told_by_source_and_cohort(lite: CRM) -> None:
    """Costs are shared out by days over cohorts, with value against cost and the month in which it was paid back."""
    stocked(lite, number=20)
    costs = {"source": "fair", "first": "2025-01-01", "last": "2025-06-30", "amount_minor": 181_000, "currency": "CNY"}
    lite.run(SYSTEM, "value.acquisition_cost.create", costs)
    with lite.session(SYSTEM) as session:
        whole = run(session, "value.acquisition", {"period": "2025"})
        parts = run(session, "value.acquisition", {"period": "2025", "cohorts": "quarter"})
    assert whole.cell("fair", "cost").value == 181_000
    assert whole.cell("fair", "cac").value == 9_050
    assert whole.cell("fair", "payback").value == 1
    assert [parts.cell(f"fair:2025-Q{number}", "cost").value for number in (1, 2)] == [90_000, 91_000]
    assert sum(parts.cell(f"fair:2025-Q{number}", "customers").value for number in (1, 2)) == 20


def test_contribution_counts_contacts_and_names_who_costs_more(lite: CRM) -> None:
    """Margin less contacts; of cases nothing is said where no plugin knows their cost."""
    shop = Shop(crm=lite)
    shop.buys("Li", shop.today, "100")
    shop.happens("Li", "call", shop.today)
    lite.run(SYSTEM, "value.service_cost.create", {"kind": "call", "contact_minor": 15_000})
    with lite.session(SYSTEM) as session:
        found = run(session, "value.contribution")
    (row,) = found.rows
    assert found.cell(row.key, "contribution").value == -5_000
    assert found.cell(row.key, "service").value is None
    assert found.notes[0].values["count"] == 1


def test_figures_are_defined(lite: CRM) -> None:
    """Every figure that value defines is shown in a report that there is, in a column of it."""
    with lite.session(SYSTEM) as session:
        for metric in METRICS:
            for report, column in metric.shown:
                shown = session.gate.registry.tables["report"][report]
                assert column in {each.name for each in shown.columns}, metric.name
    assert len({each.name for each in METRICS}) == len(METRICS)
