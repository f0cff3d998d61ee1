"""Customers in the past, their history, and who somebody probably is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, Actor
from crmkit.core.customers.asof import CustomerSnapshot, customer_as_of
from crmkit.core.customers.chronicle import customer_history
from crmkit.core.customers.consents import consents_at
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.matching import find_exact, probes_of
from crmkit.core.customers.relationships import relationships_of
from crmkit.core.store.clock import system_now
from crmkit.errors import AlreadyExists, InvalidInput
from crmkit.hooks.contributions import Probe
from tests.conftest import ENGINES, Templates

ADMIN = Actor.system("tests")


def snapshot(crm: CRM, customer_id: Any, at: datetime | None = None) -> dict[str, Any]:
    """Return a snapshot without its instant, as plain values that can be compared."""
    with crm.session(ADMIN) as session:
        found = customer_as_of(session, customer_id, at or system_now())
        assert isinstance(found, CustomerSnapshot)
        return attrs.asdict(attrs.evolve(found, at=datetime(2000, 1, 1, tzinfo=UTC)))


@pytest.fixture(scope="module", params=ENGINES)
def base(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CRM]:
    """A base that many random histories are put into."""
    folder: Path = tmp_path_factory.mktemp("histories")
    crm = CRM.open(templates.copy(request.param, folder))
    crm.run(ADMIN, "custom_field.create", {"name": "colour"})
    yield crm
    crm.close()


NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.one_of(
    st.tuples(st.just("city"), NAMES | st.none()),
    st.tuples(st.just("name"), NAMES),
    st.tuples(st.just("birth_date"), st.sampled_from([None, "1990-01-02", "1991-03-04"])),
    st.tuples(st.just("colour"), NAMES | st.none()),
    st.tuples(st.just("tags"), st.lists(NAMES, max_size=2)),
    st.tuples(st.just("email"), NAMES),
    st.tuples(st.just("drop"), st.none()),
    st.tuples(st.just("prefer"), st.none()),
    st.tuples(st.just("consent"), st.booleans()),
    st.tuples(st.just("relate"), NAMES),
    st.tuples(st.just("unrelate"), st.none()),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("parent"), st.booleans()),
)


def take(crm: CRM, target: Any, others: list[Any], step: tuple[str, Any]) -> None:
    """Carry out one random edit."""
    kind, value = step
    with crm.session(ADMIN) as session:
        from crmkit.core.customers.models import Customer

        customer = session.get_one(Customer, target)
        points = [point.id for point in customer.contact_points]
        deleted = customer.deleted_at is not None
        related = [item.relationship_id for item in relationships_of(session, target)]
    if kind in ("city", "name", "birth_date", "tags"):
        crm.run(ADMIN, "customer.update", {kind: value}, target=target)
    elif kind == "colour":
        crm.run(ADMIN, "customer.update", {"custom": {"colour": value}}, target=target)
    elif kind == "email":
        crm.run(ADMIN, "customer.update", {"email": f"{value}@example.com"}, target=target)
    elif kind in ("drop", "prefer") and points:
        crm.run(ADMIN, f"contact_point.{'remove' if kind == 'drop' else 'prefer'}", target=points[-1])
    elif kind == "consent":
        crm.run(ADMIN, "consent.record", {"purpose": "marketing", "granted": value}, target=target)
    elif kind == "relate":
        try:
            values = {"other_id": others[0], "kind": "friend", "note": value, "valid_to": "2020-01-01"}
            crm.run(ADMIN, "relationship.add", values, target=target)
        except AlreadyExists:
            crm.run(ADMIN, "relationship.end", {"on": "2021-02-03"}, target=related[0])
    elif kind == "unrelate" and related:
        crm.run(ADMIN, "relationship.remove", target=related[0])
    elif kind == "delete":
        crm.run(ADMIN, "customer.restore" if deleted else "customer.delete", target=target)
    elif kind == "parent":
        crm.run(ADMIN, "customer.update", {"parent_id": others[1] if value else None}, target=target)


@given(steps=st.lists(STEPS, min_size=1, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_past_is_read_as_it_stood(base: CRM, steps: list[tuple[str, Any]]) -> None:
    """After any edits, a snapshot of each moment is what was read at that moment, from both sides of a relationship."""
    made = base.run(ADMIN, "customer.create", {"name": "王小明", "email": "x@example.com", "tags": ["z"]})
    friend = base.run(ADMIN, "customer.create", {"name": "F"})
    boss = base.run(ADMIN, "customer.create", {"name": "O", "kind": "organization"})
    before = made.created_at - timedelta(seconds=1)
    moments: list[tuple[datetime, dict[str, Any], dict[str, Any]]] = []
    for step in [None, *steps]:
        if step is not None:
            take(base, made.id, [friend.id, boss.id], step)
        moments.append((system_now(), snapshot(base, made.id), snapshot(base, friend.id)))
    for at, expected, other in moments:
        assert expected == snapshot(base, made.id, at)
        assert other == snapshot(base, friend.id, at)
    with base.session(ADMIN) as session:
        assert customer_as_of(session, made.id, before) is None


def test_the_history_is_told_with_titles(crm: CRM) -> None:
    """Each line says what was changed, by which operation, under the name that people know."""
    crm.run(ADMIN, "custom_field.create", {"name": "colour", "title": "Favourite colour"})
    made = crm.run(ADMIN, "customer.create", {"name": "Ann", "email": "a@example.com"})
    crm.run(ADMIN, "customer.update", {"city": "Rome", "custom": {"colour": "red"}, "tags": ["x"]}, target=made.id)
    crm.run(ADMIN, "contact_point.remove", target=made.contact_points[0].id)
    with crm.session(ADMIN) as session:
        lines = customer_history(session, made.id)
    told = [(line.title, line.what, {change.title: change.after for change in line.changes}) for line in lines]
    assert ("Contact point", "removed") in [line[:2] for line in told[:2]]
    assert {"City": "Rome", "Favourite colour": "red"} in [changes for _title, _what, changes in told]
    assert {"Tags": ["x"]} in [changes for _title, _what, changes in told]
    assert ("Contact point", "created", {}) in told
    assert told[-1] == ("Customer", "created", {})
    assert {line.operation for line in lines if line.what == "changed"} == {"customer.update"}


def test_relationships_are_seen_from_both_sides(crm: CRM) -> None:
    """What one is to the other reads the other way round from there; a day picks those that hold on it."""
    ann = crm.run(ADMIN, "customer.create", {"name": "Ann"})
    acme = crm.run(ADMIN, "customer.create", {"name": "Acme", "kind": "organization"})
    made = crm.run(
        ADMIN,
        "relationship.add",
        {"other_id": acme.id, "kind": "employee", "valid_from": "2020-01-01"},
        target=ann.id,
    )
    crm.run(ADMIN, "relationship.end", {"on": "2024-06-30"}, target=made.id)
    with crm.session(ADMIN) as session:
        (one,), (other,) = relationships_of(session, ann.id), relationships_of(session, acme.id)
        assert (one.title, one.other_name) == ("Employee of", "Acme")
        assert (other.title, other.other_name, other.inverse) == ("Employs", "Ann", True)
        assert len(relationships_of(session, ann.id, on=date(2024, 6, 30))) == 1
        assert len(relationships_of(session, ann.id, on=date(2024, 7, 1))) == 0


@pytest.mark.parametrize(
    "change",
    [{"other_id": "self"}, {"other_id": "0197a1b2-0000-7000-8000-000000000000"}, {"kind": " "},
     {"valid_from": "2024-01-02", "valid_to": "2024-01-01"}],
)  # fmt: skip
def test_impossible_relationships_are_refused(crm: CRM, change: dict[str, Any]) -> None:
    """Nobody is related to itself or to nobody, and nothing ends before it begins."""
    ann = crm.run(ADMIN, "customer.create", {"name": "Ann"})
    bob = crm.run(ADMIN, "customer.create", {"name": "Bob"})
    values = {"other_id": bob.id, "kind": "friend", **change}
    values["other_id"] = ann.id if values["other_id"] == "self" else values["other_id"]
    with pytest.raises(InvalidInput):
        crm.run(ADMIN, "relationship.add", values, target=ann.id)


def test_consent_is_what_was_said_last(crm: CRM) -> None:
    """The last entry by occurrence counts, for a channel of its own or for all of them, until it expires."""
    ann = crm.run(ADMIN, "customer.create", {"name": "Ann"})
    days = itertools.count(1)

    def say(**values: Any) -> datetime:
        at = datetime(2026, 1, next(days), tzinfo=UTC)
        crm.run(ADMIN, "consent.record", {"purpose": "marketing", "occurred_at": at, **values}, target=ann.id)
        return at

    with crm.session(ADMIN) as session:
        nothing = consents_at(session, ann.id, system_now())
        assert not nothing.allows("marketing", "email")
    everything = say(channel="*")
    no_sms = say(channel="sms", granted=False)
    nothing_more = say(channel="*", granted=False)
    for_a_week = say(channel="email", expires_at=datetime(2026, 1, 11, tzinfo=UTC))
    with crm.session(ADMIN) as session:
        allowed = [
            {
                channel
                for channel in ("email", "sms", "phone")
                if consents_at(session, ann.id, at).allows("marketing", channel)
            }
            for at in (everything, no_sms, nothing_more, for_a_week, datetime(2026, 1, 11, tzinfo=UTC))
        ]
    assert allowed == [{"email", "sms", "phone"}, {"email", "phone"}, set(), {"email"}, set()]


@pytest.mark.parametrize(
    "values",
    [{"purpose": ""}, {"purpose": "x", "channel": " "}, {"purpose": "x", "occurred_at": "2999-01-01T00:00:00Z"},
     {"purpose": "x", "expires_at": "2000-01-01T00:00:00Z"}],
)  # fmt: skip
def test_impossible_consents_are_refused(crm: CRM, values: dict[str, Any]) -> None:
    """A consent has a purpose, has happened, and ends after it began."""
    ann = crm.run(ADMIN, "customer.create", {"name": "Ann"})
    with pytest.raises(InvalidInput):
        crm.run(ADMIN, "consent.record", values, target=ann.id)


def test_somebody_is_found_by_identifier_address_and_phone(crm: CRM) -> None:
    """The surest evidence comes first, each customer once; deleted ones and strangers are not found."""
    ann = crm.run(
        ADMIN, "customer.create", {"name": "Ann", "email": "a@example.com", "external_id": "1", "source": "erp"}
    )
    bob = crm.run(ADMIN, "customer.create", {"name": "Bob", "mobile": "+8613800138000"})
    gone = crm.run(ADMIN, "customer.create", {"name": "Gone", "email": "gone@example.com"})
    crm.run(ADMIN, "customer.delete", target=gone.id)
    probes = [
        Probe(contacts=[("email", "A@Example.com"), ("phone", "+8613800138000")], identifiers=[("erp", "1")]),
        Probe(contacts=[("email", "gone@example.com"), ("phone", "nonsense")]),
        Probe(contacts=[("phone", "+8613800138000")]),
    ]
    with crm.session(ADMIN) as session:
        found = find_exact(session, probes)
        again = find_exact(session, probes_of(session, [NewCustomer(mobile="138 0013 8000", country="China")]))
    assert [(match.customer_id, match.score) for match in found[0]] == [(ann.id, 1.0), (bob.id, 0.8)]
    assert [match.probe for match in found[0]] == [0, 0]
    assert found[1] == ()
    assert [match.customer_id for match in found[2]] == [bob.id]
    assert [match.customer_id for match in again[0]] == [bob.id]
