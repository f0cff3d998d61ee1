"""Fairness: protected attributes in decisions, directly, behind labels, and by what stands in for them."""

from __future__ import annotations

import pytest
from crmkit_analytics.fairness.association import classes_of, cramers_v
from crmkit_analytics.fairness.deciding import facts_of
from crmkit_analytics.fairness.reports import find_unfair
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, NotFound
from crmkit.engines.reports.running import run
from tests.plugins.analytics.shop import SYSTEM, Shop


@pytest.fixture
def shop(lite: CRM) -> Shop:
    """Customers in two cities, of which one has the young; a rule by age, a dimension by city, a rule by its label."""
    shop = Shop(crm=lite)
    items = [
        {
            "name": f"c{number}",
            "city": "Ulm" if number % 2 else "Kiel",
            "birth_date": f"{2000 if number % 2 else 1950}-05-05",
        }
        for number in range(120)
    ]
    lite.run_many(SYSTEM, "customer.create", items)
    dimension = {
        "name": "town",
        "title": "Town",
        "labels": [
            {"name": "here", "title": "Here", "when": 'customer.city == "Ulm"'},
            {"name": "there", "title": "There"},
        ],
        "decider": {"by": "expressions"},
        "default": "there",
    }
    lite.run(SYSTEM, "dimension.save", {"definition": dimension})
    for name, when in (("young", 'customer.age_band == "20-29"'), ("local", 'label.town == "here"')):
        rule = {"name": name, "title": name, "every": "day", "when": when}
        then = [{"operation": "customer.tag", "arguments": {"names": ["'x'"]}}]
        lite.run(SYSTEM, "rule.save", {**rule, "then": then})
    return shop


def test_what_decides_is_found_behind_labels(shop: Shop) -> None:
    """A rule by a label goes by what decides the label."""
    with shop.crm.session(SYSTEM) as session:
        assert facts_of(session, "rule", "young") == {"customer.age_band"}
        assert facts_of(session, "rule", "local") == {"customer.city"}
        with pytest.raises(NotFound):
            facts_of(session, "rule", "none")


def test_direct_use_and_proxies_are_flagged(shop: Shop) -> None:
    """The town stands in for the age here; doctor names what goes by age itself."""
    with shop.crm.session(SYSTEM) as session:
        direct = run(session, "analytics.fairness", {"sort": "rule", "name": "young"})
        assert direct.cell("customer.age_band:customer.age_band", "judged").value == "directly"
        proxy = run(session, "analytics.fairness", {"sort": "rule", "name": "local"})
        assert proxy.cell("customer.city:customer.age_band", "v").value > 0.9
        assert proxy.cell("customer.city:customer.age_band", "judged").value == "stands in for it"
        named = {finding.values["name"] for finding in find_unfair(session)}
    assert "young" in named
    assert "local" not in named


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
def test_association_lies_between_0_and_1(pairs: list[tuple[int, int]]) -> None:
    """And is the same both ways round."""
    first, second = ([each[place] for each in pairs] for place in (0, 1))
    found = cramers_v(first, second)
    assert found is None or -1e-9 <= found <= 1 + 1e-9
    assert (found or 0) == pytest.approx(cramers_v(second, first) or 0)


def test_numbers_are_taken_by_fifths() -> None:
    """Texts as they are."""
    assert classes_of(list(range(10))) == ["0", "0", "1", "1", "2", "2", "3", "3", "4", "4"]
    assert classes_of(["a", None]) == ["a", "–"]
