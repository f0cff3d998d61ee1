"""Adding customers, one and many: what is kept, what is refused, and what is told."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crmkit import CRM, Actor
from crmkit.core.customers.models import Consent, ContactPoint, Customer, CustomerIdentifier
from crmkit.core.operations.tables import EventRecord
from crmkit.core.store.tables import RecordChange
from crmkit.errors import AlreadyExists, Conflict, InvalidInput
from tests.core.customers.conftest import DATA

NAUGHTY = [
    text
    for item in json.loads((DATA / "blns.base64.json").read_text(encoding="utf-8"))
    if (text := base64.b64decode(item).decode("utf-8", "replace"))
]


def fields_refused(crm: CRM, admin: Actor, values: dict[str, Any]) -> list[str | None]:
    """Return the fields for which a new customer is refused."""
    with pytest.raises(InvalidInput) as raised:
        crm.run(admin, "customer.create", values)
    return sorted(problem.field or "" for problem in raised.value.problems)


def events(crm: CRM, admin: Actor, name: str) -> list[dict[str, Any]]:
    """Return what the events of a name carried, in order."""
    with crm.session(admin) as session:
        return list(
            session.scalars(select(EventRecord.payload).where(EventRecord.name == name).order_by(EventRecord.id))
        )


def test_a_person_has_everything_that_was_given(crm: CRM, admin: Actor) -> None:
    """Names, contact points, tags, identifiers and the organisation are kept in their normal forms."""
    made = crm.run(
        admin,
        "customer.create",
        {
            "name": "欧阳小明", "email": "Ming@Example.com", "mobile": "138 0013 8000", "country": "中国",
            "city": "上海", "street": "南京路1号", "organization": "远大公司",
            "tags": ["vip", " vip ", ""], "interests": ["tea"], "external_id": "7", "source": "erp",
            "language": "ZH_hans_cn", "birth_date": "1990-05-17", "identity_kind": "resident_id",
            "identity_number": "11010519491231002x",
            "consents": [{"purpose": "marketing", "channel": "email"}],
        },
    )  # fmt: skip
    with crm.session(admin) as session:
        customer = session.get_one(Customer, made.id)
        assert (customer.family_name, customer.given_name, customer.country) == ("欧阳", "小明", "CN")
        assert (customer.language, customer.identity_number) == ("zh-Hans-CN", "11010519491231002X")
        points = {(point.kind, point.label): (point.value, point.preferred) for point in customer.contact_points}
        assert points == {
            ("email", None): ("Ming@Example.com", True),
            ("phone", "mobile"): ("+8613800138000", True),
            ("address", None): ("上海南京路1号", True),
        }
        assert sorted((tag.kind, tag.name) for tag in customer.tags) == [("interest", "tea"), ("tag", "vip")]
        assert [(item.source, item.external_id) for item in customer.identifiers] == [("erp", "7")]
        parent = session.get_one(Customer, customer.parent_id)
        assert (parent.kind, parent.standing, parent.name) == ("organization", "potential", "远大公司")
        assert session.scalar(select(Consent.granted).where(Consent.customer_id == made.id)) is True
    (told,) = events(crm, admin, "customer.created")
    assert {str(made.id), str(parent.id)} == set(told["customer_ids"])


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({}, ["name"]),
        ({"name": " \t"}, ["name"]),
        ({"name": "A", "email": "nope"}, ["email"]),
        ({"name": "A", "phone": "555-1234", "country": "US"}, ["phone"]),
        ({"name": "A", "phone": "13800138000"}, ["phone"]),
        ({"name": "A", "birth_date": "2999-01-01"}, ["birth_date"]),
        ({"name": "A", "birth_date": "1849-12-31"}, ["birth_date"]),
        ({"name": "A", "language": "qqq", "time_zone": "Mars/Base", "country": "Narnia"},
         ["country", "language", "time_zone"]),
        ({"name": "A", "identity_kind": "resident_id", "identity_number": "110105194912310021"}, ["identity_number"]),
        ({"name": "A", "identity_number": "1"}, ["identity_kind"]),
        ({"name": "A", "kind": "organization", "identity_kind": "uscc", "identity_number": "91110000600037341X"},
         ["identity_number"]),
        ({"name": "A\x00"}, ["name"]),
        ({"name": "A", "preferences": {"a": ["\x00"]}}, ["preferences"]),
        ({"name": "A", "custom": {"colour": "red"}}, ["custom.colour"]),
        ({"name": "A", "contact_points": [{"kind": "email", "value": "a@b.org"}, {"kind": "phone", "value": "x"}]},
         ["contact_points.1.value"]),
        ({"name": "A", "owner_id": "0197a1b2-0000-7000-8000-000000000000"}, ["owner_id"]),
        ({"name": "A", "parent_id": "0197a1b2-0000-7000-8000-000000000000"}, ["parent_id"]),
        ({"name": "A", "external_id": "1"}, ["identifier_source"]),
        ({"name": "A", "emial": "a@example.com"}, ["emial"]),
        ({"name": "A", "size": "-1"}, ["size"]),
        ({"name": "A", "website": "javascript:alert(1)"}, ["website"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(crm: CRM, admin: Actor, values: dict[str, Any], refused: list[str]) -> None:
    """Bad input is refused with the fields that are wrong, and nothing is written."""
    assert refused == fields_refused(crm, admin, values)
    with crm.session(admin) as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 0


def test_naughty_texts_come_back_unchanged(crm: CRM, admin: Actor) -> None:
    """Whatever text is given for a name, a job title or a preference is read again byte for byte."""
    assert len(NAUGHTY) > 400
    given = [text for text in NAUGHTY if len(text) <= 200 and "\x00" not in text]
    outcomes = crm.run_many(
        admin,
        "customer.create",
        [{"name": f"x{text}", "job_title": text, "preferences": {"note": text}} for text in given],
    )
    assert [outcome.problems for outcome in outcomes if not outcome.ok] == []
    with crm.session(admin) as session:
        read = {item.id: item for item in session.scalars(select(Customer))}
    kept = [read[outcome.result] for outcome in outcomes]
    assert [(f"x{text}", text, text) for text in given] == [
        (item.name, item.job_title, item.preferences["note"]) for item in kept
    ]


def test_the_phone_of_a_customer_without_country_is_local_to_the_business(crm: CRM, admin: Actor) -> None:
    """Numbers without country code are taken as dialled in the business's country."""
    crm.run(admin, "business.configure", {"base_currency": "CNY", "country": "CN"})
    made = crm.run(admin, "customer.create", {"name": "A", "phone": "010-8888 8888"})
    assert [point.value for point in made.contact_points] == ["+861088888888"]


