"""The pages of quality: scores, violations, cleaning with its preview, contracts, profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_quality.scores.checking import check_all

from crmkit.errors import FeedStopped
from crmkit.exchange.api import ImportOptions, plan_import, run_import
from tests.conftest import Templates
from tests.plugins.quality.conftest import SYSTEM, add
from tests.web.conftest import Web, behind_doors

PATHS = ["", "/violations", "/cleaning", "/cleaning?show=1", "/contracts", "/profile", "/profile?show=1"]


def fill(made: Web) -> None:
    """Messy customers, checks, and a contract."""
    crm = made.crm
    add(crm, "n/a", owner_id=made.users["sam"], phone="+8613800138000", city="苏州", province="浙江省", country="CN")
    add(crm, "  ADA  LOVELACE ", owner_id=made.users["mia"], job_title="n/a")
    check_all(crm)
    add(crm, "Hidden One", owner_id=made.users["sue"], email="bad@example.com")
    check_all(crm)
    terms = {"source": "shop", "required": ["email"], "min_rows": 5}
    crm.run(SYSTEM, "quality.contract.create", {**terms, "owner_id": made.users["mia"]})


@pytest.fixture
def looked_after(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people, messy customers, checks, and a contract that was broken."""
    with behind_doors(templates, "sqlite", tmp_path, "quality", fill=fill) as made:
        crm = made.crm
        path = tmp_path / "shop.csv"
        path.write_text("Name,Email\nAda,a@x.de\n", encoding="utf-8")
        with pytest.raises(FeedStopped):
            run_import(crm, SYSTEM, plan_import(crm, path, ImportOptions(source="shop")))
        yield made


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_is_shown(looked_after: Web, language: str) -> None:
    """To a manager, in both languages."""
    client = looked_after.client("mia", language=language)
    found = {path: client.get(f"/modules/quality{path}") for path in PATHS}
    assert {path: each.status_code for path, each in found.items()} == dict.fromkeys(PATHS, 200)


def test_the_overview_has_scores_and_violations(looked_after: Web) -> None:
    """By owner and source, with what does not hold."""
    text = looked_after.client("mia").get("/modules/quality").text
    assert "Mia Manager" in text
    assert "There is a way to reach the customer" in text


def test_a_seller_sees_the_own_customers_alone(looked_after: Web) -> None:
    """Neither names of others nor their scores; and nothing of contracts."""
    client = looked_after.client("sam")
    overview = client.get("/modules/quality").text
    assert "Sue Support" not in overview
    assert "Hidden One" not in client.get("/modules/quality/violations?rule=phone_country").text
    assert client.get("/modules/quality/contracts").status_code in (403, 404)


def test_cleaning_is_shown_carried_out_and_taken_back(looked_after: Web) -> None:
    """From the page alone."""
    client = looked_after.client("mia")
    page = client.get("/modules/quality/cleaning?show=1")
    assert "<ins>Ada Lovelace</ins>" in page.text
    done = client.post(
        "/operations/quality.cleaning.run?next=/modules/quality/cleaning",
        {"cleaners": ["spaces", "name_case"], "where": ""},
    )
    assert done.status_code == 303
    assert "Ada Lovelace" in names(looked_after)
    after = client.get("/modules/quality/cleaning").text
    identity = after.partition("quality.cleaning.undo?target=")[2].partition("&")[0]
    assert client.post(f"/operations/quality.cleaning.undo?target={identity}", {}).status_code in (200, 303)
    assert "  ADA  LOVELACE " in names(looked_after)


def names(web: Web) -> set[Any]:
    """Return the names of all customers."""
    from sqlalchemy import select

    from crmkit.core.customers.models import Customer

    with web.crm.session(SYSTEM) as session:
        return set(session.scalars(select(Customer.name)))


def test_a_stopped_source_is_released_from_the_page(looked_after: Web) -> None:
    """Where it says what was found."""
    client = looked_after.client("mia")
    page = client.get("/modules/quality/contracts").text
    assert "1 rows came, at least 5 are agreed." in page
    identity = page.partition("quality.contract.release?target=")[2].partition("&")[0]
    form = client.get(f"/operations/quality.contract.release?target={identity}")
    assert form.status_code == 200
    assert client.post(f"/operations/quality.contract.release?target={identity}", {"resolution": "ok"}).status_code in (
        200,
        303,
    )
    assert "quality.contract.stop" in client.get("/modules/quality/contracts").text


def test_the_first_page_has_a_card(looked_after: Web) -> None:
    """With the score, for who may see it."""
    from crmkit_quality.scores.pages import card

    with looked_after.crm.session(looked_after.crm.system("a test")) as session:
        lines = card(session)
    assert lines[0].title == "Quality of data"
