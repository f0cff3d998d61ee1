"""``crmkit loyalty``: what it prints, what it changes, and what it says where something is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from crmkit_loyalty.ledger.models import Balance
from sqlalchemy import update

from crmkit import CRM, Settings
from tests.cli.conftest import Crmkit, pristine as _pristine

pristine = _pristine


@pytest.fixture(scope="session")
def with_loyalty(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a programme, a reward of 40 points and a member with 100, to be copied."""
    home = tmp_path_factory.mktemp("loyalty") / "shop"
    shutil.copytree(pristine, home)
    crmkit = Crmkit(home, home.parent)
    assert crmkit("plugin", "enable", "loyalty", "--yes").code == 0

    def run(name: str, *given: str) -> None:
        crmkit.ok("run", name, *given)

    run("loyalty.program.create", "name=club", "title=Club")
    run("loyalty.point_type.create", "program=club", "name=points", "expiry=rolling")
    run("loyalty.tier_metric.create", "name=earned", "source=points")
    run("loyalty.tier.create", "name=basic", "level=0")
    run("loyalty.tier.create", "name=gold", "level=1", 'reach:={"earned": "500"}')
    run("loyalty.reward.create", "name=cup", "points=40")
    crmkit.ok("customer", "add", "name=Ada")
    crmkit.ok("loyalty", "join", "Ada")
    crmkit.ok("loyalty", "adjust", "Ada", "100", "--reason", "welcome")
    return home


@pytest.fixture
def crmkit(with_loyalty: Path, tmp_path: Path) -> Crmkit:
    """The command line with loyalty, on an installation of this test alone."""
    home = tmp_path / "shop"
    shutil.copytree(with_loyalty, home)
    return Crmkit(home, tmp_path)


def available(crmkit: Crmkit) -> int:
    """Return how many points Ada can spend."""
    (row,) = crmkit.json("loyalty", "balance", "Ada")["items"]
    return int(row["available"])


def test_programmes_are_listed_with_their_points(crmkit: Crmkit) -> None:
    (row,) = crmkit.json("loyalty", "programs")["items"]
    assert (row["program"], row["members"], row["points"]) == ("club", 1, {"points": 100})
    assert "Club" in crmkit.ok("loyalty", "programs").out


def test_points_are_spent_once_for_a_key_and_stand_in_the_history(crmkit: Crmkit) -> None:
    for _again in range(2):
        crmkit.ok("loyalty", "spend", "Ada", "30", "--key", "order 1", "--reason", "an order")
    assert available(crmkit) == 70
    rows = crmkit.json("loyalty", "history", "Ada")["items"]
    assert [(each["kind"], each["available"]) for each in rows] == [("spend", -30), ("adjust", 100)]
    assert len(crmkit.json("loyalty", "history", "Ada", "--limit", "1")["items"]) == 1


def test_points_are_taken_by_hand_with_a_reason(crmkit: Crmkit) -> None:
    crmkit.ok("loyalty", "adjust", "Ada", "--reason", "a mistake", "--", "-25")
    assert available(crmkit) == 75


def test_a_reward_is_redeemed_with_its_code(crmkit: Crmkit) -> None:
    made = crmkit.json("loyalty", "redeem", "Ada", "cup", "--quantity", "2")
    assert (made["points"], made["state"], len(made["vouchers"])) == (80, "delivered", 2)
    assert [each["number"] for each in crmkit.json("loyalty", "redemptions")["items"]] == [made["number"]]
    assert crmkit.json("loyalty", "redemptions", "--state", "ordered")["items"] == []
    (reward,) = crmkit.json("loyalty", "rewards")["items"]
    assert (reward["reward"], reward["points"]) == ("cup", 40)


def test_tiers_are_listed_with_what_they_take(crmkit: Crmkit) -> None:
    rows = crmkit.json("loyalty", "tiers")["items"]
    assert [(each["tier"], each["reach"]) for each in rows] == [("basic", {}), ("gold", {"earned": "500"})]


def test_what_is_due_is_done(crmkit: Crmkit) -> None:
    assert crmkit.json("loyalty", "release") == {"accounts": 0}
    assert crmkit.json("loyalty", "expire") == {"accounts": 0, "reservations": 0}


def test_the_books_agree_and_what_does_not_is_named(crmkit: Crmkit) -> None:
    assert crmkit.json("loyalty", "verify")["items"] == []
    assert "The books agree." in crmkit.ok("loyalty", "verify").out
    assert crmkit.home is not None
    with CRM.open(Settings.from_home(crmkit.home)) as crm, crm.engines.system_write.begin() as connection:
        table: Any = Balance.__table__
        connection.execute(update(table).values(available=1))
    done = crmkit("loyalty", "verify", "--json")
    assert done.code == 1
    (row,) = done.json["items"]
    assert (row["what"], row["stated"], row["counted"]) == ("balance", 1, 100)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("balance", "Nobody"), "Nobody"),
        (("balance", "Ada", "--program", "clubb"), "There are: club"),
        (("spend", "Ada", "101"), "101 are wanted, and 100 can be spent"),
        (("spend", "Ada", "1", "--type", "stars"), "The programme has no points"),
        (("adjust", "Ada", "5", "--reason", " "), "Say why."),
        (("redeem", "Ada", "cup", "--quantity", "3"), "There are too few points."),
        (("redeem", "Ada", "cupp"), "cup"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(crmkit: Crmkit, arguments: tuple[str, ...], said: str) -> None:
    done = crmkit("loyalty", *arguments)
    assert done.code != 0
    assert said in done.err
    assert "Traceback" not in done.err
    assert available(crmkit) == 100


def test_who_was_invited_and_challenges_are_listed(crmkit: Crmkit) -> None:
    assert [] == crmkit.json("loyalty", "referrals")["items"]
    assert [] == crmkit.json("loyalty", "challenges")["items"]
    crmkit.ok("run", "loyalty.referral_policy.set", "program=club", "referrer_points=10")
    crmkit.ok("customer", "add", "name=Bo")
    crmkit.ok("loyalty", "join", "Bo")
    made = crmkit.json("loyalty", "invite", "Bo", "23456789")
    assert made["state"] == "entered"
    (row,) = crmkit.json("loyalty", "referrals", "--state", "entered")["items"]
    assert (made["id"], None) == (row["id"], row["invited_by"])
    assert crmkit("loyalty", "invite", "Bo", "0O").code != 0
    crmkit.ok("run", "loyalty.challenge.create", "program=club", "name=tea", "target=2", "points=5", "badge=Leaf")
    (challenge,) = crmkit.json("loyalty", "challenges", "--state", "draft")["items"]
    assert ("tea", "2", 5, 0) == (
        challenge["challenge"], challenge["target"], challenge["points"], challenge["completed"],
    )  # fmt: skip