def test_an_unknown_sender_is_a_potential_customer(crm: CRM, admin: Actor) -> None:
    """Who writes first is added, and found again by another spelling of the address."""
    made = crm.run(admin, "customer.from_contact", {"kind": "email", "value": "Who@Example.com"})
    again = crm.run(admin, "customer.from_contact", {"kind": "email", "value": "who@example.COM"})
    assert (made.id, made.name, made.standing) == (again.id, "W****@Example.com", "potential")


def test_a_deleted_sender_is_not_found(crm: CRM, admin: Actor) -> None:
    """A deleted customer is left out of matching."""
    made = crm.run(admin, "customer.from_contact", {"kind": "phone", "value": "+8613800138000"})
    crm.run(admin, "customer.delete", target=made.id)
    assert made.id != crm.run(admin, "customer.from_contact", {"kind": "phone", "value": "+8613800138000"}).id


def test_an_identifier_belongs_to_one_customer(crm: CRM, admin: Actor) -> None:
    """A second customer with an identifier is refused, naming the source."""
    crm.run(admin, "customer.create", {"name": "A", "external_id": "1", "source": "shop"})
    with pytest.raises(AlreadyExists, match="shop"):
        crm.run(admin, "customer.create", {"name": "B", "external_id": "1", "source": "shop"})


def test_many_are_added_and_each_refusal_costs_itself_alone(crm: CRM, admin: Actor) -> None:
    """The bulk form refuses single items by their own errors: bad values, identifiers taken before or in the batch."""
    crm.run(admin, "customer.create", {"name": "Old", "external_id": "3", "source": "shop"})
    items: list[dict[str, Any]] = [
        {"name": f"N{number}", "email": f"n{number}@example.com", "external_id": str(number), "source": "shop",
         "organization": "Acme" if number % 2 else "ACME"}
        for number in range(5)
    ]  # fmt: skip
    items += [{"name": "B", "email": "nope"}, {"name": "C", "external_id": "1", "source": "shop"}, {"nmae": "D"}]
    outcomes = crm.run_many(admin, "customer.create", items)
    assert [outcome.ok for outcome in outcomes] == [True, True, True, False, True, False, False, False]
    assert [outcome.problems[0].code for outcome in outcomes if outcome.problems] == [
        "CK513",
        "CK500",
        "CK513",
        "CK500",
    ]
    ids = [outcome.result for outcome in outcomes if outcome.ok]
    assert all(isinstance(item, UUID) for item in ids)
    with crm.session(admin) as session:
        assert session.scalar(select(func.count(Customer.parent_id.distinct()))) == 1
        assert session.scalar(select(func.count()).select_from(CustomerIdentifier)) == 5
        assert session.scalar(select(func.count()).select_from(ContactPoint)) == 4
        parent = session.scalar(select(Customer.id).where(Customer.kind == "organization"))
    told = events(crm, admin, "customer.created")[-1]
    assert {str(item) for item in (*ids, parent)} == set(told["customer_ids"])


