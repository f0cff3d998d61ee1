"""Attacks with keys that answer a repeated call: what was answered once is not for whoever has lost the right to it."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit.app import CRM
from crmkit.errors import Conflict, NotFound, Refused
from tests.security.world import SYSTEM, customer, user


@pytest.mark.parametrize("operation", ["privacy.holds", "privacy.plan_erasure", "privacy.export"])
def test_a_key_answers_nobody_who_lost_the_right(crm: CRM, operation: str) -> None:
    """Who may no longer run an operation gets no answer that it gave him before."""
    admin, _other = user(crm, "ada", "admin"), user(crm, "otto", "admin")
    target = None if operation == "privacy.holds" else customer(crm, "Anna", email="anna@example.com")
    crm.run(admin, operation, target=target, key="again")
    crm.run(SYSTEM, "user.unassign_role", {"role": "admin"}, target=admin.user_id)
    with pytest.raises(Refused, match="may not do this"):
        crm.run(admin, operation, target=target, key="again")


def test_a_key_answers_nobody_from_whom_the_target_is_hidden(crm: CRM) -> None:
    """A customer who went to another team is out of reach, also by a key: he is not found, as one that is not there."""
    north, south = (crm.run(SYSTEM, "team.create", {"name": name}).id for name in ("North", "South"))
    seller = user(crm, "sam", "seller", team=north)
    about = customer(crm, "Anna", owner=seller, team=north)
    values: dict[str, Any] = {"names": ["vip"]}
    crm.run(seller, "customer.tag", values, target=about, key="again")
    crm.run(SYSTEM, "customer.assign", {"owner_id": None, "team_id": str(south)}, target=about)
    with pytest.raises(NotFound, match="no such record"):
        crm.run(seller, "customer.tag", values, target=about, key="again")


def test_a_key_answers_for_what_its_own_call_removed(crm: CRM) -> None:
    """Repeating the removal of a customer is answered, although the customer is gone by it."""
    admin = user(crm, "ada", "admin")
    about = customer(crm, "Anna")
    answers = [crm.run(admin, "customer.remove", target=about, key="again") for _number in range(2)]
    assert answers == [None, None]


def test_a_report_is_given_once(crm: CRM) -> None:
    """What is kept about a person is told under a key too, and nothing of it is kept there."""
    admin = user(crm, "ada", "admin")
    about = customer(crm, "Anna", email="anna@example.com")
    assert crm.run(admin, "privacy.export", target=about, key="again") is not None
    with pytest.raises(Conflict, match="shown once"):
        crm.run(admin, "privacy.export", target=about, key="again")
