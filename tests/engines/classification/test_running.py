"""Runs: what they write and tell, and that looking at few customers finds what looking at all of them does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crmkit import CRM
from crmkit.core.operations.tables import AuditRecord, AuditSubject, EventRecord
from crmkit.core.store.clock import Clock
from crmkit.core.store.guard import region
from crmkit.engines.classification import candidates
from crmkit.engines.classification.reading import history_of, last_runs, matrix
from crmkit.engines.classification.tables import Label
from crmkit.engines.classification.writing import Move
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import Conflict, InvalidInput
from crmkit.hooks.classification import ByCutPoints, ByQuantiles
from tests.conftest import Scale, Templates
from tests.engines.classification.support import (
    NOW,
    SYSTEM,
    buy,
    classify,
    configure,
    customer,
    label,
    open_shop,
    save,
)


@pytest.fixture
def shop(crm_url: str) -> Iterator[CRM]:
    """A shop without dimensions that are on but those of the test."""
    crm = open_shop(crm_url)
    configure(crm)
    yield crm
    crm.close()


def events(crm: CRM, name: str) -> list[dict[str, Any]]:
    """Return the payloads of the events of a name."""
    with crm.session(SYSTEM) as session:
        query = select(EventRecord.payload).where(EventRecord.name == name).order_by(EventRecord.id)
        return list(session.scalars(query))


def size(crm: CRM, **more: Any) -> None:
    """Save a dimension by how often somebody has bought."""
    save(crm, "loyal", ("no", None), ("yes", "purchase.count >= 2"), default="no", **more)


def test_the_first_run_writes_labels_with_the_facts_that_decided(shop: CRM) -> None:
    """Each label says since when, what decided, and the values of the facts."""
    who = customer(shop)
    buy(shop, who, 5)
    buy(shop, who, 3)
    size(shop)
    run = classify(shop, "loyal")
    with shop.session(SYSTEM) as session:
        (line,) = history_of(session, who, "loyal")
    assert ("yes", NOW, None, "decider") == (line.label, line.since, line.until, line.cause)
    assert ("purchase.count >= 2", {"purchase.count": 2}, run.id) == (line.when, line.facts, line.run_id)


def test_personal_facts_leave_no_values_in_the_evidence(shop: CRM) -> None:
    """Of a fact above internal nothing is kept, not even in the table."""
    who = customer(shop, city="杭州", country="CN")
    save(shop, "near", ("yes", 'customer.city == "杭州" and purchase.count == 0'))
    classify(shop, "near")
    with shop.session(SYSTEM) as session, region(session, "what is kept"):
        (kept,) = session.scalars(select(Label.evidence).where(Label.customer_id == who))
    assert {"purchase.count": 0} == kept


def test_the_first_run_tells_of_nothing_and_later_ones_of_every_move(shop: CRM) -> None:
    """Events name the customers of each move, once."""
    some = [customer(shop, f"C{number}") for number in range(3)]
    size(shop)
    classify(shop, "loyal")
    assert [] == events(shop, "classification.changed")
    for who in some[:2]:
        buy(shop, who, 4)
        buy(shop, who, 2)
    run = classify(shop, "loyal")
    (told,) = events(shop, "classification.changed")
    assert ("loyal", "no", "yes", str(run.id)) == (told["dimension"], told["before"], told["after"], told["run_id"])
    assert {str(who) for who in some[:2]} == set(told["customer_ids"])


def test_events_hold_a_thousand_customers_at_most(shop: CRM) -> None:
    """1,001 customers who move are two events and one audit record with a subject for each."""
    items = [{"name": f"Customer {number}"} for number in range(1001)]
    shop.run_many(SYSTEM, "customer.create", items)
    size(shop)
    classify(shop, "loyal")
    save(shop, "loyal", ("no", None), ("yes", "purchase.count == 0"), default="no")
    classify(shop, "loyal")
    assert [1000, 1] == [len(each["customer_ids"]) for each in events(shop, "classification.changed")]
    with shop.session(SYSTEM) as session, region(session, "the audit log"):
        runs = select(AuditRecord.id).where(AuditRecord.operation == "classification.run")
        subjects = select(func.count()).where(AuditSubject.audit_id.in_(runs)).select_from(AuditSubject)
        assert [2, 2002] == [len(list(session.scalars(runs))), session.scalar(subjects)]


def test_a_run_that_changes_nothing_writes_no_label(shop: CRM) -> None:
    """Labels keep their beginning as long as they stay."""
    who = customer(shop)
    size(shop)
    first = classify(shop, "loyal")
    again = classify(shop, "loyal", complete=True)
    assert (1, 0) == (first.changed, again.changed)
    with shop.session(SYSTEM) as session:
        assert [first.id] == [line.run_id for line in history_of(session, who)]


def test_only_those_are_looked_at_for_whom_something_is_new(shop: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a purchase a run looks at its buyer alone, and at whoever may have been committed late."""
    monkeypatch.setattr(candidates, "OVERLAP", timedelta(0))
    for number in range(4):
        customer(shop, f"C{number}")
    who = customer(shop)
    size(shop)
    classify(shop, "loyal")
    buy(shop, who, 2)
    (found,) = classify(shop, "loyal").dimensions
    assert (False, 1) == (found.complete, found.looked_at)
    assert {"no": 5} == found.counts


