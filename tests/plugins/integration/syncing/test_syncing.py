"""Two-way synchronisation with another crmkit: who owns a field, who wins, who is gone, and that nothing loops."""

from __future__ import annotations

import random
from typing import Any

import pytest

from crmkit.errors import Conflict, InvalidInput, Refused
from tests.plugins.integration.syncing.conftest import (
    FIELDS,
    SYSTEM,
    Sides,
    add,
    change,
    keeper,
    known,
    named,
    token_of,
)


def test_both_sides_are_brought_together(sides: Sides) -> None:
    """Whoever is on one side alone is added on the other, with all fields."""
    add(sides.ours, "Li Na", city="上海", tags=["vip"], email="li@example.com")
    add(sides.theirs, "Ann Bell", city="Leeds", job_title="Buyer")
    sides.agree()
    counts = sides.run()
    assert (counts["added_here"], counts["added_there"]) == (1, 1)
    assert known(sides.ours) == known(sides.theirs)
    assert sorted(known(sides.ours)) == ["Ann Bell", "Li Na"]
    assert sides.compared().equal


def test_a_run_after_a_run_does_nothing(sides: Sides) -> None:
    """What a run has written comes back as a change, and is equal already: nothing goes round in circles."""
    add(sides.ours, "Li Na", city="上海")
    add(sides.theirs, "Ann Bell")
    sides.agree().run()
    again = sides.run()
    sides.calls.clear()
    last = sides.run()
    writes = [each for each in sides.calls if not each.startswith("GET")]
    assert ({name for name in again if name != "looked_at"}, last, writes) == (set(), {"looked_at": 0}, [])


def test_changes_go_both_ways(sides: Sides) -> None:
    """Each field for itself: what was changed here goes there, and the other way round, in one run."""
    li = add(sides.ours, "Li Na", city="上海", tags=["a"], email="li@example.com")
    sides.agree().run()
    change(sides.ours, li, city="北京", tags=["a", "b"])
    change(sides.theirs, named(sides.theirs, "Li Na"), job_title="CEO")
    there = named(sides.theirs, "Li Na")
    points = [{"kind": "email", "value": "new@example.com"}, {"kind": "phone", "value": "+49 30 123456"}]
    change(sides.theirs, there, contact_points=points)
    sides.run()
    expected = {"city": "北京", "job_title": "CEO", "tags": ["a", "b"], "emails": ["new@example.com"]}
    assert known(sides.ours)["Li Na"] == known(sides.theirs)["Li Na"] == expected
    assert sides.run()["looked_at"] <= 1


def test_an_emptied_value_is_emptied_on_the_other_side(sides: Sides) -> None:
    """To take a value away is a change like any other."""
    li = add(sides.ours, "Li Na", city="上海", tags=["a"], email="li@example.com")
    sides.agree().run()
    change(sides.ours, li, city=None, tags=[], contact_points=[])
    sides.run()
    assert known(sides.theirs)["Li Na"] == {"city": None, "job_title": None, "tags": [], "emails": []}


def test_the_owner_of_a_field_has_the_last_word(sides: Sides) -> None:
    """What the other side writes into it is overwritten, however new it is."""
    li = add(sides.ours, "Li Na", city="上海", job_title="CEO")
    sides.agree({"name": "newest", "city": "ours", "job_title": "theirs"}).run()
    there = named(sides.theirs, "Li Na")
    change(sides.theirs, there, city="Paris", job_title="CFO")
    change(sides.ours, li, job_title="CTO")
    sides.run()
    assert (known(sides.ours)["Li Na"]["city"], known(sides.theirs)["Li Na"]["city"]) == ("上海", "上海")
    assert (known(sides.ours)["Li Na"]["job_title"], known(sides.theirs)["Li Na"]["job_title"]) == ("CFO", "CFO")


@pytest.mark.parametrize(("policy", "expected"), [("ours", "Bonn"), ("theirs", "Paris"), ("newest", "Paris")])
def test_a_policy_decides_where_both_changed_it(sides: Sides, policy: str, expected: str) -> None:
    """Ours, theirs, or the record that was changed last."""
    li = add(sides.ours, "Li Na", city="上海")
    sides.agree(policy=policy).run()
    change(sides.ours, li, city="Bonn")
    change(sides.theirs, named(sides.theirs, "Li Na"), city="Paris")
    sides.run()
    assert [known(each)["Li Na"]["city"] for each in (sides.ours, sides.theirs)] == [expected] * 2


