"""The pages of analytics: shown in both languages, empty and with figures, to those alone who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from crmkit_analytics.api import fit_now

from crmkit.app import CRM
from tests.conftest import Templates
from tests.plugins.analytics.conftest import enabled
from tests.plugins.analytics.shop import SYSTEM, Shop
from tests.web.conftest import Web

PATHS = [
    "",
    "/cohorts",
    "/cohorts?unit=week&measure=revenue",
    "/funnels",
    "/survival",
    "/survival?dimension=type&silent=90",
    "/clusters",
    "/alerts",
    "/models",
    "/figures",
]
TODAY = date(2026, 7, 1)


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A shop with half a year of purchases behind its doors, and an empty pair of users."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(url) as crm:
        shop = Shop(crm=crm, today=TODAY)
        users = {}
        for login, role in (("mia", "manager"), ("sam", "seller")):
            users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
            crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
        crm.run(SYSTEM, "team.add_member", {"user_id": users["mia"], "main": True}, target=team)
        crm.run_many(
            SYSTEM,
            "customer.create",
            [{"name": f"c{number}", "team_id": team, "owner_id": users["mia"]} for number in range(60)],
        )
        _fill(shop)
        web = Web(crm=crm, users=users, customers={})
        yield web
        for client in web.clients:
            client.close()


def _fill(shop: Shop) -> None:
    from sqlalchemy import select

    from crmkit import Customer

    with shop.crm.session(SYSTEM) as session:
        ids = [str(each) for each in session.scalars(select(Customer.id).order_by(Customer.id))]
    items = []
    for number, customer in enumerate(ids):
        for month in range(1 + number % 5):
            day = TODAY - timedelta(days=20 + 31 * month + number % 9)
            money = {"amount": str(10 + 40 * (number % 5)), "currency": "CNY"}
            items.append({"kind": "purchase", "customer_id": customer, "occurred_at": f"{day}T04:00:00Z", **money})
        call = TODAY - timedelta(days=40)
        items.append({"kind": "call", "customer_id": customer, "occurred_at": f"{call}T04:00:00Z", "subject": "Tea"})
    shop.crm.run_many(SYSTEM, "interaction.record", items)
    steps = [{"title": "Called", "kind": "call"}, {"title": "Bought", "kind": "purchase"}]
    shop.crm.run(SYSTEM, "analytics.funnel.save", {"name": "buying", "title": "Buying", "steps": steps})
    for _each in "ab":
        run = fit_now(
            shop.crm, SYSTEM, "analytics.clusters", {"scores": ["purchase.count", "purchase.amount"], "most": 3}
        )
    shop.crm.run(SYSTEM, "analytics.model_run.adopt", {}, target=run.id)
    shop.crm.run(SYSTEM, "classification.run", {"dimensions": ["type"]})


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown(sqlite_web: Web, language: str) -> None:
    """To a manager, in both languages; nonsense in the address is answered with a page."""
    client = sqlite_web.client("mia", language=language)
    more = [
        "/model",
        "/cohorts?unit=x&as_of=y",
        "/funnels?name=z&days=w&dimension=type",
        "/alerts?id=q",
        "/survival?dimension=none.such&silent=x",
        "/models?model=w",
    ]
    paths = [*PATHS, *more]
    assert {path: client.get(f"/modules/analytics{path}").status_code for path in paths} == dict.fromkeys(paths, 200)


def test_figures_stand_on_the_pages(sqlite_web: Web) -> None:
    """The triangle with parts, the funnel with its steps, the clusters with their sheet, a run beside its base line."""
    client = sqlite_web.client("mia")
    assert "2026-06" in client.get("/modules/analytics/cohorts").text
    funnel = client.get("/modules/analytics/funnels?dimension=type").text
    assert "1. Called" in funnel
    assert ">person<" in funnel
    assert "Silhouette" in client.get("/modules/analytics/clusters").text
    models = client.get("/modules/analytics/models").text
    address = models.partition('href="/modules/analytics/model?id=')[2].partition('"')[0]
    one = client.get(f"/modules/analytics/model?id={address}").text
    assert "separation" in one
    other = one.partition('<option value="')[2].partition('"')[0]
    assert (
        client.get(f"/modules/analytics/model?id={address}&with={other}").text.count('<th scope="col" class="right">')
        >= 6
    )


def test_who_may_not_sees_nothing(sqlite_web: Web) -> None:
    """A seller has no analyses."""
    client = sqlite_web.client("sam")
    assert {client.get(f"/modules/analytics{path}").status_code for path in PATHS} <= {403, 404}


def test_reports_are_shown_as_pages(sqlite_web: Web) -> None:
    """Each of them by its defaults."""
    client = sqlite_web.client("mia")
    names = ("activity", "gaps", "retention", "cohort_revenue", "kept_revenue", "survival", "hazard", "baskets")
    found = {name: client.get(f"/reports/analytics.{name}").status_code for name in names}
    assert found == dict.fromkeys(names, 200)
    kept = client.get("/reports/analytics.kept_revenue").text
    assert '<a href="/modules/analytics/figures#analytics-grr">' in kept