def test_events_carry_at_most_a_thousand_customers(crm: CRM, admin: Actor) -> None:
    """A large batch is told of in several events."""
    crm.run_many(admin, "customer.create", [{"name": f"N{number}"} for number in range(1200)])
    assert [len(told["customer_ids"]) for told in events(crm, admin, "customer.created")] == [1000, 200]


def test_conversion_copies_nothing(crm: CRM, admin: Actor) -> None:
    """A potential customer becomes a customer once, with the instant at which it did."""
    made = crm.run(admin, "customer.create", {"name": "A"})
    done = crm.run(admin, "customer.convert", target=made.id)
    assert (done.id, done.standing, done.converted_at is not None) == (made.id, "customer", True)
    with pytest.raises(Conflict):
        crm.run(admin, "customer.convert", target=made.id)
    assert events(crm, admin, "customer.converted") == [{"customer_ids": [str(made.id)]}]


def test_a_deleted_customer_can_be_restored(crm: CRM, admin: Actor) -> None:
    """Deleting is undone by restoring; neither happens twice."""
    made = crm.run(admin, "customer.create", {"name": "A"})
    assert crm.run(admin, "customer.delete", target=made.id).deleted_at is not None
    with pytest.raises(Conflict):
        crm.run(admin, "customer.delete", target=made.id)
    assert crm.run(admin, "customer.restore", target=made.id).deleted_at is None
    with pytest.raises(Conflict):
        crm.run(admin, "customer.restore", target=made.id)


def test_a_removed_customer_leaves_nothing_behind(crm: CRM, admin: Actor) -> None:
    """Removing takes the customer, all about it and its history; members of an organisation stay without it."""
    boss = crm.run(admin, "customer.create", {"name": "Acme", "kind": "organization", "email": "a@example.com"})
    member = crm.run(admin, "customer.create", {"name": "Ann", "organization": "acme"})
    crm.run(admin, "customer.update", {"name": "Acme Ltd"}, target=boss.id)
    crm.run(admin, "customer.remove", target=boss.id)
    with crm.session(admin) as session:
        assert session.get(Customer, boss.id) is None
        assert session.get_one(Customer, member.id).parent_id is None
        assert session.scalar(select(func.count()).select_from(ContactPoint)) == 0
        assert session.scalar(select(func.count()).where(RecordChange.customer_id == boss.id)) == 0


def test_required_fields_are_asked_for(crm: CRM, admin: Actor) -> None:
    """What an admin has made required has to be there, in both forms; unknown senders are let in all the same."""
    crm.run(admin, "required_field.set", {"name": "email"})
    crm.run(admin, "custom_field.create", {"name": "tier", "type": "choice", "options": ["a", "b"], "required": True})
    assert fields_refused(crm, admin, {"name": "A"}) == ["custom.tier", "email"]
    (outcome,) = crm.run_many(admin, "customer.create", [{"name": "A"}])
    assert not outcome.ok
    assert crm.run(admin, "customer.from_contact", {"kind": "phone", "value": "+8613800138000"}).id
    crm.run(admin, "customer.create", {"name": "A", "email": "a@example.com", "custom": {"tier": "a"}})


def test_a_closed_list_refuses_what_it_does_not_have(crm: CRM, admin: Actor) -> None:
    """Lists are suggestions until an admin closes them."""
    crm.run(admin, "customer.create", {"name": "A", "industry": "basket weaving"})
    crm.run(admin, "option_list.close", {"list_name": "industry"})
    assert fields_refused(crm, admin, {"name": "A", "industry": "basket weaving"}) == ["industry"]
    crm.run(admin, "option.add", {"list_name": "industry", "value": "basket weaving"})
    assert crm.run(admin, "customer.create", {"name": "A", "industry": "basket weaving"}).industry == "basket weaving"


def test_customers_are_assigned(crm: CRM, admin: Actor) -> None:
    """An owner and a team are given and taken; both must exist."""
    user = crm.run(admin, "user.create", {"login": "u", "name": "U"})
    team = crm.run(admin, "team.create", {"name": "T"})
    made = crm.run(admin, "customer.create", {"name": "A", "owner_id": user.id})
    done = crm.run(admin, "customer.assign", {"owner_id": None, "team_id": team.id}, target=made.id)
    assert (done.owner_id, done.team_id) == (None, team.id)
    with pytest.raises(InvalidInput):
        crm.run(admin, "customer.assign", {"owner_id": team.id}, target=made.id)