def test_somebody_settles_a_conflict(sides: Sides) -> None:
    """Both values stay until then; other fields go on; what was chosen is written once and not again."""
    li = add(sides.ours, "Li Na", city="上海")
    sides.agree(policy="ask").run()
    there = named(sides.theirs, "Li Na")
    change(sides.ours, li, city="Bonn", job_title="CEO")
    change(sides.theirs, there, city="Paris")
    assert sides.run()["conflicts"] == 1
    (conflict,) = sides.conflicts()
    assert (conflict.field_name, conflict.ours, conflict.theirs) == ("city", "Bonn", "Paris")
    assert (known(sides.theirs)["Li Na"]["city"], known(sides.theirs)["Li Na"]["job_title"]) == ("Paris", "CEO")
    sides.run()
    assert len(sides.conflicts()) == 1
    sides.ours.run(SYSTEM, "integration.conflict.resolve", {"choice": "theirs"}, target=conflict.id)
    with pytest.raises(Conflict):
        sides.ours.run(SYSTEM, "integration.conflict.resolve", {"choice": "ours"}, target=conflict.id)
    sides.run()
    assert (known(sides.ours)["Li Na"]["city"], len(sides.conflicts("done"))) == ("Paris", 1)
    change(sides.ours, li, city="Rome")
    sides.run()
    assert known(sides.theirs)["Li Na"]["city"] == "Rome"


def test_a_conflict_is_over_when_both_say_the_same(sides: Sides) -> None:
    """Somebody has mended it by hand."""
    li = add(sides.ours, "Li Na", city="上海")
    sides.agree(policy="ask").run()
    change(sides.ours, li, city="Bonn")
    change(sides.theirs, named(sides.theirs, "Li Na"), city="Paris")
    sides.run()
    change(sides.ours, li, city="Paris")
    sides.run()
    assert (len(sides.conflicts()), len(sides.conflicts("over"))) == (0, 1)


def test_nobody_is_deleted_and_nobody_comes_back(sides: Sides) -> None:
    """Who is gone on one side is marked; the record on the other side stays, and is not brought back."""
    li, bo, cy = (add(sides.ours, name) for name in ("Li Na", "Bo", "Cy"))
    sides.agree().run()
    sides.ours.run(SYSTEM, "customer.delete", target=li)
    sides.theirs.run(SYSTEM, "customer.delete", target=named(sides.theirs, "Bo"))
    sides.ours.run(SYSTEM, "customer.remove", target=cy)
    sides.run()
    assert sorted(each.state for each in sides.pairs()) == ["gone_here", "gone_here", "gone_there"]
    change(sides.theirs, named(sides.theirs, "Cy"), city="Bonn")
    sides.run()
    sides.run(everything=True)
    assert (sorted(known(sides.ours)), sorted(known(sides.theirs))) == (["Bo"], ["Cy", "Li Na"])
    kinds = sorted(each["kind"] for each in sides.compared().differences)
    assert kinds == ["gone_here", "gone_here", "gone_there"]
    sides.ours.run(SYSTEM, "customer.restore", target=li)
    change(sides.ours, bo, city="Ulm")
    sides.theirs.run(SYSTEM, "customer.restore", target=named_deleted(sides))
    sides.run()
    assert sorted(each.state for each in sides.pairs()) == ["gone_here", "paired", "paired"]
    assert known(sides.theirs)["Bo"]["city"] == "Ulm"


def named_deleted(sides: Sides) -> Any:
    """Return the id of Bo over there."""
    return named(sides.theirs, "Bo")


def test_who_was_merged_here_stays_one(sides: Sides) -> None:
    """Both records over there belong to who survived; nobody is added again."""
    li, la = add(sides.ours, "Li Na", city="Bonn"), add(sides.ours, "Li N.", city="Ulm")
    sides.agree().run()
    sides.ours.run(SYSTEM, "customer.merge", {"absorb": la, "reason": "the same"}, target=li)
    sides.run()
    sides.run()
    assert len(known(sides.ours)) == 1
    assert sides.run()["looked_at"] <= 2