def test_history_goes_forward_only(shop: CRM) -> None:
    """A run as of a day before the last one is refused, and so is one that is yet to come."""
    size(shop)
    classify(shop, "loyal", as_of=NOW - timedelta(days=2))
    with pytest.raises(Conflict, match="forward only"):
        classify(shop, "loyal", as_of=NOW - timedelta(days=3))
    with pytest.raises(InvalidInput, match="yet to come"):
        classify(shop, "loyal", as_of=NOW + timedelta(days=1))


def test_labels_are_facts_as_they_stood(shop: CRM) -> None:
    """label.X as of a day is the label of that day; by what was known before the run there was none."""
    who = customer(shop)
    buy(shop, who, 20)
    buy(shop, who, 10)
    size(shop)
    before = shop.gate.clock.now()
    classify(shop, "loyal", as_of=NOW - timedelta(days=15))
    between = shop.gate.clock.now()
    classify(shop, "loyal", as_of=NOW - timedelta(days=5))

    def at(days: float, known_at: datetime | None = None) -> Any:
        with shop.session(SYSTEM) as session:
            ref = catalogue_of(session).ref("label.loyal")
            moment = moment_of(session, NOW - timedelta(days=days), known_at)
            return values_of(session, [ref], [who], moment)[who][ref]

    assert [None, "no", "yes", "yes"] == [at(16), at(14), at(4), at(0)]
    assert [None, "no"] == [at(4, before), at(4, between)]


def test_the_matrix_shows_moves_between_two_moments(shop: CRM) -> None:
    """Who moved, who stayed, and the share of those who stayed."""
    movers = [customer(shop, f"C{number}") for number in range(4)]
    for who in movers[:1]:
        buy(shop, who, 20)
        buy(shop, who, 10)
    size(shop)
    classify(shop, "loyal", as_of=NOW - timedelta(days=15))
    classify(shop, "loyal")
    with shop.session(SYSTEM) as session:
        found = matrix(session, "loyal", moment_of(session, NOW - timedelta(days=14)), moment_of(session))
    assert [Move("no", "no", 3), Move("no", "yes", 1)] == list(found.moves)
    assert found.stability == 0.75


def test_deleted_customers_lose_their_labels(shop: CRM) -> None:
    """Who is deleted is not classified any more, and is again once restored."""
    who = customer(shop)
    size(shop)
    classify(shop, "loyal")
    shop.run(SYSTEM, "customer.delete", target=who)
    (gone,) = classify(shop, "loyal").dimensions
    assert {} == gone.counts
    shop.run(SYSTEM, "customer.restore", target=who)
    (back,) = classify(shop, "loyal").dimensions
    assert {"no": 1} == back.counts


def test_a_dimension_reads_labels_of_another_in_the_same_run(shop: CRM) -> None:
    """What is read is decided first, whatever the names."""
    who = customer(shop)
    buy(shop, who, 5)
    buy(shop, who, 3)
    save(shop, "zeal", ("yes", "purchase.count >= 2"))
    save(shop, "attention", ("much", 'label.zeal == "yes"'), ("little", "true"))
    classify(shop, "attention", "zeal")
    assert "much" == label(shop, who, "attention")
    buy(shop, customer(shop, "Another"), 1)
    classify(shop, "attention", "zeal")
    assert "much" == label(shop, who, "attention")


def test_labels_that_move_by_themselves_raise_an_alert(shop: CRM) -> None:
    """Half of a label moving, by the same definition, is told and kept; after a change of the definition it is not."""
    some = [customer(shop, f"C{number}") for number in range(20)]
    size(shop)
    classify(shop, "loyal")
    for who in some[:10]:
        buy(shop, who, 4)
        buy(shop, who, 2)
    (found,) = classify(shop, "loyal").dimensions
    assert [("no", 50)] == [(alert.label, alert.percent) for alert in found.alerts]
    assert [("loyal", "no", 50)] == [
        (each["dimension"], each["label"], each["percent"]) for each in events(shop, "classification.unstable")
    ]
    with shop.session(SYSTEM) as session:
        assert found.alerts == last_runs(session)["loyal"][1].alerts
    save(shop, "loyal", ("no", None), ("yes", "purchase.count >= 1"), default="yes")
    (changed,) = classify(shop, "loyal").dimensions
    assert [] == list(changed.alerts)


