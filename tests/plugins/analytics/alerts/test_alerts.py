"""Alerts: what is unusual for its day of the week, one for each cause, told to who wants it, acknowledged."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from crmkit_analytics.alerts.models import Alert
from crmkit_analytics.alerts.series import unusual
from sqlalchemy import select

from crmkit import CRM, Conflict
from tests.plugins.analytics.shop import SYSTEM, Shop

DAY = date(2026, 6, 30)


def history(**days: float) -> dict[date, float]:
    """Return half a year: weekends have a third of what other days have, and everything varies a little."""
    random, found = Random(3), dict[date, float]()
    for ago in range(170):
        day = DAY - timedelta(days=ago)
        found[day] = round((30 if day.weekday() >= 5 else 90) + random.uniform(-6, 6))
    return {**found, **{DAY - timedelta(days=int(name[1:])): value for name, value in days.items()}}


def test_a_weekend_is_no_alert() -> None:
    """As it is held against other weekends; a day like one in the middle of the week is, as is a small figure never."""
    sunday = DAY - timedelta(days=2)
    assert unusual({"purchases": history()}, sunday) == []
    (found,) = unusual({"purchases": history(d0=30)}, DAY)
    assert (found.metric, found.value, found.z < -3.5) == ("purchases", 30, True)
    assert unusual({"purchases": {day: value / 20 for day, value in history(d0=30).items()}}, DAY) == []


def test_one_outlier_hides_nothing() -> None:
    """A wild day before does not make the next one usual."""
    assert len(unusual({"purchases": history(d0=300, d7=900)}, DAY)) == 1


def told(crm: CRM, day: date) -> int:
    """Look for alerts of a day."""
    made: int = crm.run(SYSTEM, "analytics.alert.find", {"day": day})
    return made


@pytest.fixture
def shop(crm: CRM) -> Shop:
    """Fifteen weeks in which three or four buy a day, ten on Mondays; on the last two days nearly everybody does."""
    shop = Shop(crm=crm, today=DAY + timedelta(days=1))
    items: list[dict[str, Any]] = []
    who = [str(shop.who(f"c{number}")) for number in range(30)]
    for ago in range(105):
        day = DAY - timedelta(days=ago)
        number = 30 if ago < 2 else 10 if day.weekday() == 0 else 3 + ago % 2
        items += [
            {
                "kind": "purchase",
                "customer_id": each,
                "occurred_at": f"{day}T04:00:00Z",
                "amount": "5",
                "currency": "CNY",
            }
            for each in who[:number]
        ]
    crm.run_many(SYSTEM, "interaction.record", items)
    return shop


def test_one_alert_for_each_cause(shop: Shop) -> None:
    """Purchases, amounts and buyers are off for one reason; the next day belongs to it; who wants to is told once."""
    crm = shop.crm
    nora = shop.actor("nora", "manager")
    crm.run(nora, "analytics.alert.watch", {})
    assert [told(crm, DAY - timedelta(days=1)), told(crm, DAY), told(crm, DAY)] == [1, 0, 0]
    with crm.session(SYSTEM) as session:
        (alert,) = session.scalars(select(Alert))
        assert (alert.cause, alert.direction, alert.first_day, alert.last_day) == (
            "buying", "up", DAY - timedelta(days=1), DAY,
        )  # fmt: skip
        assert {each["metric"] for each in alert.figures} == {"purchases", "revenue", "buyers"}
    from crmkit_work.notices.models import Notice

    with crm.session(nora) as session:
        assert [each.kind for each in session.scalars(select(Notice))] == ["analytics.alert"]
    crm.run(nora, "analytics.alert.acknowledge", {"note": "A sale"}, target=alert.id)
    with pytest.raises(Conflict):
        crm.run(nora, "analytics.alert.acknowledge", {}, target=alert.id)


def test_a_quiet_day_tells_nothing(lite: CRM) -> None:
    """Without history there is nothing that could be unusual; system is nobody who could be told."""
    Shop(crm=lite).buys("Ada", DAY)
    assert told(lite, DAY) == 0
    with pytest.raises(Conflict, match="Only users"):
        lite.run(SYSTEM, "analytics.alert.watch", {})
