"""What is sensitive about customers: kept sealed, found by its whole value, masked for readers without the right,
opened by the framework, and revealed for a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import inspect, select

from crmkit import CRM, Actor
from crmkit.core.customers.asof import customer_as_of
from crmkit.core.customers.chronicle import customer_history
from crmkit.core.customers.lookups import customers_reached
from crmkit.core.customers.models import Consent, ContactPoint, Customer, Relationship
from crmkit.core.customers.queries import CustomerQuery, page
from crmkit.core.operations.tables import AuditRecord
from crmkit.core.store.guard import region
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import is_masked
from crmkit.errors import Conflict, InvalidInput, ModelError, Refused
from crmkit.exchange.revert import customer_as_of as as_of_to_restore

CANARIES = (
    "canary@example.com",
    "+8613800138000",
    "1990-05-17",
    "X-4711",
    "peanut",
    "Canary Lane",
    "Evidence-1",
    "Note-1",
)
ANN: dict[str, Any] = {
    "name": "Ann",
    "city": "Rome",
    "email": "canary@example.com",
    "phone": "+86 138 0013 8000",
    "street": "Canary Lane 1",
    "birth_date": "1990-05-17",
    "identity_kind": "passport",
    "identity_number": "X-4711",
    "custom": {"allergy": "peanut", "colour": "red"},
    "consents": [{"purpose": "newsletter", "evidence": "Evidence-1"}],
}


@pytest.fixture
def clerk(crm: CRM, admin: Actor) -> Actor:
    """Somebody who works with all customers and sees what is sensitive masked."""
    role = crm.run(admin, "role.create", {"name": "clerk"})
    for action in ("read", "create", "update", "reveal"):
        crm.run(admin, "role.grant", {"resource": "customer", "action": action, "scope": "all"}, target=role.id)
    for classified, level in (("personal", "full"), ("sensitive", "masked")):
        crm.run(admin, "role.set_field_right", {"classified": classified, "level": level}, target=role.id)
    return Actor.host("desk", roles=("clerk",))


@pytest.fixture
def ann(crm: CRM, admin: Actor) -> Any:
    """A customer about whom much is known."""
    crm.run(admin, "custom_field.create", {"name": "allergy"})
    crm.run(admin, "custom_field.create", {"name": "colour", "field_class": "personal"})
    return crm.run(admin, "customer.create", ANN).id


def dump(crm: CRM) -> str:
    """Return everything that is in the database, as text and as the bytes of the values."""
    found: list[str] = []
    with crm.engines.system_read.connect() as connection:
        for name in inspect(crm.engines.base).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                raw = (bytes(item) if isinstance(item, memoryview) else item for item in row)
                found += [item.decode("latin-1") if isinstance(item, bytes) else str(item) for item in raw]
    return "\n".join(found)


@pytest.mark.parametrize("bulk", [False, True])
def test_nothing_sensitive_is_in_the_database(crm: CRM, admin: Actor, ann: Any, bulk: bool) -> None:
    """No table has a sensitive value in plain: neither the record, nor its history, events or audit log."""
    if bulk:
        (outcome,) = crm.run_many(admin, "customer.create", [ANN])
        ann = outcome.result
    other = crm.run(admin, "customer.create", {"email": "canary+2@example.com"})
    crm.run(admin, "relationship.add", {"other_id": other.id, "kind": "spouse", "note": "Note-1"}, target=ann)
    crm.run(admin, "customer.update", {"birth_date": "1991-01-01", "custom": {"allergy": "milk"}}, target=ann)
    crm.run(admin, "customer.reveal", {"reason": "tests"}, target=ann)
    whole = dump(crm)
    assert [text for text in (*CANARIES, "canary+2@", "1991-01-01", "milk") if text in whole] == []
    assert "Rome" in whole
    with crm.session(admin) as session:
        customer = session.get_one(Customer, ann)
        assert (customer.birth_date, customer.identity_number) == (date(1991, 1, 1), "X-4711")
        assert customer.custom == {"allergy": "milk", "colour": "red"}
        assert session.scalars(select(Consent)).all()[-1].evidence == "Evidence-1"
        assert [item.note for item in session.scalars(select(Relationship))] == ["Note-1"]


def test_a_whole_value_finds_its_customers(crm: CRM, admin: Actor, ann: Any) -> None:
    """Customers are found by e-mail address, phone and identity number in any spelling, and by no part of them."""
    double = crm.run(admin, "customer.create", {"name": "Bob", "email": "Canary@Example.com"}).id
    with crm.session(admin) as session:
        found = {id_ for _key, id_ in customers_reached(session, "email", ["canary@example.com", "x@example.com"])}
        assert found == {ann, double}
        for condition in ("phone=+86-138 0013 8000", "identity_number=x-4711"):
            assert [item.id for item in page(session, CustomerQuery(conditions=(condition,))).items] == [ann]
        with pytest.raises(InvalidInput):
            page(session, CustomerQuery(conditions=("email~canary",)))
        with pytest.raises(ModelError):
            session.scalars(select(Customer).where(Customer.birth_date == date(1990, 5, 17))).all()


def test_a_changed_extension_is_found(crm: CRM, admin: Actor) -> None:
    """A number that gets another extension is another number, and is looked up as such."""
    made = crm.run(admin, "customer.create", {"name": "A", "phone": "+1 650 253 0000 ext. 12"})
    with crm.session(admin) as session:
        (point,) = session.get_one(Customer, made.id).contact_points
    crm.run(admin, "contact_point.change", {"details": {"extension": "13"}}, target=point.id)
    with crm.session(admin) as session:
        keys = ["+16502530000x12", "+16502530000x13"]
        assert [key for key, _id in customers_reached(session, "phone", keys)] == ["+16502530000x13"]


def test_a_reader_without_the_right_sees_masks(crm: CRM, ann: Any, clerk: Actor) -> None:
    """Sensitive values come masked, also in lists, in the past and in the history; what is not sensitive does not."""
    crm.run(clerk, "customer.update", {"city": "Pisa", "identity_number": "X-4712"}, target=ann)
    with crm.session(clerk) as session:
        (customer,) = page(session, CustomerQuery(conditions=("email=canary@example.com",))).items
        email, phone = (next(p.value for p in customer.contact_points if p.kind == kind) for kind in ("email", "phone"))
        assert (email, phone, customer.birth_date) == ("c****@example.com", "+86****8000", "****")
        assert (customer.birthday, customer.birth_band, customer.city) == ("05-17", 1990, "Pisa")
        assert customer.custom == {"allergy": "p****", "colour": "red"}
        past = customer_as_of(session, ann, datetime.now(UTC))
        assert past is not None
        assert is_masked(past.fields["identity_number"])
        assert all(is_masked(point.value) for point in past.contact_points)
        lines = [line for line in customer_history(session, ann) if line.changes]
        (change,) = [change for change in lines[0].changes if change.name == "identity_number"]
        assert (change.before, change.after) == ("X****", "X****")
        restored = as_of_to_restore(session, ann, datetime.now(UTC), whole=True)
        assert restored is not None
        assert restored.fields["identity_number"] == "X-4712"


def test_masked_values_are_not_written_back(crm: CRM, admin: Actor, ann: Any, clerk: Actor) -> None:
    """Who sees a value masked can change the others, and cannot save the mask in its place."""
    with crm.session(clerk) as session:
        customer = session.get_one(Customer, ann)
        masked, custom = customer.identity_number, customer.custom
        with pytest.raises(InvalidInput):
            customer.identity_number = masked
        with pytest.raises(InvalidInput):
            customer.custom = custom
    crm.run(clerk, "customer.update", {"custom": {"colour": "blue"}, "job_title": "Baker"}, target=ann)
    crm.run(clerk, "customer.update", {"identity_kind": "other"}, target=ann)
    crm.run(clerk, "customer.update", {"email": "second@example.com"}, target=ann)
    with crm.session(admin) as session:
        customer = session.get_one(Customer, ann)
        assert (customer.custom, customer.identity_number) == ({"allergy": "peanut", "colour": "blue"}, "X-4711")
        emails = [point.value for point in customer.contact_points if point.kind == "email"]
        assert emails == ["canary@example.com", "second@example.com"]


def test_records_can_be_read_after_their_session(crm: CRM, admin: Actor, ann: Any, clerk: Actor) -> None:
    """A record that has left its session is read with the rights of who read it."""
    found: list[Any] = []
    for actor in (admin, clerk):
        with crm.session(actor) as session:
            point = session.scalars(select(ContactPoint).where(ContactPoint.kind == "email")).one()
        found.append(point.value)
    assert found == ["canary@example.com", "c****@example.com"]


def test_birthdays_follow_the_date_of_birth(crm: CRM, admin: Actor, ann: Any) -> None:
    """Birthday and band of years are kept with the date, and go with it."""
    seen: list[Any] = []
    for value in ("1988-12-03", None):
        crm.run(admin, "customer.update", {"birth_date": value}, target=ann)
        with crm.session(admin) as session:
            customer = session.get_one(Customer, ann)
            seen.append((customer.birth_date, customer.birthday, customer.birth_band))
    assert seen == [(date(1988, 12, 3), "12-03", 1985), (None, None, None)]
    (outcome,) = crm.run_many(admin, "customer.create", [{"name": "B", "birth_date": "2004-02-29"}])
    with crm.session(admin) as session:
        bob = session.get_one(Customer, outcome.result)
        assert (bob.birthday, bob.birth_band) == ("02-29", 2000)


def test_custom_fields_are_kept_by_their_class(crm: CRM, admin: Actor, ann: Any) -> None:
    """Sensitive custom values are sealed and the others are in plain; a record assigned to as a whole as well."""
    with crm.session(admin) as session:
        customer = session.get_one(Customer, ann)
        assert (customer.custom_open, plain(customer, "custom_sealed")) == ({"colour": "red"}, {"allergy": "peanut"})
    before = customer.version
    crm.run(admin, "customer.update", {"custom": {"allergy": "peanut", "colour": "red"}}, target=ann)
    with crm.session(admin) as session:
        assert session.get_one(Customer, ann).version == before


def test_a_field_with_values_is_not_unsealed(crm: CRM, admin: Actor, ann: Any) -> None:
    """The class of a custom field changes between sealed and plain only while nobody has a value."""
    with crm.session(admin) as session:
        from crmkit.core.business.models import CustomField

        fields = {item.name: item.id for item in session.scalars(select(CustomField))}
    for name, classified in (("allergy", "personal"), ("colour", "sensitive")):
        with pytest.raises(Conflict):
            crm.run(admin, "custom_field.update", {"field_class": classified}, target=fields[name])
        crm.run(admin, "customer.update", {"custom": {name: None}}, target=ann)
        crm.run(admin, "custom_field.update", {"field_class": classified}, target=fields[name])
    crm.run(admin, "customer.update", {"custom": {"allergy": "figs", "colour": "blue"}}, target=ann)
    with crm.session(admin) as session:
        customer = session.get_one(Customer, ann)
        assert (customer.custom_open, customer.custom_sealed) == ({"allergy": "figs"}, {"colour": "blue"})


def test_a_reveal_gives_what_is_masked_and_is_audited(crm: CRM, admin: Actor, ann: Any, clerk: Actor) -> None:
    """Who may reveal gets the fields that were named, or all; the log has who, whom, which fields and why."""
    with crm.session(clerk) as session:
        points = {point.kind: point.id for point in session.get_one(Customer, ann).contact_points}
    named = {"reason": "calling back", "fields": ["birth_date", "custom.allergy"], "contact_points": [points["phone"]]}
    some = crm.run(clerk, "customer.reveal", named, target=ann)
    assert dict(some.fields) == {"birth_date": date(1990, 5, 17), "custom.allergy": "peanut"}
    assert [point.value for point in some.contact_points] == ["+8613800138000"]
    whole = crm.run(clerk, "customer.reveal", {"reason": "all"}, target=ann)
    assert whole.fields["identity_number"] == "X-4711"
    assert {point.kind for point in whole.contact_points} == {"email", "phone", "address"}
    assert "peanut" not in repr(whole)
    with crm.session(admin) as session, region(session, "looking at the log"):
        told = select(AuditRecord).where(AuditRecord.operation == "reveal")
        lines = session.scalars(told.order_by(AuditRecord.recorded_at, AuditRecord.id)).all()
        assert [(line.reason, line.actor_id, line.target_id) for line in lines] == [
            ("calling back", clerk.id, ann),
            ("all", clerk.id, ann),
        ]
        assert "custom.allergy" in str(lines[0].details)


@pytest.mark.parametrize(
    "given",
    [{"reason": " "}, {"reason": "x", "fields": ["shoes"]}, {"reason": "x", "contact_points": ["0" * 32]}],
)
def test_a_reveal_needs_a_reason_and_names_what_there_is(crm: CRM, admin: Actor, ann: Any, given: Any) -> None:
    """A blank reason, an unknown field and somebody else's contact point are refused."""
    with pytest.raises(InvalidInput):
        crm.run(admin, "customer.reveal", given, target=ann)


def test_a_reveal_needs_the_right(crm: CRM, ann: Any) -> None:
    """Who may read customers and not reveal is refused."""
    with pytest.raises(Refused):
        crm.run(Actor.host("m", roles=("marketer",)), "customer.reveal", {"reason": "curious"}, target=ann)


def test_an_unknown_sender_is_named_by_no_address(crm: CRM, admin: Actor) -> None:
    """A customer of whom an address alone is known is shown under the mask of it."""
    made = crm.run(admin, "customer.from_contact", {"kind": "phone", "value": "+86 138 0013 8000"})
    assert (made.name, made.sort_name) == ("+86****8000", "+86****8000")