DIMENSIONS = ("often", "recent", "spender", "top", "both")


def _dimensions(crm: CRM) -> None:
    """Save dimensions of every sort that can be decided piece by piece, and one that cannot."""
    save(crm, "often", ("no", None), ("yes", "purchase.count >= 2"), default="no")
    save(crm, "recent", ("yes", "days_since(purchase.last_at) <= 3"), ("no", "purchase.count > 0"))
    points = {"score": "purchase.net_amount", "points": ("200", "500"), "margin": "50"}
    save(crm, "spender", ("low", None), ("mid", None), ("high", None), decider=ByCutPoints(**points))
    top = ByQuantiles(score="purchase.count", shares=("0.5",))
    save(crm, "top", ("low", None), ("high", None), decider=top, among="purchase.count > 0")
    save(crm, "both", ("yes", 'label.often == "yes" and label.recent == "yes"'), stay_days=2)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(0, 3), st.sampled_from(["120", "240", "30"])),
        st.tuples(st.just("wait"), st.integers(0, 3), st.sampled_from(["1", "2", "5"])),
        st.tuples(st.just("pin"), st.integers(0, 3), st.sampled_from(["yes", "no"])),
        st.tuples(st.just("delete"), st.integers(0, 3), st.just("")),
        st.tuples(st.just("run"), st.just(0), st.just("")),
    ),
    min_size=4,
    max_size=10,
)


def test_looking_at_few_finds_what_looking_at_all_does(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory, scale: Scale
) -> None:
    """Whatever happens between runs, a run that goes on from the last one leaves the labels of a complete one."""

    @settings(
        max_examples=scale(small=5, full=100), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(steps=STEPS)
    def check(steps: list[tuple[str, int, str]]) -> None:
        found = [_play(templates, tmp_path_factory.mktemp("equal"), steps, complete) for complete in (False, True)]
        assert found[0] == found[1]

    check()


def _play(templates: Templates, folder: Path, steps: list[tuple[str, int, str]], complete: bool) -> list[Any]:
    crm = open_shop(templates.copy("sqlite", folder))
    configure(crm)
    _dimensions(crm)
    some: list[UUID] = [customer(crm, f"C{number}") for number in range(4)]
    now = NOW
    gone: set[UUID] = set()
    states: list[Any] = []
    for what, place, value in [*steps, ("run", 0, "")]:
        who = some[place]
        if what == "wait":
            now += timedelta(days=int(value))
            crm.gate.clock = Clock(now)
        elif what == "run":
            classify(crm, *DIMENSIONS, complete=complete)
            states.append(_present(crm, some))
        elif who in gone:
            continue
        elif what == "buy":
            given_ = {"kind": "purchase", "customer_id": who, "occurred_at": now, "amount": value}
            crm.run(SYSTEM, "interaction.record", given_)
        elif what == "pin":
            expires = now.astimezone(UTC) + timedelta(days=2)
            crm.run(
                SYSTEM, "customer.pin_label", {"dimension": "often", "label": value, "expires_at": expires}, target=who
            )
        else:
            crm.run(SYSTEM, "customer.delete", target=who)
            gone.add(who)
    crm.close()
    return states


def _present(crm: CRM, some: list[UUID]) -> list[Any]:
    with crm.session(SYSTEM) as session, region(session, "all labels"):
        rows = session.execute(
            select(Label.customer_id, Label.dimension, Label.label, Label.since).where(Label.until.is_(None))
        )
        return sorted((some.index(row[0]), *row[1:]) for row in rows)


def test_a_dimension_outlives_one_that_it_reads_being_turned_off(shop: CRM) -> None:
    """What reads labels of a dimension that is off, or is decided alone, goes on with the labels that there are."""
    who = customer(shop)
    buy(shop, who, 3)
    save(shop, "below", ("seen", "customer.kind == 'person'"))
    save(shop, "above", ("both", "label.below == 'seen'"))
    classify(shop, "below")
    classify(shop, "above")
    shop.run(SYSTEM, "dimension.disable", {"name": "below"})
    classify(shop)
    assert "both" == label(shop, who, "above")
