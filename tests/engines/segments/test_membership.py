"""Who belongs to a segment, run by run: intervals, events, freezing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import delete, select

from crmkit import CRM
from crmkit.core.operations.tables import EventRecord
from crmkit.core.store.clock import Clock
from crmkit.core.store.guard import region
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.segments import membership
from crmkit.engines.segments.explaining import why
from crmkit.engines.segments.figures import condition, size, stability
from crmkit.engines.segments.tables import SegmentMember, SegmentRun
from crmkit.errors import Conflict
from tests.conftest import Scale, Templates
from tests.engines.segments.conftest import Shop, build
from tests.security.world import SYSTEM

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)


def run(shop: Shop, *names: str) -> dict[str, Any]:
    """Find out who belongs to segments; return what was found by name."""
    return {each.segment: each for each in shop.crm.run(SYSTEM, "segment.run", {"names": names})}


def at(shop: Shop, days: int) -> None:
    """Set the business's clock so many days on."""
    shop.crm.clock = shop.crm.gate.clock = Clock(BEGIN + timedelta(days=days))


def intervals(shop: Shop, segment: str) -> list[tuple[str, int, int | None, str, str | None]]:
    """Return the intervals of a segment: customer, days of beginning and end, causes."""
    named = {id_: name for name, id_ in shop.ids.items()}
    with shop.crm.session(SYSTEM) as session:
        rows = session.scalars(select(SegmentMember).where(SegmentMember.segment == segment))
        return sorted(
            (
                named[row.customer_id],
                (row.since - BEGIN).days,
                None if row.until is None else (row.until - BEGIN).days,
                row.cause,
                row.until_cause,
            )
            for row in rows
        )


def told(shop: Shop) -> list[tuple[str, str, list[str], str]]:
    """Return what was told of members, in order: event, segment, customers, cause."""
    named = {str(id_): name for name, id_ in shop.ids.items()}
    with shop.crm.session(SYSTEM) as session:
        query = select(EventRecord).where(EventRecord.name.in_(("segment.entered", "segment.left")))
        rows = session.scalars(query.order_by(EventRecord.recorded_at, EventRecord.id))
        return [
            (
                row.name,
                row.payload["segment"],
                sorted(named[id_] for id_ in row.payload["customer_ids"]),
                row.payload["cause"],
            )
            for row in rows
        ]


def move(shop: Shop, name: str, city: str | None) -> None:
    """Let a customer move."""
    shop.crm.run(SYSTEM, "customer.update", {"city": city}, target=shop.ids[name])


def test_members_come_and_go(own: Shop) -> None:
    """Each run closes the intervals of those who no longer belong, begins those of who does now, and tells of it."""
    own.save("kiel", 'customer.city == "Kiel"')
    at(own, 0)
    run(own)
    move(own, "Ann", "Ulm")
    move(own, "Eve", "Kiel")
    at(own, 1)
    found = run(own)["kiel"]
    assert (found.members, found.entered, found.gone) == (2, 1, 1)
    assert intervals(own, "kiel") == [
        ("Ann", 0, 1, "definition", "customer"),
        ("Cai", 0, None, "definition", None),
        ("Eve", 1, None, "customer", None),
    ]
    assert told(own) == [
        ("segment.entered", "kiel", ["Ann", "Cai"], "definition"),
        ("segment.entered", "kiel", ["Eve"], "customer"),
        ("segment.left", "kiel", ["Ann"], "customer"),
    ]


def test_a_run_without_a_change_tells_nothing(own: Shop) -> None:
    """Nobody is told of twice."""
    own.save("kiel", 'customer.city == "Kiel"')
    run(own)
    before = told(own)
    found = run(own)["kiel"]
    assert ((found.entered, found.gone), told(own)) == ((0, 0), before)


