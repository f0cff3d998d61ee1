"""Changing customers, one and many, and what belongs to them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.operations.tables import EventRecord
from crmkit.errors import AlreadyExists, InvalidInput, StaleWrite


def read(crm: CRM, admin: Actor, customer_id: Any) -> dict[str, Any]:
    """Return what is kept of a customer."""
    with crm.session(admin) as session:
        customer = session.get_one(Customer, customer_id)
        return {
            **{column.key: getattr(customer, column.key) for column in Customer.__table__.c},
            "points": [(point.kind, point.value, point.preferred) for point in customer.contact_points],
            "tags": sorted(tag.name for tag in customer.tags if tag.kind == "tag"),
            "identifiers": [(item.source, item.external_id) for item in customer.identifiers],
        }


def test_what_is_not_given_stays(crm: CRM, admin: Actor) -> None:
    """A change touches the fields that it has; null empties a field."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "city": "Rome", "job_title": "Boss"})
    crm.run(admin, "customer.update", {"city": "Pisa", "job_title": None}, target=made.id, version=1)
    kept = read(crm, admin, made.id)
    assert (kept["name"], kept["city"], kept["job_title"], kept["version"]) == ("Ann", "Pisa", None, 2)
    with pytest.raises(StaleWrite):
        crm.run(admin, "customer.update", {"city": "Bari"}, target=made.id, version=1)


def test_an_update_tells_which_fields_were_changed(crm: CRM, admin: Actor) -> None:
    """The event names what differs and nothing that stayed the same."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "city": "Rome"})
    crm.run(admin, "customer.update", {"city": "Pisa", "name": "Ann"}, target=made.id)
    with crm.session(admin) as session:
        (told,) = session.scalars(select(EventRecord.payload).where(EventRecord.name == "customer.updated"))
    assert told == {"customer_ids": [str(made.id)], "fields": ["city"]}


@pytest.mark.parametrize(
    ("first", "change", "name", "sort"),
    [
        ({"family_name": "Smith", "given_name": "Ann"}, {"family_name": "Jones"}, "Ann Jones", "jones ann"),
        ({"name": "王小明"}, {"given_name": "大明"}, "王大明", "王大明"),
        ({"name": "王小明"}, {"name": "李雷"}, "李雷", "李雷"),
        ({"name": "Ann", "sort_name": "zz"}, {"name": "Bea"}, "Bea", "zz"),
    ],
)
def test_names_and_their_parts_agree(
    crm: CRM, admin: Actor, first: dict[str, str], change: dict[str, str], name: str, sort: str
) -> None:
    """A name follows its parts, the parts follow a new name, and what it is sorted by follows both."""
    made = crm.run(admin, "customer.create", first)
    changed = crm.run(admin, "customer.update", change, target=made.id)
    assert (name, sort) == (changed.name, changed.sort_name)


def test_short_fields_add_what_is_new(crm: CRM, admin: Actor) -> None:
    """An e-mail address that the customer has is left alone; another one is added behind the preferred one."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "email": "a@example.com"})
    crm.run(admin, "customer.update", {"email": "A@Example.com"}, target=made.id)
    crm.run(
        admin,
        "customer.update",
        {"email": "b@example.com", "external_id": "1", "identifier_source": "erp"},
        target=made.id,
    )
    kept = read(crm, admin, made.id)
    assert kept["points"] == [("email", "a@example.com", True), ("email", "b@example.com", False)]
    assert kept["identifiers"] == [("erp", "1")]


def test_contact_points_can_be_replaced(crm: CRM, admin: Actor) -> None:
    """Those that stay keep their ids, the others go and come, and one of each kind is preferred."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "email": "a@example.com", "phone": "+8613800138000"})
    stays = made.contact_points[0].id
    points = [
        {"kind": "email", "value": "b@example.com", "preferred": True},
        {"kind": "email", "value": "A@example.com"},
    ]
    crm.run(admin, "customer.update", {"contact_points": points}, target=made.id)
    assert read(crm, admin, made.id)["points"] == [("email", "b@example.com", True), ("email", "A@example.com", False)]
    with crm.session(admin) as session:
        assert session.get_one(ContactPoint, stays).value == "A@example.com"


def test_custom_values_are_laid_over(crm: CRM, admin: Actor) -> None:
    """A change of custom values keeps the others; null takes one away; each has the form of its type."""
    for name, type_ in (("points", "integer"), ("rate", "decimal"), ("since", "date"), ("vip", "boolean")):
        crm.run(admin, "custom_field.create", {"name": name, "type": type_})
    first = {"points": "7", "rate": "1.50", "since": "2026-01-31", "vip": "yes"}
    made = crm.run(admin, "customer.create", {"name": "Ann", "custom": first})
    assert read(crm, admin, made.id)["custom"] == {"points": 7, "rate": "1.5", "since": "2026-01-31", "vip": True}
    crm.run(admin, "customer.update", {"custom": {"points": 8, "rate": None}}, target=made.id)
    assert read(crm, admin, made.id)["custom"] == {"points": 8, "since": "2026-01-31", "vip": True}
    with pytest.raises(InvalidInput) as raised:
        crm.run(admin, "customer.update", {"custom": {"points": "x", "pionts": 1}}, target=made.id)
    assert sorted(problem.field or "" for problem in raised.value.problems) == ["custom.pionts", "custom.points"]


def test_a_refused_change_leaves_everything_as_it_was(crm: CRM, admin: Actor) -> None:
    """When one field is wrong, none is changed."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "city": "Rome"})
    with pytest.raises(InvalidInput):
        crm.run(admin, "customer.update", {"city": "Pisa", "email": "nope"}, target=made.id)
    assert read(crm, admin, made.id)["city"] == "Rome"


