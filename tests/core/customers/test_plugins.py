"""What plugins have to say of customers: checks of many at once, and matches."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.customers.matching import find_exact
from crmkit.core.customers.models import Customer
from crmkit.errors import Veto
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import Change, Match, Probe


def plugin(crm: CRM, **hooks: Any) -> None:
    """Let a plugin with some hooks take part."""
    module = ModuleType("crmkit_watcher")
    for name, function in hooks.items():
        setattr(module, name, hookimpl(function))
    crm.dispatcher.add_plugin("watcher", module)


def test_a_plugin_refuses_single_customers_of_a_batch(crm: CRM, admin: Actor) -> None:
    """A veto costs the customer that it is about and those that would belong to it, not the batch."""

    def crmkit_validate_change(session: Any, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.resource == "customer" and change.fields["name"][1].startswith("Bad"):
                raise Veto("Not him.")
            if change.resource == "contact_point" and change.record.value == "+8613800138000":
                assert "+86" not in str(change.fields)
                raise Veto("Not that phone.")

    plugin(crm, crmkit_validate_change=crmkit_validate_change)
    crm.registry.guarded["watcher"] = frozenset({"customer", "contact_point"})
    outcomes = crm.run_many(
        admin,
        "customer.create",
        [
            {"name": "Good"},
            {"name": "Bad"},
            {"name": "Badly", "kind": "organization"},
            {"name": "Member", "organization": "BADLY"},
            {"name": "Best", "email": "b@example.com"},
            {"name": "Called", "phone": "+86 138 0013 8000"},
        ],
    )
    assert [outcome.ok for outcome in outcomes] == [True, False, False, False, True, False]
    assert {outcome.problems[0].code for outcome in outcomes if outcome.problems} == {Veto.code}
    with crm.session(admin) as session:
        assert set(session.scalars(select(Customer.name))) == {"Good", "Best"}


def test_plugins_add_their_matches(crm: CRM, admin: Actor) -> None:
    """What a plugin finds is laid beside the exact matches; the better reason for a customer wins."""
    ann = crm.run(admin, "customer.create", {"name": "Ann", "email": "a@example.com"}).id
    bob = crm.run(admin, "customer.create", {"name": "Bob"}).id

    def crmkit_match_customers(session: Any, probes: Sequence[Probe]) -> list[Match]:
        def match(probe: int, customer_id: UUID, score: float) -> Match:
            return Match(probe=probe, customer_id=customer_id, score=score, reason="Alike")

        return [match(0, ann, 0.3), match(0, bob, 7.0), match(9, bob, 1.0)]

    plugin(crm, crmkit_match_customers=crmkit_match_customers)
    probes = [Probe(name="Anne", contacts=[("email", "a@example.com")])]
    with crm.session(admin) as session:
        (found,) = find_exact(session, probes)
        (own,) = find_exact(session, probes, plugins=False)
    assert [(match.customer_id, match.score) for match in found] == [(bob, 1.0), (ann, 0.95)]
    assert [match.customer_id for match in own] == [ann]


def test_a_failing_plugin_spares_the_matches_of_others(crm: CRM, admin: Actor) -> None:
    """A plugin that raises costs its own matches."""
    ann = crm.run(admin, "customer.create", {"name": "Ann", "email": "a@example.com"}).id

    def crmkit_match_customers(session: Any, probes: Sequence[Probe]) -> list[Match]:
        raise RuntimeError("out of order")

    plugin(crm, crmkit_match_customers=crmkit_match_customers)
    with crm.session(admin) as session:
        (found,) = find_exact(session, [Probe(contacts=[("email", "a@example.com")])])
    assert [match.customer_id for match in found] == [ann]