def test_a_changed_condition_is_the_cause(own: Shop) -> None:
    """Who enters or leaves since a segment, or one that it is made of, was changed did so by its definition."""
    own.save("city", 'customer.city == "Kiel"')
    own.save("there", "segment.city")
    at(own, 0)
    run(own)
    own.save("city", 'customer.city == "Ulm"')
    at(own, 1)
    run(own)
    assert {line[1:] for line in intervals(own, "there")} == {
        (0, 1, "definition", "definition"),
        (1, None, "definition", None),
    }


def test_an_instant_is_no_interval(own: Shop) -> None:
    """Who enters and leaves at one instant never belonged, and who leaves and comes back at one never left."""
    own.save("kiel", 'customer.city == "Kiel"')
    at(own, 0)
    run(own)
    at(own, 1)
    for city in (None, "Kiel"):
        move(own, "Ann", city)
        move(own, "Ben", "Kiel" if city is None else "Ulm")
        run(own)
    assert [line[:3] for line in intervals(own, "kiel")] == [("Ann", 0, None), ("Cai", 0, None)]


def test_the_deleted_leave(own: Shop) -> None:
    """A customer who was deleted no longer belongs to anything."""
    own.save("all", "true")
    run(own)
    own.crm.run(SYSTEM, "customer.delete", target=own.ids["Eve"])
    assert (run(own)["all"].members, run(own)["all"].gone) == (4, 0)
    assert told(own)[-1][:3] == ("segment.left", "all", ["Eve"])


