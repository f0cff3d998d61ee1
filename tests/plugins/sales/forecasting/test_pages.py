"""The pages of forecasting: a period by owner, the deals behind its figures, the movement, what was learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Templates
from tests.plugins.sales.forecasting.conftest import Q3, SYSTEM, as_user, sqlite_story
from tests.web.conftest import Visit, Web, served, visit

__all__ = ["served", "visit"]

Visitor = Callable[..., Visit]
PATHS = ["/forecast", "/forecast/deals?measure=commit", "/movement?since=2026-07-10", "/win-models"]


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """The story behind its doors, with a quota and an adjustment."""
    crm, story = sqlite_story(templates, tmp_path)
    with crm:
        for login, amount in (("sam", 1_000_000), ("sue", 500_000)):
            quota = {"first": "2026-07-01", "last": "2026-09-30", "amount_minor": amount}
            crm.run(SYSTEM, "sales.quota.create", {**quota, "owner_id": story.users[login]})
        said = {"measure": "commit", "amount_minor": 600_000, "reason": "One is not so sure", "period": Q3}
        crm.run(as_user(story, "mia"), "sales.forecast.adjust", {**said, "owner_id": story.users["sam"]})
        made = Web(crm=crm, users=dict(story.users), customers=dict(story.deals))
        yield made
        for client in made.clients:
            client.close()


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sam"])
def test_every_page_is_shown(sqlite_web: Web, login: str, language: str) -> None:
    """To a manager and to a seller, in both languages."""
    client = sqlite_web.client(login, language=language)
    paths = [*PATHS, "/probability", f"/probability?id={sqlite_web.customers['stays']}"]
    assert {path: client.get(f"/modules/sales{path}").status_code for path in paths} == dict.fromkeys(paths, 200)


def test_the_forecast_says_what_is_adjusted_and_what_is_missing(sqlite_web: Web) -> None:
    """What a manager said, what the deals came to, and by whom; yen are named."""
    text = " ".join(sqlite_web.client("mia").get("/modules/sales/forecast").text.split())
    assert "CN¥6,600.00 by the deals; Mia: One is not so sure" in text
    assert "Not converted, and in no sum: ¥5,000 (deals: 1)" in text
    assert "/operations/sales.forecast.adjust" in text
    assert "/operations/sales.forecast.adjust" not in sqlite_web.client("sam").get("/modules/sales/forecast").text


def test_a_figure_leads_to_its_deals(sqlite_web: Web) -> None:
    """Commit holds what was won and what is committed, and nothing else."""
    text = sqlite_web.client("mia").get("/modules/sales/forecast/deals?measure=commit&period=2026-Q3").text
    assert [title for title in ("Wins", "Grows", "Stays", "Yen") if f">{title}<" in text] == ["Wins", "Grows"]


def test_a_line_of_the_movement_leads_to_its_deals(sqlite_web: Web) -> None:
    """What moved out, and nothing else."""
    path = "/modules/sales/movement?since=2026-07-10&period=2026-Q3&line=moved_out"
    part = sqlite_web.client("mia").get(path).text.partition('id="deals"')[2]
    assert ">Slips<" in part
    assert ">Wins<" not in part


@pytest.mark.parametrize("query", ["period=soon", "period=2026-Q9&basis=x&owner=y", "owner=none&measure=zzz"])
def test_nonsense_is_answered_with_a_page(sqlite_web: Web, query: str) -> None:
    """A period that is none is named; everything else is left out."""
    for path in ("/forecast", "/forecast/deals", "/movement"):
        assert sqlite_web.client("mia").get(f"/modules/sales{path}?{query}").status_code == 200
    assert "This is no period" in sqlite_web.client("mia").get("/modules/sales/forecast?period=soon").text


def test_a_manager_adjusts_by_the_form(sqlite_web: Web, visit: Visitor) -> None:
    """From the page to the form and back; the figure is another one, with the reason."""
    seen = visit("mia")
    seen.go("/modules/sales/forecast?period=2026-Q3")
    seen.page.get_by_role("link", name="Adjust").click()
    seen.page.locator("select[name=measure]").select_option("best_case")
    seen.page.locator("textarea[name=reason]").fill("The fair was good")
    seen.page.locator("input[name=amount_minor]").fill("9000")
    seen.page.get_by_role("button", name="Adjust").click()
    seen.page.wait_for_url("**/modules/sales/forecast*")
    assert "The fair was good" in seen.page.locator("main").inner_text()


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_runs_out_of_the_page(sqlite_web: Web, visit: Visitor, width: int) -> None:
    """Neither on a phone nor on a desk, in Chinese; charts scroll within their frame."""
    seen = visit("mia", width=width, language="zh_Hans")
    for path in PATHS:
        seen.go(f"/modules/sales{path}")
        assert seen.page.locator("h1").is_visible()
        over = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path
