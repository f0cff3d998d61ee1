"""The command line: queues, people, territories, and why work went to whom."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]


@pytest.fixture
def staffed(crmkit: Crmkit) -> Crmkit:
    """An installation with work enabled, three people and a queue of two."""
    crmkit.has("work")
    for login in ("ada", "bo", "cy"):
        crmkit.ok("user", "add", login, login.title(), "--quiet")
    crmkit.ok("work", "queue", "new", "desk", "--title", "Desk", "--skill", "billing:2", "--any-time", "--quiet")
    for login in ("ada", "bo"):
        crmkit.ok("work", "queue", "add", "desk", login, "--quiet")
    crmkit.ok("work", "people", "skill", "ada", "billing", "3", "--quiet")
    return crmkit


def test_queues_and_people_are_listed(staffed: Crmkit) -> None:
    """With who is there, what they can do and how much they take."""
    (desk,) = staffed.json("work", "queue", "list")["items"]
    assert (desk["name"], desk["members"], desk["present"], desk["strategy"]) == ("desk", 2, 2, "round_robin")
    staffed.ok("work", "people", "set", "ada", "--capacity", "4", "--language", "zh", "--quiet")
    staffed.ok("work", "people", "presence", "busy", "--person", "bo", "--note", "at the dentist", "--quiet")
    people = {each["person"]: each for each in staffed.json("work", "people", "list")["items"]}
    assert (people["Ada"]["capacity"], people["Ada"]["skills"], people["Ada"]["languages"]) == (
        4,
        {"billing": 3},
        ["zh"],
    )
    assert (people["Bo"]["present"], people["Bo"]["reason"]) == (False, "busy")
    members = {each["person"]: each for each in staffed.json("work", "queue", "show", "desk")["items"]}
    assert (members["Ada"]["present"], members["Bo"]["present"]) == (True, False)


def test_why_and_why_not(staffed: Crmkit) -> None:
    """Of a task by its number; of one person; in Chinese, too; and what would come now."""
    made = staffed.json("work", "tasks", "new", "Call Li", "--queue", "desk")
    told = staffed.json("work", "assign", "explain", str(made["number"]))
    assert told["person"] == "Ada"
    assert told["why"]["code"] == "turn"
    assert [(each["person"], each["code"]) for each in told["why_not"]] == [("Bo", "lacks_skill")]
    one = staffed.json("work", "assign", "explain", str(made["number"]), "--person", "cy")
    assert one["code"] == "not_member"
    shown = staffed.ok("work", "assign", "explain", str(made["number"])).out
    assert 'They lack "billing" at level 2; they have level 0.' in shown
    chinese = staffed.ok("--language", "zh", "work", "assign", "explain", str(made["number"])).out
    assert "billing" in chinese
    assert "They" not in chinese
    later = staffed.json("work", "assign", "try", "--queue", "desk", "--skill", "billing:9")
    assert (later["person"], later["strategy"]) == (None, "waiting")


def test_absences_are_planned_and_ended(staffed: Crmkit) -> None:
    """From a day to and with another; a present one ends now, one to come is called off."""
    made = staffed.json("work", "people", "absent", "ada", "2036-05-01", "2036-05-03", "--deputy", "bo")
    assert (made["starts_at"], made["ends_at"]) == ("2036-04-30T16:00:00Z", "2036-05-03T16:00:00Z")
    assert staffed.json("work", "people", "absences")["items"] == []
    staffed.ok("work", "people", "back", made["id"], "--quiet")
    staffed.ok("work", "people", "absent", "bo", "2020-01-01", "2099-12-31", "--quiet")
    (now,) = staffed.json("work", "people", "absences")["items"]
    assert (now["person"], now["deputy"]) == ("Bo", None)
    staffed.ok("work", "people", "back", "bo", "--quiet")
    assert staffed.json("work", "people", "absences")["items"] == []
    assert staffed("work", "people", "back", "bo").code != 0


def test_work_of_who_is_gone_is_given_to_others(staffed: Crmkit) -> None:
    """By one command; a dry look says to whom work would go."""
    staffed.ok("work", "people", "skill", "bo", "billing", "2", "--quiet")
    made = staffed.json("work", "tasks", "new", "Call Li", "--queue", "desk")
    staffed.ok("work", "people", "absent", "ada", "2020-01-01", "2099-12-31", "--quiet")
    assert staffed.json("work", "queue", "rebalance") == {"moved": 1, "waiting": 0, "left": []}
    assert staffed.json("work", "assign", "explain", str(made["number"]))["person"] == "Bo"


def test_territories(staffed: Crmkit) -> None:
    """Made, listed, and asked for a customer; one that cannot be used is refused with its place."""
    staffed.ok("work", "territory", "new", "china", 'customer.country == "CN"', "--queue", "desk", "--quiet")
    (china,) = staffed.json("work", "territory", "list")["items"]
    assert (china["name"], china["queue"]) == ("china", "Desk")
    staffed.ok("customer", "add", "name=Li", "country=CN", "--quiet")
    assert staffed.json("work", "territory", "of", "Li")["name"] == "china"
    refused = staffed("work", "territory", "new", "x", 'customer.contry == "CN"')
    assert refused.code != 0
    assert "country" in refused.err


def test_what_is_not_there_is_named(staffed: Crmkit) -> None:
    """An unknown queue with those that there are, an unknown person, a day that is none."""
    for arguments, said in (
        (("work", "queue", "show", "dusk"), "desk"),
        (("work", "queue", "add", "desk", "nobody"), "nobody"),
        (("work", "people", "absent", "ada", "May", "2036-05-03"), "May"),
        (("work", "assign", "explain", "work.task:none"), "work.task:none"),
    ):
        refused = staffed(*arguments)
        assert refused.code != 0
        assert said in refused.err


def test_a_queue_is_changed(staffed: Crmkit) -> None:
    """What is not given stays; a dash and a zero take away."""
    staffed.ok("work", "queue", "new", "spare", "--max-per-day", "3", "--fallback", "desk", "--quiet")
    staffed.ok(
        "work", "queue", "set", "spare", "--max-per-day", "0", "--fallback", "-", "--strategy", "weighted", "--quiet"
    )
    staffed.ok("work", "queue", "set", "spare", "--inactive", "--quiet")
    spare = {each["name"]: each for each in staffed.json("work", "queue", "list")["items"]}["spare"]
    assert (spare["strategy"], spare["active"]) == ("weighted", False)
    staffed.ok("work", "queue", "remove", "desk", "bo", "--quiet")
    assert [each["person"] for each in staffed.json("work", "queue", "show", "desk")["items"]] == ["Ada"]