def test_events_are_told_in_parts(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No event has more ids than its limit."""
    monkeypatch.setattr(membership, "BATCH", 2)
    own.save("all", "true")
    run(own)
    assert [len(line[2]) for line in told(own)] == [2, 2, 1]


def test_a_segment_that_is_off_is_not_run(own: Shop) -> None:
    """Nobody enters a segment that is turned off; it can be counted all the same."""
    own.save("kiel", 'customer.city == "Kiel"')
    own.crm.run(SYSTEM, "segment.disable", {"name": "kiel"})
    assert (run(own), own.count(SYSTEM, "kiel")) == ({}, 2)
    own.crm.run(SYSTEM, "segment.enable", {"name": "kiel"})
    assert run(own)["kiel"].members == 2


def test_saving_has_members_found_out_soon(own: Shop) -> None:
    """Who belongs to a segment that was saved is found out by a job, without waiting for the periodic one."""
    own.save("kiel", 'customer.city == "Kiel"')
    assert own.crm.worker().run_until_idle() >= 1
    assert [line[0] for line in intervals(own, "kiel")] == ["Ann", "Cai"]


def test_frozen_members_stay(own: Shop) -> None:
    """A frozen segment keeps its members, whatever becomes of them, and for every segment that it is part of; thawed,
    its condition decides again."""
    own.save("kiel", 'customer.city == "Kiel"')
    own.save("others", "not segment.kiel")
    own.crm.run(SYSTEM, "segment.freeze", {"name": "kiel"})
    move(own, "Ann", "Ulm")
    move(own, "Eve", "Kiel")
    run(own)
    assert [own.count(SYSTEM, name) for name in ("kiel", "others")] == [2, 3]
    with own.crm.session(SYSTEM) as session:
        kept = why(session, "kiel", own.ids["Ann"], moment_of(session))
        out = why(session, "kiel", own.ids["Eve"], moment_of(session))
    assert [(each.belongs, each.frozen, each.reasons, len(each.history)) for each in (kept, out)] == [
        (True, True, (), 1),
        (False, True, (), 0),
    ]
    with pytest.raises(Conflict):
        own.crm.run(SYSTEM, "segment.freeze", {"name": "kiel"})
    with pytest.raises(Conflict):
        own.crm.run(SYSTEM, "segment.reset", {"name": "kiel"})
    own.crm.run(SYSTEM, "segment.thaw", {"name": "kiel"})
    assert [line[0] for line in intervals(own, "kiel") if line[2] is None] == ["Cai", "Eve"]
    with pytest.raises(Conflict):
        own.crm.run(SYSTEM, "segment.thaw", {"name": "kiel"})


def test_frozen_members_are_those_of_the_day_and_of_what_was_known(own: Shop) -> None:
    """A frozen segment as of an earlier day has the members of that day, by what had been found out."""
    own.save("kiel", 'customer.city == "Kiel"')
    at(own, 0)
    run(own)
    known = own.crm.clock.now()
    move(own, "Ann", "Ulm")
    at(own, 2)
    own.crm.run(SYSTEM, "segment.freeze", {"name": "kiel"})
    with own.crm.session(SYSTEM) as session:
        kiel = condition(session, "kiel")
        counts = [
            size(session, kiel, moment_of(session, *times)).count
            for times in ((), (BEGIN + timedelta(days=1),), (BEGIN - timedelta(days=1),), (None, known))
        ]
    assert counts == [1, 2, 0, 2]


def test_stability_compares_runs(own: Shop) -> None:
    """Each run says how many of those before it have stayed, and whether the condition was changed."""
    own.save("kiel", 'customer.city == "Kiel"')
    at(own, 0)
    run(own)
    move(own, "Ann", None)
    at(own, 1)
    run(own)
    own.save("kiel", 'customer.city in ["Kiel", "Ulm"]')
    at(own, 2)
    run(own)
    with own.crm.session(SYSTEM) as session:
        found = stability(session, "kiel")
        last = stability(session, "kiel", limit=1)
    shown = [(each.members, each.entered, each.gone, each.kept, each.redefined) for each in found]
    assert shown == [(2, 2, 0, 1.0, False), (1, 0, 1, 0.5, False), (3, 2, 0, 1.0, True)]
    assert last == found[-1:]


def test_the_doctor_names_a_segment_that_moved(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than is usual came or went and nobody changed the segment: the data may be wrong. A changed one may move."""
    monkeypatch.setattr("crmkit.engines.segments.checks.FEWEST", 1)
    (check,) = [each for each in own.crm.registry.tables["check"].values() if each.name == "crm.segments"]

    def codes() -> list[str]:
        with own.crm.session(SYSTEM) as session:
            return [finding.code for finding in check.run(session)]

    own.save("kiel", 'customer.city == "Kiel"')
    run(own)
    own.save("kiel", 'customer.city != "Kiel"')
    run(own)
    assert codes() == []
    for name in own.ids:
        move(own, name, "Kiel")
    run(own)
    assert codes() == ["CK731"]


CITIES = st.sampled_from(["Kiel", "Ulm", None])
NAMES = st.sampled_from(["Ann", "Ben", "Cai", "Dan", "Eve"])
STEPS = st.lists(st.lists(st.tuples(NAMES, CITIES), max_size=4), max_size=5)


def test_intervals_say_who_belonged_at_each_run(templates: Templates, tmp_path: Any, scale: Scale) -> None:
    """Whatever happens between runs, the intervals give back the members of every run."""
    shop = build(CRM.open(templates.copy("sqlite", tmp_path)))
    shop.save("kiel", 'customer.city == "Kiel"')

    @settings(max_examples=scale(small=8, full=100), deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def check(steps: list[list[tuple[str, str | None]]]) -> None:
        _forget(shop)
        homes = {"Ann": "Kiel", "Ben": "Ulm", "Cai": "Kiel", "Dan": "Ulm", "Eve": None}
        for name, city in homes.items():
            move(shop, name, city)
        expected: dict[int, set[str]] = {}
        for day, moves in enumerate([[], *steps]):
            for name, city in moves:
                homes[name] = city
                move(shop, name, city)
            at(shop, day)
            run(shop)
            expected[day] = {name for name, city in homes.items() if city == "Kiel"}
        rows = intervals(shop, "kiel")
        for day, members in expected.items():
            inside = [name for name, since, until, *_ in rows if since <= day and (until is None or day < until)]
            assert sorted(inside) == sorted(members)

    check()
    shop.crm.close()


def _forget(shop: Shop) -> None:
    with shop.crm.transaction(SYSTEM) as session, region(session, "a test begins anew"):
        for model in (SegmentMember, SegmentRun):
            session.connection().execute(delete(model.__table__))
