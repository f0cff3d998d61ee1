"""How long customers stay: by silence or by a day of ending, by group with a test, and when they leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crmkit import CRM
from crmkit.engines.reports.running import run
from crmkit.errors import CrmkitError
from tests.plugins.analytics.shop import SYSTEM, Shop

TODAY = date(2026, 7, 1)


@pytest.fixture
def shop(crm: CRM) -> Shop:
    """Ten persons who bought for a hundred days and are silent since, ten organisations that still buy."""
    shop = Shop(crm=crm, today=TODAY)
    for number in range(10):
        for name, kind, last in ((f"p{number}", "person", 300), (f"o{number}", "organization", 5)):
            shop.who(name, kind=kind)
            shop.buys(name, TODAY - timedelta(days=400 + number))
            shop.buys(name, TODAY - timedelta(days=last))
    crm.run(SYSTEM, "classification.run", {"dimensions": ["type"]})
    return shop


def test_the_curve_by_group(shop: Shop) -> None:
    """Persons are gone after a hundred days, organisations stay; that is no chance."""
    with shop.crm.session(SYSTEM) as session:
        found = run(session, "analytics.survival", {"dimension": "type"})
    # Groups stand in the order of their names: organisations first.
    assert [found.cell("90", f"s{place}").value for place in (0, 1)] == [1, 1]
    assert [found.cell("120", f"s{place}").value for place in (0, 1)] == [1, 0]
    assert found.cell("120", "risk0").value == 10
    notes = " ".join(str(note.values) for note in found.notes)
    assert "'p': '0.0000'" in notes


def test_when_they_leave(shop: Shop) -> None:
    """Half of those who were there leave between the days 91 and 120, with an interval; nobody before."""
    with shop.crm.session(SYSTEM) as session:
        found = run(session, "analytics.hazard", {})
    assert (found.cell("60", "hazard").value, found.cell("90", "hazard").value) == (0, 0.5)
    assert found.cell("90", "hazard").interval is not None


def test_an_ending_that_is_known(lite: CRM) -> None:
    """Of a fact: who has none is still there, whatever they bought last."""
    shop = Shop(crm=lite, today=TODAY)
    for number in range(6):
        shop.buys(str(number), TODAY - timedelta(days=300))
        if number < 3:
            shop.happens(str(number), "refund", TODAY - timedelta(days=200), amount="1", currency="CNY")
    with lite.session(SYSTEM) as session:
        found = run(session, "analytics.survival", {"end": "purchase.last_refund_at"})
    assert [found.cell("90", "s0").value, found.cell("120", "s0").value] == [1, 0.5]


def test_few_are_not_shown(lite: CRM) -> None:
    """A group of fewer than five says nothing; an unknown fact is named."""
    Shop(crm=lite, today=TODAY).buys("Ada", TODAY - timedelta(days=9))
    with lite.session(SYSTEM) as session:
        assert run(session, "analytics.survival", {}).rows == ()
        with pytest.raises(CrmkitError, match="purchase"):
            run(session, "analytics.survival", {"start": "purchase.begun"})
