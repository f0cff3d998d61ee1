"""What an admin requires stays there, whichever operation would take it away; and other checks that every door to a
customer shares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.customers.asof import customer_as_of
from crmkit.core.customers.lookups import key_of
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.queries import CustomerQuery, page
from crmkit.core.store.tables import RecordChange
from crmkit.errors import AlreadyExists, InvalidInput


def _names(crm: CRM, admin: Actor, **query: Any) -> list[str]:
    with crm.session(admin) as session:
        return [item.name for item in page(session, CustomerQuery(**query)).items]


def _fields(refused: pytest.ExceptionInfo[InvalidInput]) -> list[str | None]:
    return [problem.field for problem in refused.value.problems]


TAKING: dict[str, Callable[[CRM, Actor, Customer], Any]] = {
    "email": lambda crm, admin, ann: crm.run(admin, "contact_point.remove", target=_point(crm, admin, ann)),
    "tags": lambda crm, admin, ann: crm.run(admin, "customer.untag", {"names": ["vip"]}, target=ann.id),
    "owner_id": lambda crm, admin, ann: crm.run(admin, "customer.assign", {"owner_id": None}, target=ann.id),
    "organization": lambda crm, admin, ann: crm.run(admin, "customer.update", {"parent_id": None}, target=ann.id),
    "city": lambda crm, admin, ann: crm.run(admin, "customer.update", {"city": "  "}, target=ann.id),
}


def _point(crm: CRM, admin: Actor, customer: Customer) -> Any:
    with crm.session(admin) as session:
        return session.scalar(select(ContactPoint.id).where(ContactPoint.customer_id == customer.id))


@pytest.mark.parametrize("name", TAKING)
def test_what_is_required_cannot_be_taken_away(crm: CRM, admin: Actor, name: str) -> None:
    """The last value of a required field stays, whichever operation would empty it."""
    owner = crm.run(admin, "user.create", {"login": "li", "name": "Li"})
    ann = crm.run(
        admin,
        "customer.create",
        {
            "name": "Ann",
            "email": "ann@example.com",
            "tags": ["vip"],
            "owner_id": owner.id,
            "organization": "Acme",
            "city": "Köln",
        },
    )
    crm.run(admin, "required_field.set", {"name": name})
    with pytest.raises(InvalidInput) as refused:
        TAKING[name](crm, admin, ann)
    assert _fields(refused) == [name]


def test_an_empty_list_is_no_value(crm: CRM, admin: Actor) -> None:
    """A required custom field of several choices needs one."""
    crm.run(admin, "custom_field.create", {"name": "sizes", "type": "choices", "options": ["S", "M"], "required": True})
    with pytest.raises(InvalidInput) as refused:
        crm.run(admin, "customer.create", {"name": "Ann", "custom": {"sizes": []}})
    assert _fields(refused) == ["custom.sizes"]


def test_consents_of_a_new_customer_are_checked(crm: CRM, admin: Actor) -> None:
    """A consent that comes with a new customer is checked as one that is recorded alone, in bulk too."""
    crm.run(admin, "option_list.close", {"list_name": "consent_purpose"})
    wrong = {
        "consents.0.occurred_at": {"purpose": "marketing", "occurred_at": "2999-01-01T00:00:00Z"},
        "consents.0.expires_at": {
            "purpose": "marketing",
            "occurred_at": "2020-01-01T00:00:00Z",
            "expires_at": "2019-01-01T00:00:00Z",
        },
        "consents.0.purpose": {"purpose": "world domination"},
        "consents.0.channel": {"purpose": "marketing", "channel": " "},
    }
    for field, consent in wrong.items():
        with pytest.raises(InvalidInput) as refused:
            crm.run(admin, "customer.create", {"name": "Ann", "consents": [consent]})
        assert _fields(refused) == [field]
    outcomes = crm.run_many(
        admin, "customer.create", [{"name": "Ann", "consents": [consent]} for consent in wrong.values()]
    )
    assert [[problem.field for problem in outcome.problems] for outcome in outcomes] == [[field] for field in wrong]


def test_decimals_are_kept_exactly_or_refused(crm: CRM, admin: Actor) -> None:
    """No digit of a custom decimal is lost, and none is so large that lists could not be sorted by it."""
    crm.run(admin, "custom_field.create", {"name": "ratio", "type": "decimal"})
    exact = "123456789012345678901234567890.000000000000000000000000000001"
    first = crm.run(admin, "customer.create", {"name": "A", "custom": {"ratio": exact}})
    assert first.custom == {"ratio": exact}
    for value in ("1e400", "1e-40", f"1{exact}"):
        with pytest.raises(InvalidInput) as refused:
            crm.run(admin, "customer.create", {"name": "B", "custom": {"ratio": value}})
        assert _fields(refused) == ["custom.ratio"]
    crm.run(admin, "customer.create", {"name": "C", "custom": {"ratio": "-2.50"}})
    assert _names(crm, admin, sort="custom.ratio") == ["C", "A"]
    assert _names(crm, admin, conditions=[f"custom.ratio={exact}"]) == ["A"]


def test_letters_beyond_ascii_are_found_in_either_case(crm: CRM, admin: Actor) -> None:
    """``~`` does not heed the case of letters, of whatever alphabet."""
    crm.run(admin, "custom_field.create", {"name": "nick", "field_class": "personal"})
    crm.run(
        admin,
        "customer.create",
        {"name": "A", "city": "Örebro", "tags": ["Größe"], "custom": {"nick": "ЛЕНА"}},
    )
    for condition in ("city~öREBRO", "tag~GRÖSS", "tag~GRÖßE", "custom.nick~лена", "name~ａ"):
        assert (condition, _names(crm, admin, conditions=[condition])) == (
            condition,
            [] if condition == "tag~GRÖSS" else ["A"],
        )


def test_conditions_reach_to_the_ends_of_numbers_and_days(crm: CRM, admin: Actor) -> None:
    """A number beyond what a column holds and a day that means "for ever" are compared like any other."""
    crm.run(admin, "customer.create", {"name": "A", "size": 5})
    for condition in ("size<3000000000", "size!=3000000000", "created_at<=9999-12-31", "created_at>=0001-01-01"):
        assert _names(crm, admin, conditions=[condition]) == ["A"]
    assert _names(crm, admin, conditions=["size>3000000000"]) == []


def test_a_name_with_spaces_around_it_is_split(crm: CRM, admin: Actor) -> None:
    """Spaces that a table left around a Chinese name do not hide its family name."""
    item = crm.run(admin, "customer.create", {"name": " 欧阳锋　"})
    assert (item.family_name, item.given_name, item.sort_name) == ("欧阳", "锋", "欧阳锋")


def test_an_extension_may_come_apart_from_its_number(crm: CRM, admin: Actor) -> None:
    """A number with an extension is the same as it was written, and as it is kept in number and details."""
    ann = crm.run(admin, "customer.create", {"name": "Ann", "phone": "+1 650 253 0000 ext. 12"})
    kept = {"kind": "phone", "value": "+16502530000", "details": {"extension": "12"}}
    crm.run(admin, "customer.update", {"contact_points": [kept]}, target=ann.id)
    with crm.session(admin) as session:
        (point,) = session.get_one(Customer, ann.id).contact_points
        assert (point.value, point.details, key_of(point)) == (
            "+16502530000",
            {"extension": "12"},
            ("phone", "+16502530000x12"),
        )
    changed = crm.run(admin, "contact_point.change", {"value": "+1 650 253 0001"}, target=point.id)
    assert (changed.value, changed.details) == ("+16502530001", {})


def test_a_marriage_is_known_from_either_side(crm: CRM, admin: Actor) -> None:
    """A relationship that reads alike from both sides cannot be added a second time from the other one."""
    ann, bob = (crm.run(admin, "customer.create", {"name": name}) for name in ("Ann", "Bob"))
    crm.run(admin, "relationship.add", {"other_id": bob.id, "kind": "spouse"}, target=ann.id)
    with pytest.raises(AlreadyExists):
        crm.run(admin, "relationship.add", {"other_id": ann.id, "kind": "spouse"}, target=bob.id)
    crm.run(admin, "relationship.add", {"other_id": bob.id, "kind": "manager"}, target=ann.id)
    assert crm.run(admin, "relationship.add", {"other_id": ann.id, "kind": "manager"}, target=bob.id).kind == "manager"


def test_removal_takes_relationships_out_of_the_history_of_others(crm: CRM, admin: Actor) -> None:
    """Nothing of a customer who is removed for good is left in the history of somebody related."""
    ann, bob = (crm.run(admin, "customer.create", {"name": name}) for name in ("Ann", "Bob"))
    for note in ("first", "second"):
        item = crm.run(admin, "relationship.add", {"other_id": bob.id, "kind": "friend", "note": note}, target=ann.id)
        crm.run(admin, "relationship.end", target=item.id)
        if note == "first":
            crm.run(admin, "relationship.remove", target=item.id)
    crm.run(admin, "customer.remove", target=ann.id)
    with crm.session(admin) as session:
        assert session.scalars(select(RecordChange)).all() == []


def test_identifiers_are_read_as_of_an_instant(crm: CRM, admin: Actor) -> None:
    """An identifier that was added later is not among those of an earlier time."""
    ann = crm.run(admin, "customer.create", {"name": "Ann", "external_id": "1", "identifier_source": "shop"})
    before = datetime.now(UTC)
    crm.run(admin, "customer.update", {"external_id": "2", "identifier_source": "shop"}, target=ann.id)
    with crm.session(admin) as session:
        past = customer_as_of(session, ann.id, before)
        present = customer_as_of(session, ann.id, datetime.now(UTC))
    assert past is not None
    assert present is not None
    assert (past.identifiers, present.identifiers) == ((("shop", "1"),), (("shop", "1"), ("shop", "2")))
