"""The first page: what there is for whom, with the reason; and what goes wrong in one card stays in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.hooks.contributions import CardLine, DashboardCard
from tests.conftest import Templates
from tests.web.conftest import Web
from tests.web.deciding.conftest import buy, plain


@pytest.fixture
def bought(sqlite_web: Web) -> Web:
    """Customers who have bought, one of them long ago."""
    buy(sqlite_web)
    return sqlite_web


def cards(web: Web, login: str) -> set[str]:
    """Return the cards of somebody's first page, by name."""
    text = web.client(login).get("/").text
    return {part.partition('"')[0] for part in text.split('id="card-')[1:]}


def test_everybody_has_the_cards_of_their_work(bought: Web) -> None:
    """Sellers their customers, managers figures, marketers segments, administrators health."""
    named = {
        "sam": "crmkit.turned",
        "mia": "crmkit.goals",
        "max": "crmkit.segments",
        "ada": "crmkit.health",
    }
    found = {login: cards(bought, login) for login in named}
    assert named == {login: name for login, name in named.items() if name in found[login]}
    assert [False, False, False] == [
        "crmkit.health" in found["sam"],
        "crmkit.turned" in found["max"],
        "crmkit.goals" in found["sam"],
    ]
    assert 404 == bought.client("sam").get("/today/crmkit.health").status_code


def test_whom_to_call_comes_with_the_reason(bought: Web) -> None:
    """The customer who turned silent, since when, by which facts, and one tap from logging the call."""
    page = bought.client("sam").part("/today/crmkit.turned").text
    text = plain(page)
    assert "Wang Lin" in text
    assert "Purchases: 5" in text
    assert f'/customers/{bought.customers["Wang Lin"]}#log-call"' in page
    assert "Sofia" not in text


def test_birthdays_are_told_to_who_may_read_them(bought: Web) -> None:
    """Tomorrow's birthday shows to its seller; to who sees nothing personal no card says whose it is."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("1990-%m-%d")
    system = bought.crm.system("a birthday")
    bought.crm.run(system, "customer.update", {"birth_date": tomorrow}, target=bought.customers["李秀英"])
    assert "李秀英" in bought.client("sam").part("/today/crmkit.birthdays").text
    assert 404 == bought.client("ann").get("/today/crmkit.birthdays").status_code


def test_an_empty_base_shows_the_first_steps(templates: Templates, tmp_path: Path) -> None:
    """Set up the business, bring customers, invite people: each with its place, those that are done ticked."""
    with CRM.open(templates.copy("sqlite", tmp_path)) as crm:
        system = crm.system("the only person")
        user = crm.run(system, "user.create", {"login": "ada", "name": "Ada"}).id
        crm.run(system, "user.assign_role", {"role": "admin"}, target=user)
        alone = Web(crm=crm, users={"ada": user}, customers={})
        text = plain(alone.client("ada").get("/").text)
        for step in ("Set up the business", "Bring your customers in", "Invite the people"):
            assert step in text
        for client in alone.clients:
            client.close()


def test_the_steps_are_gone_once_they_are_done(bought: Web) -> None:
    """With customers and colleagues nobody is told to begin."""
    assert "First steps" not in bought.client("ada").get("/").text


# --- cards of plugins ------------------------------------------------------------------------------------------------


def declare(web: Web, rows: Any, **more: Any) -> None:
    """Have a plugin put a card on the page."""
    card = DashboardCard(name="acme.card", title="Acme's card", rows=rows, **more)
    web.crm.registry.tables["dashboard card"]["acme.card"] = card
    web.crm.registry.owners["dashboard card", "acme.card"] = "acme"


def test_a_plugin_adds_a_card(sqlite_web: Web) -> None:
    """Its lines are asked for as whoever looks, and shown as they are, whatever stands in them."""

    def rows(session: Any) -> Sequence[CardLine]:
        return [CardLine(title="<script>alert(1)</script>", hint=session.actor.name, figure=7, path="/customers")]

    declare(sqlite_web, rows)
    page = sqlite_web.client("sam").part("/today/acme.card").text
    assert ("<script>" in page, "Sam Seller" in page, "7" in plain(page)) == (False, True, True)
    assert "acme.card" in cards(sqlite_web, "sam")


def test_a_card_that_fails_costs_itself_alone(sqlite_web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """The page and all other cards are there; the card names its plugin, and the error is in the log without what it
    said."""

    def rows(session: Any) -> Sequence[CardLine]:
        raise ValueError("13800138000 is a secret")

    declare(sqlite_web, rows)
    response = sqlite_web.client("sam").part("/today/acme.card")
    assert (200, True) == (response.status_code, "The module acme could not say" in response.text)
    assert 200 == sqlite_web.client("sam").get("/?all=1").status_code
    assert ("13800138000" in response.text, "13800138000" in caplog.text) == (False, False)


def test_a_card_is_for_who_has_its_right(sqlite_web: Web) -> None:
    """For all others there is no such card."""
    declare(sqlite_web, lambda session: [], permission="audit.read", empty="Nothing")
    assert ("acme.card" in cards(sqlite_web, "ada"), "acme.card" in cards(sqlite_web, "sam")) == (True, False)
    assert 404 == sqlite_web.client("sam").get("/today/acme.card").status_code
