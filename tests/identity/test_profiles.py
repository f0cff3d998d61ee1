"""Customers are opened for comparing, as their session lets them through."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from crmkit import CRM, Actor, CustomerProfile, PostalAddress, customer_profiles
from crmkit.identity import profiles as module
from crmkit.security.roles.checks import find_role

SYSTEM = Actor.system("test")
ADDRESS = {"kind": "address", "details": {"street": "文三路12号", "city": "杭州", "postal_code": "310012"}, "value": ""}


def create(crm: CRM, name: str, **values: Any) -> UUID:
    """Create a customer and return its id."""
    return UUID(str(crm.run(SYSTEM, "customer.create", {"name": name, **values}).id))


def opened(crm: CRM, ids: list[UUID] | None = None, actor: Actor = SYSTEM) -> list[CustomerProfile]:
    """Return the profiles that an actor's session gives."""
    with crm.session(actor) as session:
        return list(customer_profiles(session, ids))


def test_everything_by_which_customers_are_compared_is_opened(crm: CRM) -> None:
    """Sealed values stand in a profile in plain, with the parts of addresses and the ids of other systems."""
    firm = create(crm, "四通网络有限公司", kind="organization", registration_number="91310000MA1K35")
    person = create(
        crm,
        "张伟",
        email="Zhang.Wei@example.com",
        phone="+86 138 0013 8000",
        birth_date=date(1980, 3, 4),
        identity_number="11010519491231002X",
        identity_kind="passport",
        contact_points=[ADDRESS],
        identifiers=[{"source": "shop", "external_id": "K-7"}],
        parent_id=firm,
    )
    company, found = opened(crm)
    assert (company.kind, company.registration_number) == ("organization", "91310000MA1K35")
    assert (found.id, found.name, found.family_name, found.given_name) == (person, "张伟", "张", "伟")
    assert (found.emails, found.phones) == (("Zhang.Wei@example.com",), ("+8613800138000",))
    assert (found.birth_date, found.identity_number) == (date(1980, 3, 4), "11010519491231002X")
    assert found.addresses == (PostalAddress(street="文三路12号", city="杭州", postal_code="310012"),)
    assert (found.identifiers, found.organization) == ((("shop", "K-7"),), "四通网络有限公司")


def test_custom_fields_of_both_places_are_opened(crm: CRM) -> None:
    """Custom fields that are sealed stand beside those that are not."""
    for name, classified in (("colour", "personal"), ("card", "sensitive")):
        values = {"resource": "customer", "name": name, "title": name, "type": "text", "field_class": classified}
        crm.run(SYSTEM, "custom_field.create", values)
    create(crm, "张伟", custom={"colour": "red", "card": "4711"})
    assert [dict(found.custom) for found in opened(crm)] == [{"colour": "red", "card": "4711"}]


def test_an_extension_belongs_to_its_number(crm: CRM) -> None:
    """Two extensions of one switchboard are two numbers."""
    create(crm, "张伟", phone="+86 21 6123 4567 ext. 12")
    assert [found.phones for found in opened(crm)] == [("+862161234567x12",)]


def test_deleted_customers_are_left_out(crm: CRM) -> None:
    """Who is in the bin is compared with nobody."""
    kept, gone = create(crm, "张伟"), create(crm, "王芳")
    crm.run(SYSTEM, "customer.delete", target=gone)
    assert [found.id for found in opened(crm)] == [kept]


def test_some_are_opened_by_their_ids(crm: CRM) -> None:
    """Of ids the customers come in the order of ids, each once, and nobody else."""
    first, second, _other = (create(crm, name) for name in ("张伟", "王芳", "李娜"))
    assert [found.id for found in opened(crm, [second, first, second])] == [first, second]
    assert opened(crm, []) == []


def test_profiles_are_of_customers_that_the_session_may_see(crm: CRM) -> None:
    """The filter of the session holds, with ids and without, whatever is opened past it."""
    crm.run(SYSTEM, "role.create", {"name": "clerk", "title": "Clerk"})
    with crm.session(SYSTEM) as session:
        role = find_role(session, "clerk").id
    crm.run(SYSTEM, "role.grant", {"resource": "customer", "action": "read", "scope": "own"}, target=role)
    user = crm.run(SYSTEM, "user.create", {"login": "clerk", "name": "Clerk"})
    crm.run(SYSTEM, "user.assign_role", {"role": "clerk"}, target=user.id)
    own, other = create(crm, "张伟", owner_id=user.id), create(crm, "王芳")
    actor = Actor.user(user.id, "clerk")
    assert [found.id for found in opened(crm, actor=actor)] == [own]
    assert [found.id for found in opened(crm, [own, other], actor=actor)] == [own]


def test_nothing_of_a_profile_is_in_its_representation(crm: CRM) -> None:
    """A profile that ends up in a log says nothing but its id."""
    create(crm, "张伟", phone="+86 138 0013 8000")
    (found,) = opened(crm)
    assert repr(found) == f"<a profile of customer {found.id}>"


def test_a_batch_takes_a_fixed_number_of_statements(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many customers a batch has, it is read in as many statements; the batches come in order."""
    ids = [create(crm, f"Person {number}", email=f"p{number}@example.com") for number in range(3)]
    few = statements(crm)
    ids += [create(crm, f"Person {number}", email=f"p{number}@example.com") for number in range(3, 9)]
    assert statements(crm) == few
    monkeypatch.setattr(module, "BATCH", 4)
    assert [found.id for found in opened(crm)] == ids


def statements(crm: CRM) -> int:
    """Return how many statements reading all customers takes, when no key is in memory: the fewer of two times, as the
    settings are looked up again after a while."""
    return min(counted(crm), counted(crm))


def counted(crm: CRM) -> int:
    """Return how many statements reading all customers took this time."""
    crm.vault.forget()
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(crm.engines.base, "before_cursor_execute", note)
    try:
        opened(crm)
    finally:
        event.remove(crm.engines.base, "before_cursor_execute", note)
    return len(seen)
