"""Clusters: how many there are, what each is like, letters that stay, and a dimension made of them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy
import pytest
from crmkit_analytics.api import artifact_of, fit_now
from crmkit_analytics.clusters.finding import by_gap, choices, profiles

from crmkit import CRM, Conflict, cluster
from tests.plugins.analytics.shop import SYSTEM, Shop

SCORES = {"scores": ["purchase.count", "purchase.amount"], "most": 4}


def blobs(*middles: tuple[float, float], each: int = 40) -> numpy.ndarray:
    """Return points around some middles."""
    random = numpy.random.default_rng(7)
    return numpy.concatenate([random.normal(middle, 0.3, (each, 2)) for middle in middles])


def test_as_many_as_there_are() -> None:
    """By the silhouette and by the gap; each stands firmly, and is told by how far it is off."""
    points = blobs((0, 0), (5, 0), (0, 5))
    found = choices(points, range(2, 6), seed=1)
    assert max(found, key=lambda each: each.separation).number == 3
    assert by_gap(found) == 3
    made = cluster(points.tolist(), 3, seed=1)
    assert made is not None
    sheet = profiles(points, made.centres, made.spreads, seed=1)
    assert [each.size for each in sheet] == [40, 40, 40]
    assert min(each.stability for each in sheet) > 0.9
    assert max(each.off[0] for each in sheet) > 1.3


@pytest.fixture
def shop(lite: CRM) -> Shop:
    """Fifty who buy once for little, ten who buy five times for much."""
    shop = Shop(crm=lite)
    items = [
        {
            "kind": "purchase",
            "customer_id": str(shop.who(f"c{number}")),
            "occurred_at": f"{date(2026, 6, 20) - timedelta(days=purchase)}T04:00:00Z",
            "amount": str(amount + number % 7),
            "currency": "CNY",
        }
        for number in range(60)
        for amount, times in (((900, 5) if number >= 50 else (20, 1)),)
        for purchase in range(times)
    ]
    lite.run_many(SYSTEM, "interaction.record", items)
    return shop


def test_clusters_become_a_dimension(shop: Shop) -> None:
    """Once they were adopted; every customer has a label by them, and a second run keeps the letters."""
    crm = shop.crm
    with pytest.raises(Conflict, match="No clusters"):
        crm.run(SYSTEM, "analytics.clusters.publish", {})
    run = fit_now(crm, SYSTEM, "analytics.clusters", SCORES)
    assert (run.state, run.parameters["clusters"], run.rows) == ("done", 2, 60)
    with crm.session(SYSTEM) as session:
        kept = artifact_of(session, run)
    assert [each["size"] for each in kept["profiles"]] == [50, 10]
    crm.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    again = fit_now(crm, SYSTEM, "analytics.clusters", SCORES)
    with crm.session(SYSTEM) as session:
        assert artifact_of(session, again)["centres"] == kept["centres"]
    crm.run(SYSTEM, "analytics.clusters.publish", {"name": "kind_of_buyer"})
    done = crm.run(SYSTEM, "classification.run", {"dimensions": ["kind_of_buyer"]})
    assert done.dimensions[0].counts == {"a": 50, "b": 10}


def test_few_customers_are_too_few(lite: CRM) -> None:
    """It says how many it takes, and the run is kept as failed."""
    Shop(crm=lite).buys("Ada", date(2026, 6, 1))
    with pytest.raises(Conflict, match="it takes 40"):
        fit_now(lite, SYSTEM, "analytics.clusters", SCORES)
