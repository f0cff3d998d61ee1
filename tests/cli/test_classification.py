"""Dimensions and labels on the command line."""

from __future__ import annotations

import json

from tests.cli.conftest import Crmkit

BASKET = {
    "name": "basket",
    "title": "Basket",
    "labels": [{"name": "small", "title": "Small"}, {"name": "large", "title": "Large"}],
    "decider": {"by": "cut_points", "score": "purchase.amount", "points": ["100"]},
    "among": "purchase.count > 0",
}


def shop(crmkit: Crmkit) -> str:
    """Add a customer who has bought for 150, and a dimension of one's own; return the file of its definition."""
    crmkit.ok("customer", "add", "name=Li Wei")
    who = crmkit.json("customer", "list")["items"][0]["id"]
    crmkit.ok("run", "interaction.record", "kind=purchase", f"customer_id={who}", "amount=150", "currency=CNY")
    file = crmkit.folder / "basket.json"
    file.write_text(json.dumps(BASKET), "utf-8")
    crmkit.ok("dimension", "save", str(file), "--note", "ours")
    return str(file)


def test_a_dimension_is_saved_shown_and_taken_back(crmkit: Crmkit) -> None:
    """What show prints is what save takes."""
    file = shop(crmkit)
    rows = {row["name"]: row for row in crmkit.json("dimension", "list")["items"]}
    assert ("cut_points", True, "own") == tuple(rows["basket"][name] for name in ("decider", "enabled", "origin"))
    assert len(rows) > 25
    assert BASKET == crmkit.json("dimension", "show", "basket")
    assert "purchase.amount" in crmkit.ok("dimension", "show", "basket").out
    crmkit.ok("dimension", "disable", "basket")
    crmkit.ok("dimension", "enable", "basket")
    crmkit.ok("dimension", "reset", "basket")
    assert 5 == crmkit("dimension", "show", "basket").code
    assert "Did you mean" in crmkit("dimension", "show", "valu").err
    assert file


def test_customers_are_classified_and_counted(crmkit: Crmkit) -> None:
    """A run says what changed, show how many there are, with bars for people."""
    shop(crmkit)
    run = crmkit.json("classify", "run", "basket")
    assert [("basket", 1, {"large": 1})] == [(row["dimension"], row["changed"], row["counts"]) for row in run["items"]]
    shown = crmkit.json("classify", "show", "basket")["items"]
    assert [("large", 1, 100.0)] == [(row["label"], row["customers"], row["share"]) for row in shown]
    assert "█" in crmkit.ok("classify", "show", "basket").out
    (line,) = crmkit.json("classify", "history", "Li Wei", "--dimension", "basket")["items"]
    assert ("large", "decider", {"purchase.amount": 15000, "purchase.count": 1}) == (
        line["label"],
        line["cause"],
        line["facts"],
    )
    moved = crmkit.json("classify", "matrix", "basket", "--from", "2020-01-01")
    assert [{"before": None, "after": "large", "customers": 1}] == moved["moves"]
    assert "Large" in crmkit.ok("classify", "matrix", "basket", "--from", "2020-01-01").out


def test_a_preview_writes_nothing(crmkit: Crmkit) -> None:
    """It names who would move, by the file's definition."""
    file = shop(crmkit)
    crmkit.ok("classify", "run", "basket")
    changed = {**BASKET, "decider": {**BASKET["decider"], "points": ["200"]}}  # type: ignore[dict-item]
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(changed, stream)
    found = crmkit.json("classify", "preview", file)
    assert (1, ["Li Wei"]) == (found["moved"], [each["name"] for each in found["movers"]])
    assert "Li Wei" in crmkit.ok("classify", "preview", file).out
    assert 0 == crmkit.json("classify", "preview", "basket")["moved"]


def test_a_person_pins_a_label_and_takes_it_back(crmkit: Crmkit) -> None:
    """The pin holds at once; its reason is not printed."""
    shop(crmkit)
    crmkit.ok("customer", "pin", "Li Wei", "need", "custom", "--reason", "said so", "--until", "2099-12-31")
    lines = crmkit.json("classify", "history", "Li Wei", "--now")["items"]
    assert [("need", "custom", "pin")] == [(line["dimension"], line["label"], line["cause"]) for line in lines]
    crmkit.ok("customer", "unpin", "Li Wei", "need")
    assert [] == crmkit.json("classify", "history", "Li Wei", "--now")["items"]
    assert 3 == crmkit("customer", "pin", "Li Wei", "need", "odd").code


def test_what_is_wrong_with_a_definition_is_said_with_its_field(crmkit: Crmkit) -> None:
    """A misspelt fact, a field that there is not, a file that is none."""
    file = crmkit.folder / "wrong.toml"
    file.write_text(
        'name = "x"\ntitle = "X"\namong = "purchase.cout > 1"\nlabels = [{name = "a", title = "A", when = "true"}]'
    )
    wrong = crmkit("dimension", "save", str(file))
    assert (3, True) == (wrong.code, "purchase.count" in wrong.err)
    file.write_text('name = "x"\ntitel = "X"')
    assert 3 == crmkit("dimension", "save", str(file)).code
    file.write_text("= = =")
    assert 3 == crmkit("dimension", "save", str(file)).code


def test_people_read_the_largest_labels_and_scripts_all(crmkit: Crmkit) -> None:
    """A dimension of cities has many labels: six are shown, with how many more there are; a matrix becomes a list."""
    for number in range(12):
        crmkit.ok("customer", "add", f"name=C{number}", f"city=Town {number:02}")
    crmkit.ok("customer", "add", "name=D", "city=Town 05")
    said = crmkit.ok("classify", "run", "city").out
    assert "Town 05: 2, Town 00: 1" in said
    assert "… and 6 more" in said
    assert 12 == len(crmkit.json("classify", "run", "city", "--complete")["items"][0]["counts"])
    moves = crmkit.ok("classify", "matrix", "city", "--from", "2020-01-01").out.splitlines()
    assert ["no label", "Town 05", "2"] == [part.strip() for part in moves[1].split("  ") if part.strip()]


def test_money_that_decided_is_shown_as_money(crmkit: Crmkit) -> None:
    """A history for people has amounts with their currency, and says in words what decided."""
    shop(crmkit)
    crmkit.ok("classify", "run", "basket")
    said = crmkit.ok("classify", "history", "Li Wei", "--dimension", "basket").out
    assert "purchase.amount = 150.00 CNY" in said
    assert "decider" not in said


def test_days_of_a_matrix_are_named_and_in_order(crmkit: Crmkit) -> None:
    """A mistake names the option that it is in."""
    assert "--to" in crmkit("classify", "matrix", "city", "--from", "2020-01-01", "--to", "x").err
    assert 2 == crmkit("classify", "matrix", "city", "--from", "2020-01-02", "--to", "2020-01-01").code
