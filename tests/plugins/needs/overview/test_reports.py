"""The reports on the course of needs, on who is served, and on promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_needs.overview.coverage import Covered, told
from crmkit_needs.overview.stories import months_of, ninetieth, stories

from crmkit import moment_of
from crmkit.errors import UnknownFact
from tests.plugins.needs.overview.conftest import FIRST, SYSTEM, Town

YEAR = "2026-01-01..2026-12-31"


def test_open_needs_are_told_apart_by_age_and_state(town: Town) -> None:
    old = town.need("Old")
    town.need("Waits", kind="problem")
    town.move(old, "accepted")
    town.day(60)
    town.need("Fresh")
    gone = town.need("Gone")
    town.move(gone, "declined", decline="stale")
    town.day(70)
    rows = town.rows("needs.age")
    assert {key: row["open"] for key, row in rows.items()} == {"new": 2, "accepted": 1, "total": 3}
    assert (rows["new"]["month"], rows["new"]["quarter"], rows["accepted"]["quarter"]) == (1, 1, 1)
    assert (rows["new"]["median"], rows["accepted"]["median"], rows["total"]["oldest"]) == (40, 70, 70)
    by_kind = town.rows("needs.age", by="kind")
    assert {key: row["open"] for key, row in by_kind.items()} == {"request": 2, "problem": 1, "total": 3}


def test_ages_are_had_as_of_an_earlier_day(town: Town) -> None:
    need = town.need("Glass")
    town.day(30)
    town.move(need, "accepted")
    with town.crm.session(SYSTEM) as session:
        before = stories(session, moment_of(session, FIRST + timedelta(days=10)))
        assert [each.state for each in before] == ["new"]
        assert [each.state for each in stories(session, moment_of(session))] == ["accepted"]
        assert stories(session, moment_of(session, FIRST - timedelta(days=1))) == []


def test_a_merged_need_counts_through_the_one_it_went_to_and_again_once_it_is_back(town: Town) -> None:
    one, two = town.need("One"), town.need("Two")
    town.day(1)
    town.run("needs.need.merge", two, into_id=one.id)
    town.day(2)
    assert town.rows("needs.age")["new"]["open"] == 1
    town.run("needs.need.unmerge", two)
    town.day(3)
    assert town.rows("needs.age")["new"]["open"] == 2


def test_each_month_says_what_came_and_what_was_done(town: Town) -> None:
    first, second, third = town.need("First"), town.need("Second"), town.need("Third")
    town.day(10)
    town.move(first, "accepted")
    town.day(20)
    town.move(second, "declined", decline="too_costly")
    town.day(40)
    town.move(first, "in_progress", "delivered")
    rows = town.rows("needs.throughput", period=YEAR)
    assert set(rows) >= {"2026-01", "2026-02"}
    january, february = rows["2026-01"], rows["2026-02"]
    assert [january[name] for name in ("opened", "decided", "delivered", "declined")] == [3, 2, 0, 1]
    assert (january["decide"], january["deliver"]) == (15, None)
    assert [february[name] for name in ("opened", "decided", "delivered", "declined")] == [0, 0, 1, 0]
    assert february["deliver"] == 40
    assert any(each.values.get("count") == 1 for each in town.report("needs.throughput", period=YEAR).notes)
    assert third.number == 103


def test_what_was_taken_back_is_not_delivered(village: Town) -> None:
    need = village.need("Glass")
    village.day(5)
    village.move(need, "accepted", "in_progress", "delivered", "in_progress")
    assert village.rows("needs.throughput", period=YEAR)["2026-01"]["delivered"] == 0


def test_when_a_need_of_another_system_was_decided_is_not_known(village: Town) -> None:
    village.run("needs.need.import", title="Elsewhere", state="delivered", opened_at="2026-01-02T00:00:00Z")
    found = village.report("needs.throughput", period=YEAR)
    row = village.rows("needs.throughput", period=YEAR)["2026-01"]
    assert (row["opened"], row["decided"], row["delivered"], row["deliver"]) == (1, 0, 0, None)
    assert "other systems" in found.notes[-1].text


def test_reasons_are_counted_with_those_who_asked(town: Town) -> None:
    first, second, third = town.need("First"), town.need("Second"), town.need("Third")
    town.customer("Ada", first, second)
    town.customer("Bo", second)
    town.day(4)
    town.move(first, "declined", decline="too_costly")
    town.day(8)
    town.move(second, "declined", decline="too_costly")
    town.move(third, "declined", decline="exists")
    rows = town.rows("needs.declines", period=YEAR)
    assert next(iter(rows)) == "too_costly"
    assert {key: (row["count"], row["customers"], row["days"]) for key, row in rows.items() if key != "total"} == {
        "too_costly": (2, 2, 6),
        "exists": (1, 0, 8),
    }
    assert rows["too_costly"]["share"] == pytest.approx(2 / 3)


def test_coverage_says_who_asks_and_what_they_got(town: Town) -> None:
    done, waits = town.need("Done"), town.need("Waits")
    for place in range(6):
        town.customer(f"Person {place}", *([done, waits] if place < 2 else [waits] if place < 3 else []))
    for place in range(2):
        town.run("customer.create", name=f"Firm {place}", kind="organization")
    town.move(done, "accepted", "in_progress", "delivered")
    rows = town.rows("needs.coverage", by="customer.kind")
    assert set(rows) == {"person", "total"}
    person = rows["person"]
    assert [person[name] for name in ("customers", "asking", "open", "delivered")] == [6, 3, 3, 2]
    assert (person["asks"], person["served"]) == (0.5, pytest.approx(0.4))
    everybody = town.rows("needs.coverage", by="customer.kind", least=1)
    assert everybody["organization"]["asks"] == 0


def test_coverage_is_told_by_segments_and_names_what_it_does_not_know(village: Town) -> None:
    village.customer("Ada", village.need("Need"))
    assert village.rows("needs.coverage", by="customer.name", least=1)["Ada"]["asking"] == 1
    with pytest.raises(UnknownFact):
        village.report("needs.coverage", by="label.nothing")


def test_small_groups_are_left_out() -> None:
    found = [Covered("a", customers=9), Covered("b", customers=4), Covered("c", customers=5)]
    shown, small = told(found, 5)
    assert ([each.key for each in shown], small) == (["a", "c"], 1)


def test_promises_are_kept_late_broken_or_to_come(town: Town) -> None:
    def on(number: int) -> str:
        return (FIRST + timedelta(days=number)).isoformat()

    kept, late, dropped = (town.need(title, promised_on=on(10)) for title in ("Kept", "Late", "Dropped"))
    overdue = town.need("Overdue", promised_on=on(15))
    town.need("Ahead", promised_on=on(200))
    town.customer("Ada", overdue, promised_on=on(5))
    town.day(10)
    town.move(kept, "accepted", "in_progress", "delivered")
    town.move(dropped, "declined", decline="other")
    town.day(11)
    town.move(late, "accepted", "in_progress", "delivered")
    town.day(16)
    rows = town.rows("needs.promises", period=YEAR)
    names = ("promised", "kept", "late", "declined", "overdue", "ahead")
    assert [rows["all"][name] for name in names] == [5, 1, 1, 1, 1, 1]
    assert [rows["one"][name] for name in names] == [1, 0, 0, 0, 1, 0]
    assert rows["all"]["rate"] == 0.25
    assert set(town.rows("needs.promises", period=YEAR, by="month")) >= {"2026-01", "2026-07"}


def test_months_and_tenths() -> None:
    assert months_of(FIRST.replace(month=11), FIRST.replace(year=2027, month=2)) == [
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
    ]
    assert ninetieth([1.0]) == 1.0
    assert ninetieth([float(each) for each in range(11)]) == 9.0
    assert ninetieth([]) is None
