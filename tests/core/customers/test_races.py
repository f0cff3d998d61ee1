"""Two transactions at once: nothing is made twice, and nothing contradicts itself afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from crmkit import CRM, Actor
from crmkit.core.customers.models import Customer, Relationship
from crmkit.core.interactions.models import Interaction, PurchaseLine
from crmkit.errors import CrmkitError


def race(*works: Callable[[], Any]) -> list[str]:
    """Do several things at the same time; return what became of each: "done", or the class of the error, sorted."""
    results: list[str] = []
    together = threading.Barrier(len(works))

    def work(do: Callable[[], Any]) -> None:
        together.wait(30)
        try:
            do()
        except CrmkitError as error:
            results.append(type(error).__name__)
        else:
            results.append("done")

    threads = [threading.Thread(target=work, args=(do,)) for do in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(results)


def _count(crm: CRM, admin: Actor, *where: Any) -> int:
    with crm.session(admin) as session:
        return int(session.scalar(select(func.count()).select_from(Customer).where(*where)) or 0)


def test_an_unknown_sender_is_added_once(crm: CRM, admin: Actor) -> None:
    """Of several messages of one unknown sender that are worked off at once, the first adds the customer."""

    def arrive() -> Any:
        return crm.run(admin, "customer.from_contact", {"kind": "email", "value": "new@example.com"})

    assert race(arrive, arrive, arrive) == ["done"] * 3
    assert _count(crm, admin) == 1


def test_a_named_organisation_is_added_once(crm: CRM, admin: Actor) -> None:
    """Several new people of one organisation that does not exist yet belong to the same one."""

    def add() -> Any:
        return crm.run(admin, "customer.create", {"name": "Ann", "organization": "Acme"})

    assert race(add, add, add) == ["done"] * 3
    assert _count(crm, admin, Customer.kind == "organization") == 1


def test_two_changes_do_not_make_a_circle(crm: CRM, admin: Actor) -> None:
    """Two organisations that become parts of each other at the same time: one of the changes is refused."""
    one, two = (crm.run(admin, "customer.create", {"kind": "organization", "name": name}).id for name in ("One", "Two"))
    assert race(
        lambda: crm.run(admin, "customer.update", {"parent_id": two}, target=one),
        lambda: crm.run(admin, "customer.update", {"parent_id": one}, target=two),
    ) == ["InvalidInput", "done"]


def test_a_relationship_is_added_once(crm: CRM, admin: Actor) -> None:
    """A marriage that both sides tell of at the same time is known once."""
    ann, bob = (crm.run(admin, "customer.create", {"name": name}).id for name in ("Ann", "Bob"))
    assert race(
        lambda: crm.run(admin, "relationship.add", {"other_id": bob, "kind": "spouse"}, target=ann),
        lambda: crm.run(admin, "relationship.add", {"other_id": ann, "kind": "spouse"}, target=bob),
    ) == ["AlreadyExists", "done"]
    with crm.session(admin) as session:
        assert session.scalar(select(func.count()).select_from(Relationship)) == 1


def test_an_interaction_is_resolved_once(crm: CRM, admin: Actor) -> None:
    """Of two who name different customers for an interaction one is refused, and its lines have the same customer."""
    ann, bob = (crm.run(admin, "customer.create", {"name": name}).id for name in ("Ann", "Bob"))
    bought = crm.run(
        admin,
        "interaction.record",
        {"kind": "purchase", "currency": "EUR", "lines": [{"description": "Tea", "amount": "3"}]},
    )
    assert race(
        lambda: crm.run(admin, "interaction.resolve", {"customer_id": ann}, target=bought.id),
        lambda: crm.run(admin, "interaction.resolve", {"customer_id": bob}, target=bought.id),
    ) == ["Conflict", "done"]
    with crm.session(admin) as session:
        of_lines = session.scalars(select(PurchaseLine.customer_id)).all()
        assert of_lines == [session.get_one(Interaction, bought.id).customer_id]
