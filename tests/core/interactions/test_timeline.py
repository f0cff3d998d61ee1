"""The timeline: order, pages, roll-up, what plugins add, and who may see what. Threads and figures beside it."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, Actor
from crmkit.core.business.money import Money
from crmkit.core.interactions.figures import best_customers, best_products, counts_by_kind
from crmkit.core.interactions.threads import plain_subject, thread
from crmkit.core.interactions.timeline import Cursor, TimelineItem, TimelinePage, last_contacted, timeline
from crmkit.errors import InvalidInput
from crmkit.hooks.contributions import TimelineEntry
from tests.core.interactions.support import ACTOR, START, at, customer, ids, plugin, record


def page_of(crm: CRM, customer_id: UUID, actor: Actor = ACTOR, **options: Any) -> TimelinePage:
    """Return a page of a timeline."""
    with crm.session(actor) as session:
        return timeline(session, customer_id, **options)


def all_of(crm: CRM, customer_id: UUID, limit: int, **options: Any) -> list[TimelineItem]:
    """Return all entries, read page by page; each cursor goes through its text, as it would on a web page."""
    found: list[TimelineItem] = []
    before = None
    while True:
        page = page_of(crm, customer_id, limit=limit, before=before, **options)
        assert len(page.entries) <= limit
        found += page.entries
        if page.next is None:
            return found
        before = Cursor.decode(page.next.encode())


def test_what_is_recorded_late_stands_where_it_occurred(crm: CRM) -> None:
    """Order is by occurrence, newest first, whenever it was recorded."""
    who = customer(crm)
    for minutes in (3, 1, 2):
        record(crm, customer_id=who.id, subject=str(minutes), occurred_at=at(minutes))
    assert [item.title for item in page_of(crm, who.id).entries] == ["3", "2", "1"]


def test_an_entry_says_what_happened(crm: CRM) -> None:
    """Title, summary, amount and reference; what was reversed and what reverses is marked."""
    who = customer(crm)
    made = record(
        crm,
        "purchase",
        customer_id=who.id,
        currency="EUR",
        lines=[{"description": name, "amount": 1} for name in ("Tea", "Cup", "Pot", "Tray")],
        occurred_at=START,
    )
    note = record(crm, customer_id=who.id, body="a  b\n" * 100, occurred_at=at(-5))
    crm.run(ACTOR, "interaction.reverse", {"reason": "wrong", "occurred_at": at(9)}, target=made.id)
    reversal, purchase, written = page_of(crm, who.id).entries
    assert ("Purchase", "Tea, Cup, Pot …", Money(400, "EUR"), "in", "store", f"interaction:{made.id}", True, None) == (
        purchase.title,
        purchase.summary,
        purchase.amount,
        purchase.direction,
        purchase.channel,
        purchase.ref,
        purchase.reversed,
        purchase.plugin,
    )
    assert (made.id, Money(-400, "EUR"), False) == (reversal.reverses_id, reversal.amount, reversal.reversed)
    assert (f"interaction:{note.id}", True, "a b a b") == (
        written.ref,
        len(written.summary) <= 200,
        written.summary[:7],
    )


def test_every_entry_comes_exactly_once(crm_url: str) -> None:
    """Whatever the pages' size, and however many things happened at one instant, plugins' entries among them."""
    crm = CRM.open(crm_url)
    added: list[TimelineEntry] = []
    calls: list[Any] = []

    def contribute(session: Any, customer_ids: Any, since: Any, until: Any) -> list[TimelineEntry]:
        calls.append(since)
        return [
            entry
            for entry in added
            if (since is None or since <= entry.occurred_at) and (until is None or entry.occurred_at < until)
        ]

    plugin(crm, "probe", crmkit_timeline=contribute)

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        recorded=st.lists(st.integers(0, 4), max_size=12),
        contributed=st.lists(st.integers(0, 4), max_size=8),
        limit=st.integers(1, 6),
    )
    def once(recorded: list[int], contributed: list[int], limit: int) -> None:
        who = customer(crm)
        crm.run_many(
            ACTOR,
            "interaction.record",
            [{"kind": "note", "customer_id": who.id, "occurred_at": at(minutes)} for minutes in recorded],
        )
        added[:] = [
            TimelineEntry(customer_id=who.id, occurred_at=at(minutes), kind="probe.thing", title="Thing")
            for minutes in contributed
        ]
        paged = all_of(crm, who.id, limit)
        assert sorted(at(minutes) for minutes in recorded + contributed) == sorted(item.occurred_at for item in paged)
        assert len(paged) == len({item.place for item in paged})
        assert all(newer.place > older.place for newer, older in pairwise(paged))
        assert paged == list(page_of(crm, who.id, limit=100).entries)

    once()
    assert any(since is not None for since in calls)
    crm.close()


def test_a_plugin_that_fails_costs_its_own_entries(crm_url: str) -> None:
    """It is named, and so is one that answers with something else; the page still comes."""

    def fail(session: Any, customer_ids: Any, since: Any, until: Any) -> Any:
        raise RuntimeError

    def lie(session: Any, customer_ids: Any, since: Any, until: Any) -> Any:
        return ["no entry"]

    def work(session: Any, customer_ids: Any, since: Any, until: Any) -> Any:
        return [TimelineEntry(customer_id=customer_ids[0], occurred_at=START, kind="works.thing", title="Thing")]

    with CRM.open(crm_url) as crm:
        for name, hook in (("fails", fail), ("lies", lie), ("works", work)):
            plugin(crm, name, crmkit_timeline=hook)
        who = customer(crm)
        record(crm, customer_id=who.id, occurred_at=at(1))
        page = page_of(crm, who.id)
        assert [item.plugin for item in page.entries] == [None, "works"]
        assert {"fails", "lies"} == set(page.failed_plugins)
        assert [item.kind for item in page_of(crm, who.id, kinds=["works.thing"]).entries] == ["works.thing"]
        assert list(page_of(crm, who.id, channels=["web"]).entries) == []


def test_an_organisation_shows_what_its_people_did(crm: CRM) -> None:
    """People by parent and by relationship for its dates, parts with their people; one's own page stays one's own."""
    firm = customer(crm, "Firm", kind="organization")
    branch = customer(crm, "Branch", kind="organization", parent_id=firm.id)
    boss, clerk = customer(crm, "Boss", parent_id=firm.id), customer(crm, "Clerk", parent_id=branch.id)
    former, stranger = customer(crm, "Former"), customer(crm, "Stranger")
    crm.run(
        ACTOR,
        "relationship.add",
        {"other_id": firm.id, "kind": "employee", "valid_to": at(0).date()},
        target=former.id,
    )
    for minutes, who in enumerate((firm, branch, boss, clerk, former, stranger)):
        record(crm, customer_id=who.id, subject=who.name, occurred_at=at(minutes))
    record(crm, customer_id=former.id, subject="later", occurred_at=START + timedelta(days=1))

    def shown(of: Any, **options: Any) -> list[str]:
        return [item.title for item in all_of(crm, of.id, 2, **options)]

    assert shown(firm) == ["Former", "Clerk", "Boss", "Branch", "Firm"]
    assert shown(branch) == ["Clerk", "Branch"]
    assert shown(firm, roll_up=False) == ["Firm"]
    assert shown(former) == ["later", "Former"]


def test_visibility_narrows_what_a_user_sees(crm: CRM) -> None:
    """Private is for oneself, participants for those who took part, team for those who share one."""
    who = customer(crm)
    users = {name: crm.run(ACTOR, "user.create", {"login": name, "name": name}) for name in ("me", "mate", "other")}
    team = crm.run(ACTOR, "team.create", {"name": "Sales"})
    for name in ("me", "mate"):
        crm.run(ACTOR, "team.add_member", {"user_id": users[name].id}, target=team.id)
    staff = crm.run(ACTOR, "role.create", {"name": "test_staff"})
    for resource, action in (("customer", "read"), ("interaction", "read"), ("interaction", "create")):
        crm.run(ACTOR, "role.grant", {"resource": resource, "action": action, "scope": "all"}, target=staff.id)
    for user in users.values():
        crm.run(ACTOR, "user.assign_role", {"role": "test_staff"}, target=user.id)
    actors = {name: Actor.user(user.id, name) for name, user in users.items()}
    for number, visibility in enumerate(("private", "participants", "team", "all")):
        crm.run(
            actors["me"],
            "interaction.record",
            {
                "kind": "note",
                "customer_id": who.id,
                "subject": visibility,
                "visibility": visibility,
                "occurred_at": at(number),
                "participants": [{"role": "attendee", "user_id": users["other"].id}],
            },
        )
    seen = {name: [item.title for item in page_of(crm, who.id, actor).entries] for name, actor in actors.items()}
    assert seen == {
        "me": ["all", "team", "participants", "private"],
        "mate": ["all", "team"],
        "other": ["all", "team", "participants"],
    }


def test_a_place_can_be_pasted_into_a_shell() -> None:
    """A cursor is one word of letters, digits, - and _, whatever a plugin orders its entries by."""
    place = Cursor(datetime(2026, 3, 1, 12, tzinfo=UTC), 7, "a|b; rm $x '")
    assert re.fullmatch(r"[\w-]+", place.encode(), re.ASCII) is not None
    assert Cursor.decode(place.encode()) == place


def test_a_place_that_is_none_is_refused(crm: CRM) -> None:
    """A cursor that was tampered with, and a limit out of bounds, are bad input."""
    for text in ("", "x", "2026-03-01|0|y", "2026-03-01T00:00:00+00:00|0|y"):
        for form in (text, base64.urlsafe_b64encode(text.encode()).decode()):
            with pytest.raises(InvalidInput):
                Cursor.decode(form)
    with pytest.raises(InvalidInput):
        page_of(crm, customer(crm).id, limit=0)


def test_last_contact_counts_what_people_did_with_each_other(crm: CRM) -> None:
    """Notes, purchases and what was reversed do not count."""
    who, never = customer(crm), customer(crm, "Never")
    record(crm, "call", customer_id=who.id, occurred_at=at(1))
    record(crm, "email", customer_id=who.id, occurred_at=at(2))
    wrong = record(crm, "visit", customer_id=who.id, occurred_at=at(3))
    crm.run(ACTOR, "interaction.reverse", {"reason": "wrong"}, target=wrong.id)
    record(crm, "purchase", customer_id=who.id, amount=1, currency="EUR", occurred_at=at(4))
    record(crm, customer_id=never.id)
    with crm.session(ACTOR) as session:
        found = last_contacted(session, [who.id, never.id])
    assert {who.id: (at(2), at(2), at(1))} == {
        key: (each.at, each.inbound_at, each.outbound_at) for key, each in found.items()
    }


def test_a_thread_is_in_order_and_has_the_subject_it_began_with(crm: CRM) -> None:
    """Late arrivals stand in their place; marks of answering are no part of a subject."""
    answer = record(crm, "email", thread="t", subject="Re: AW: Offer", occurred_at=at(2))
    first = record(crm, "email", thread="t", subject="回复：Offer", occurred_at=at(1))
    record(crm, "email", thread="u", subject="Other", occurred_at=at(0))
    with crm.session(ACTOR) as session:
        found = thread(session, "t")
        assert ("Offer", [first.id, answer.id]) == (found.subject, ids(found.interactions))
        assert (thread(session, "none").subject, list(thread(session, "none").interactions)) == ("", [])
    assert plain_subject("Fwd: Re[2]: Re-think") == "Re-think"


def test_the_figures_are_exact_and_leave_out_what_was_reversed(crm: CRM) -> None:
    """Gross purchases by customer and product in one currency; refunds are not subtracted."""
    one, two = customer(crm, "One"), customer(crm, "Two")

    def buy(who: Any, *lines: tuple[str, int, str], currency: str = "EUR", kind: str = "purchase") -> Any:
        return record(
            crm,
            kind,
            customer_id=who.id,
            currency=currency,
            create_products=True,
            lines=[{"sku": sku, "quantity": quantity, "unit_price": price} for sku, quantity, price in lines],
        )

    buy(one, ("A", 2, "1.00"), ("B", 1, "5.00"))
    buy(one, ("A", 1, "1.00"))
    buy(one, ("A", 1, "1.00"), kind="refund")
    buy(two, ("B", 1, "5.50"))
    buy(two, ("A", 99, "9.00"), currency="USD")
    wrong = buy(two, ("A", 50, "9.00"))
    crm.run(ACTOR, "interaction.reverse", {"reason": "wrong"}, target=wrong.id)
    with crm.session(ACTOR) as session:
        assert [("One", 2, Money(800, "EUR")), ("Two", 1, Money(550, "EUR"))] == [
            (each.name, each.purchases, each.amount) for each in best_customers(session, currency="EUR")
        ]
        assert [("B", Decimal(2), Money(1050, "EUR")), ("A", Decimal(3), Money(300, "EUR"))] == [
            (each.sku, each.quantity, each.amount) for each in best_products(session, currency="EUR")
        ]
        assert [each.sku for each in best_products(session, currency="EUR", by="quantity")] == ["A", "B"]
        assert counts_by_kind(session) == {"purchase": 6, "refund": 1}


def test_a_relationship_for_ever_has_no_bounds(crm: CRM) -> None:
    """Days that people write for "always" and "for ever" do not keep a timeline from being read."""
    acme = customer(crm, "Acme", kind="organization")
    ann = customer(crm, "Ann")
    crm.run(ACTOR, "business.configure", {"base_currency": "CNY", "zone": "Asia/Shanghai"})
    days = {"valid_from": "0001-01-01", "valid_to": "9999-12-31"}
    crm.run(ACTOR, "relationship.add", {"other_id": acme.id, "kind": "employee", **days}, target=ann.id)
    record(crm, customer_id=ann.id, subject="Hello")
    with crm.session(ACTOR) as session:
        assert [entry.title for entry in timeline(session, acme.id).entries] == ["Hello"]


def test_a_person_has_no_members(crm: CRM) -> None:
    """The timeline of a person is their own, also where somebody is their contact person."""
    ann, bob = customer(crm, "Ann"), customer(crm, "Bob")
    crm.run(ACTOR, "relationship.add", {"other_id": bob.id, "kind": "contact"}, target=ann.id)
    record(crm, customer_id=ann.id, subject="Hello")
    with crm.session(ACTOR) as session:
        assert timeline(session, bob.id).entries == []