def test_an_organisation_is_not_a_part_of_itself(crm: CRM, admin: Actor) -> None:
    """A circle of parents is refused, however long."""
    ids = [crm.run(admin, "customer.create", {"name": name, "kind": "organization"}).id for name in "ABC"]
    crm.run(admin, "customer.update", {"parent_id": ids[0]}, target=ids[1])
    crm.run(admin, "customer.update", {"parent_id": ids[1]}, target=ids[2])
    for parent in ids:
        with pytest.raises(InvalidInput):
            crm.run(admin, "customer.update", {"parent_id": parent}, target=ids[0])


def test_many_are_changed_and_each_refusal_costs_itself_alone(crm: CRM, admin: Actor) -> None:
    """The bulk form names a stale, an unknown, a repeated and a bad change, and carries out the rest."""
    ids = [crm.run(admin, "customer.create", {"name": f"N{number}"}).id for number in range(4)]
    crm.run(admin, "customer.update", {"external_id": "1", "identifier_source": "erp"}, target=ids[3])
    outcomes = crm.run_many(
        admin,
        "customer.update_many",
        [
            {"id": str(ids[0]), "changes": {"city": "Rome", "tags": ["x"], "email": "a@example.com"}},
            {"id": str(ids[1]), "changes": {"city": "Pisa", "country": "Narnia"}},
            {"id": str(ids[2]), "changes": {"external_id": "1", "identifier_source": "erp"}},
            {"id": str(ids[3]), "changes": {"external_id": "1", "identifier_source": "erp"}, "version": 2},
            {"id": str(ids[0]), "changes": {"city": "Bari"}},
            {"id": "0197a1b2-0000-7000-8000-000000000000", "changes": {}},
        ],
    )
    codes = [outcome.problems[0].code if outcome.problems else None for outcome in outcomes]
    assert codes == [None, "CK500", "CK513", None, "CK511", "CK501"]
    kept = read(crm, admin, ids[0])
    assert (kept["city"], kept["tags"], kept["points"]) == ("Rome", ["x"], [("email", "a@example.com", True)])
    assert read(crm, admin, ids[1])["city"] is None


def test_tags_are_added_and_taken(crm: CRM, admin: Actor) -> None:
    """Tagging adds, untagging takes away; the customer has a new version each time something changed."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "tags": ["a"]})
    crm.run(admin, "customer.tag", {"names": ["a", "b"]}, target=made.id)
    crm.run(admin, "customer.tag", {"names": ["b"]}, target=made.id)
    crm.run(admin, "customer.untag", {"names": ["a", "zzz"]}, target=made.id)
    kept = read(crm, admin, made.id)
    assert (kept["tags"], kept["version"]) == (["b"], 3)


def points_of(crm: CRM, admin: Actor, customer_id: Any) -> list[tuple[str, bool, bool]]:
    """Return value, preference and verification of contact points."""
    with crm.session(admin) as session:
        rows = session.get_one(Customer, customer_id).contact_points
        return [(point.value, point.preferred, point.verified_at is not None) for point in rows]


def test_one_contact_point_of_each_kind_is_preferred(crm: CRM, admin: Actor) -> None:
    """Adding, preferring and removing keep exactly one preferred."""
    made = crm.run(admin, "customer.create", {"name": "Ann"})
    one = crm.run(admin, "contact_point.add", {"kind": "email", "value": "a@example.com"}, target=made.id)
    two = crm.run(admin, "contact_point.add", {"kind": "email", "value": "b@example.com"}, target=made.id)
    assert points_of(crm, admin, made.id) == [("a@example.com", True, False), ("b@example.com", False, False)]
    crm.run(admin, "contact_point.prefer", target=two.id)
    assert points_of(crm, admin, made.id) == [("a@example.com", False, False), ("b@example.com", True, False)]
    crm.run(admin, "contact_point.remove", target=two.id)
    assert points_of(crm, admin, made.id) == [("a@example.com", True, False)]
    with pytest.raises(AlreadyExists):
        crm.run(admin, "contact_point.add", {"kind": "email", "value": "A@EXAMPLE.com"}, target=made.id)
    crm.run(admin, "contact_point.remove", target=one.id)
    assert points_of(crm, admin, made.id) == []


def test_another_value_is_not_verified_any_more(crm: CRM, admin: Actor) -> None:
    """Verification belongs to the value; another spelling of the same one keeps it."""
    made = crm.run(admin, "customer.create", {"name": "Ann", "email": "a@example.com"})
    point = made.contact_points[0].id
    crm.run(admin, "contact_point.verify", target=point)
    crm.run(admin, "contact_point.change", {"value": "A@example.com", "label": "work"}, target=point)
    assert points_of(crm, admin, made.id) == [("A@example.com", True, True)]
    crm.run(admin, "contact_point.change", {"value": "b@example.com"}, target=point)
    assert points_of(crm, admin, made.id) == [("b@example.com", True, False)]
    with pytest.raises(InvalidInput) as raised:
        crm.run(admin, "contact_point.change", {"value": "nope"}, target=point)
    assert [problem.field for problem in raised.value.problems] == ["value"]
