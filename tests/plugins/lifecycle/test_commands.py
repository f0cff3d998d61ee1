"""``crmkit lifecycle``: for people, and with --json for scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def shop(crmkit: Crmkit) -> Crmkit:
    """An installation with lifecycle enabled, and a customer who has bought three times."""
    crmkit.has("lifecycle")
    crmkit.ok("customer", "add", "name=Ada", "email=ada@x.example")
    ada = crmkit.json("customer", "show", "ada@x.example")["id"]
    for days in (90, 60, 5):
        when = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        bought = ("kind=purchase", f"customer_id={ada}", "amount=20", "currency=CNY", f"occurred_at={when}")
        crmkit.ok("run", "interaction.record", *bought)
    crmkit.ok("lifecycle", "run")
    crmkit("worker", "--once")
    return crmkit


def test_where_somebody_stands_and_is_moved(shop: Crmkit) -> None:
    """Shown with evidence, moved with a reason, counted, and tried with another criterion."""
    shown = shop.json("lifecycle", "show", "ada@x.example")["items"]
    assert [each["stage"] for each in shown] == ["prospect", "first", "repeat"]
    assert shown[2]["evidence"] == {"purchase.days": 3}
    refused = shop("lifecycle", "move", "ada@x.example", "first")
    assert refused.code != 0
    assert "lies back" in refused.out + refused.err
    shop.ok("lifecycle", "move", "ada@x.example", "first", "--reason", "Sent everything back")
    figures = {each["stage"]: each for each in shop.json("lifecycle", "stages")["items"]}
    assert (figures["first"]["entered"], figures["repeat"]["back"]) == (2, 1)
    found = shop.json("lifecycle", "preview", "--stage", "repeat", "--enter", "purchase.days >= 9")["items"]
    assert [(each["now"], each["holds"], each["would"], each["count"]) for each in found] == [
        ("first", "repeat", "first", 1)
    ]


def test_models_and_plans_are_listed(shop: Crmkit) -> None:
    """What is shipped is there; where there is too little history for the chain, that is said."""
    models = {each["model"] for each in shop.json("lifecycle", "models")["items"]}
    assert models == {"customer", "silence"}
    plans = {each["plan"]: each["difference"] for each in shop.json("lifecycle", "kept")["items"]}
    assert plans == {"keep": None, "win_back": None}
    few = shop("lifecycle", "chain")
    assert few.code != 0
    assert "Nobody has reached an end yet" in few.out + few.err
    goal = shop.json("lifecycle", "chain", "--goal", "first", "--resamples", "0")["items"]
    assert [(each["stage"], each["end"], each["chance"]) for each in goal] == [("prospect", "first", 1.0)]