def test_the_same_customers_find_each_other(sides: Sides) -> None:
    """By an e-mail address, where it is one customer's alone; nobody is added twice."""
    add(sides.ours, "Li Na", email="li@example.com", city="上海")
    add(sides.theirs, "LI, Na", email="LI@example.com", job_title="CEO")
    sides.agree(match_by="emails", policy="ours").run()
    assert known(sides.ours) == known(sides.theirs)
    assert known(sides.ours)["Li Na"] == {
        "city": "上海", "job_title": "CEO", "tags": [], "emails": ["li@example.com"],
    }  # fmt: skip


def test_one_way_writes_one_side(sides: Sides) -> None:
    """Only from there: theirs never changes."""
    li = add(sides.ours, "Li Na")
    add(sides.theirs, "Ann", city="Leeds")
    sides.agree(direction="in").run()
    change(sides.ours, named(sides.ours, "Ann"), city="York")
    change(sides.ours, li, city="Bonn")
    sides.run()
    assert known(sides.theirs) == {"Ann": {"city": "Leeds", "job_title": None, "tags": [], "emails": []}}
    assert sorted(known(sides.ours)) == ["Ann", "Li Na"]


def test_a_dry_run_says_everything_and_does_nothing(sides: Sides) -> None:
    """Field by field, with the value after; then a run does just that."""
    li = add(sides.ours, "Li Na", city="上海")
    sides.agree()
    assert sides.planned() == [("add_there", "name", "Li Na"), ("add_there", "city", "上海")]
    assert (known(sides.theirs), sides.pairs()) == ({}, [])
    sides.run()
    change(sides.ours, li, city="Bonn")
    change(sides.theirs, named(sides.theirs, "Li Na"), tags=["x"])
    assert sorted(sides.planned()) == [("change_here", "tags", ["x"]), ("change_there", "city", "Bonn")]
    assert sides.run()["changed_here"] == 1
    assert sides.planned() == []


def test_a_record_that_is_refused_costs_itself_alone(sides: Sides) -> None:
    """It is named with the reason and tried again; the others go on."""
    sides.theirs.run(SYSTEM, "business.configure", {"base_currency": "EUR"})
    add(sides.ours, "Good")
    bad = add(sides.ours, "Bad", email="bad@example.com")
    sides.agree()
    require(sides, "city")
    counts = sides.run()
    assert counts == {"looked_at": 2, "failed": 2}
    assert sorted(each["kind"] for each in sides.compared().differences) == ["refused", "refused"]
    change(sides.ours, bad, city="Bonn")
    assert sides.run() == {"looked_at": 2, "added_there": 1, "failed": 1}
    assert sorted(known(sides.theirs)) == ["Bad"]


def require(sides: Sides, field: str) -> None:
    """Have theirs ask for a field of each customer."""
    sides.theirs.run(SYSTEM, "required_field.set", {"resource": "customer", "name": field})


def test_what_may_not_be_seen_is_not_sent(sides: Sides) -> None:
    """Neither what whom it acts as sees masked here, nor a masked value from there."""
    masked = keeper(sides.theirs, reveals=False)
    add(sides.theirs, "Li Na", email="li@example.com")
    values: dict[str, Any] = {
        "name": "branch", "url": "https://theirs.example.com", "fields": FIELDS,
        "token": token_of(sides.theirs, masked),
    }  # fmt: skip
    person = sides.ours.run(SYSTEM, "user.create", {"login": "mia", "name": "Mia"})
    sides.ours.run(SYSTEM, "user.assign_role", {"role": "manager"}, target=person.id)
    with pytest.raises(InvalidInput, match="in full"):
        sides.ours.run(SYSTEM, "integration.sync.create", {**values, "runs_as_id": person.id})
    made = sides.ours.run(SYSTEM, "integration.sync.create", {**values, "runs_as_id": keeper(sides.ours).user_id})
    sides.sync_id = made.id
    with pytest.raises(Refused, match="may not reveal over there"):
        sides.run()
    assert known(sides.ours) == {}


def test_a_token_that_is_gone_ends_the_run(sides: Sides) -> None:
    """It is noted as failed; with a good one the next run begins where the last one did."""
    add(sides.ours, "Li Na")
    sides.agree()
    good = token_of(sides.theirs, _keeper_of(sides))
    sides.ours.run(SYSTEM, "integration.sync.update", {"token": "nonsense"}, target=sides.sync_id)
    with pytest.raises(Refused, match="401"):
        sides.run()
    sides.ours.run(SYSTEM, "integration.sync.update", {"token": good}, target=sides.sync_id)
    assert sides.run()["added_there"] == 1


def _keeper_of(sides: Sides) -> Any:
    from sqlalchemy import select

    from crmkit import Actor, User

    with sides.theirs.session(SYSTEM) as session:
        return Actor.user(session.scalars(select(User.id).where(User.login == "keeper")).one())


def test_two_runs_at_once_are_one(sides: Sides) -> None:
    """The second is told that there is one; one that was left is taken over after a while."""
    sides.agree()
    from crmkit import new_id

    sides.ours.run(SYSTEM, "integration.sync.begin", {"held_by": new_id(), "kind": "sync"}, target=sides.sync_id)
    with pytest.raises(Conflict, match="running"):
        sides.run()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fields": {}}, "fields"),
        ({"fields": {"name": "nobody"}}, "fields.name"),
        ({"fields": {"shoe": "ours"}}, "fields.shoe"),
        ({"fields": {"custom.shoe": "ours"}}, "fields.custom.shoe"),
        ({"url": "http://theirs.example.com"}, "url"),
        ({"url": "https://127.0.0.1:99/"}, "url"),
        ({"connector": "acme"}, "connector"),
        ({"match_by": "phones"}, "match_by"),
        ({"name": "a b"}, "name"),
    ],
)
def test_what_is_agreed_on_is_checked(sides: Sides, values: dict[str, Any], field: str) -> None:
    """Fields, owners, the address, the kind of system."""
    good: dict[str, Any] = {
        "name": "x", "url": "https://theirs.example.com", "token": "t", "fields": FIELDS,
        "runs_as_id": keeper(sides.ours).user_id,
    }  # fmt: skip
    with pytest.raises(InvalidInput) as raised:
        sides.ours.run(SYSTEM, "integration.sync.create", {**good, **values})
    assert field in [each.field for each in raised.value.problems]


@pytest.mark.parametrize("seed", range(2))
def test_random_edits_converge(sides: Sides, seed: int) -> None:
    """Whatever is done on either side, also while a run is under way: after two runs in peace both are equal, and a
    third writes nothing."""
    chance = random.Random(seed)
    sides.agree(policy=chance.choice(["ours", "theirs", "newest"]))
    for number in range(3):
        add(sides.ours, f"O{number}")
        add(sides.theirs, f"T{number}")

    def edit() -> None:
        crm = chance.choice([sides.ours, sides.theirs])
        ids = [named(crm, name) for name in known(crm)]
        if not ids or chance.random() < 0.2:
            add(crm, f"N{chance.random():.6f}", city=chance.choice(["Bonn", "Ulm", None]))
            return
        one = chance.choice(ids)
        if chance.random() < 0.1:
            crm.run(SYSTEM, "customer.delete", target=one)
            return
        emails = chance.sample(["a@example.com", "b@example.com", "c@example.com"], chance.randint(0, 2))
        change(
            crm,
            one,
            **chance.choice(
                [
                    {"city": chance.choice(["Bonn", "Ulm", None])},
                    {"job_title": chance.choice(["CEO", "", None])},
                    {"tags": chance.sample(["x", "y", "z"], chance.randint(0, 3))},
                    {"contact_points": [{"kind": "email", "value": each} for each in emails]},
                    {"name": f"R{chance.random():.6f}"},
                ]
            ),
        )

    real, busy = sides.answer, [True]

    def answer(url: str, **options: Any) -> Any:
        if busy[0] and chance.random() < 0.15:
            busy[0] = False
            edit()
            busy[0] = True
        return real(url, **options)

    sides_answer(answer)
    for _round in range(3):
        for _each in range(chance.randint(1, 4)):
            edit()
        sides.run()
    busy[0] = False
    sides.run()
    sides.run()
    last = sides.run()
    found = sides.compared()
    assert [each for each in found.differences if each["kind"] == "value"] == []
    assert found.checksums["ours"] == found.checksums["theirs"]
    assert {name for name in last if name != "looked_at"} == set()


def sides_answer(answer: Any) -> None:
    """Let calls to theirs be answered otherwise."""
    from crmkit_integration.syncing import crmkit_api

    crmkit_api.call_address = answer
