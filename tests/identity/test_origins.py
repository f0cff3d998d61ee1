"""Where values come from: creation, changes, imports and merges, as each reader may see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from crmkit.app import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.store.actor import Actor
from crmkit.exchange.api import ImportOptions, plan_import, run_import
from crmkit.identity.origins import FieldOrigin, RecordOrigins, origins_of

ACTOR = Actor.system("testing origins")


def origins(crm: CRM, customer: UUID, actor: Actor = ACTOR) -> RecordOrigins:
    """Return where a customer's values come from."""
    with crm.session(actor) as session:
        return origins_of(session, [customer])[customer]


def origin(crm: CRM, customer: UUID, field: str, actor: Actor = ACTOR) -> FieldOrigin:
    """Return where the value of a field comes from."""
    found = origins(crm, customer, actor).of(field)
    assert found is not None
    return found


def named(crm: CRM, name: str) -> Customer:
    """Return the customer of a name."""
    with crm.session(ACTOR) as session:
        return session.scalars(select(Customer).where(Customer.name == name)).one()


def told(found: FieldOrigin) -> list[tuple[Any, str | None]]:
    """Return the values of a field with their sources, the present one first."""
    return [(found.value, found.source), *((one.value, one.source) for one in found.earlier)]


@pytest.fixture
def load(crm: CRM, tmp_path: Path) -> Callable[..., UUID]:
    """Imports rows of text and gives the number of the import."""

    def run(text: str, source: str, **options: Any) -> UUID:
        path = tmp_path / f"{source}.csv"
        path.write_text(text, encoding="utf-8")
        plan = plan_import(crm, path, ImportOptions(source=source, on_duplicate="update", **options))
        report = run_import(crm, ACTOR, plan)
        assert report.rejected == 0, report
        assert report.import_id is not None
        return report.import_id

    return run


def test_a_value_that_was_never_changed_comes_with_its_record(crm: CRM) -> None:
    """Its instant and its maker are the record's, and what the record says it comes from is its source."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "city": "Rome", "source": "fair"})
    found = origin(crm, made.id, "city")
    assert (made.created_at, made.created_by, "", "fair", made.id) == (
        found.since,
        found.actor_id,
        found.operation,
        found.source,
        found.record_id,
    )
    assert found.earlier == ()


def test_each_change_is_a_value_of_its_own(crm: CRM) -> None:
    """The present value is the last change's; those before follow, newest first, and what was entered has no source."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "city": "Rome", "source": "fair"})
    for city in ("Oslo", None, "Bern"):
        crm.run(ACTOR, "customer.update", {"city": city}, target=made.id)
    found = origin(crm, made.id, "city")
    assert [("Bern", None), ("Oslo", None), ("Rome", "fair")] == told(found)
    assert found.operation == "customer.update"
    assert found.since > made.created_at


def test_empty_fields_have_no_origin(crm: CRM) -> None:
    """A field without a value is left out, also where it had one."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "city": "Rome"})
    crm.run(ACTOR, "customer.update", {"city": None}, target=made.id)
    found = origins(crm, made.id)
    assert found.of("city") is None
    assert found.of("job_title") is None
    assert found.changes == 1


def test_an_import_vouches_for_what_it_brought(crm: CRM, load: Callable[..., UUID]) -> None:
    """What it made and what it changed both name the import and its source; the rest keeps its own."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "email": "ada@example.com", "city": "Rome"})
    number = load("name,email,city,job_title\nAda,ada@example.com,Oslo,Countess\nBo,bo@example.com,Bern,\n", "erp")
    changed = origin(crm, made.id, "city")
    assert [("Oslo", "erp"), ("Rome", None)] == told(changed)
    assert (number, "import.batch > customer.update_many") == (changed.import_id, changed.operation)
    assert origin(crm, made.id, "name").source is None
    other = named(crm, "Bo").id
    added = origin(crm, other, "city")
    assert ("Bern", "erp", number, "") == (added.value, added.source, added.import_id, added.operation)
    assert origin(crm, other, "email").source == "erp"


def test_custom_fields_are_told_one_by_one(crm: CRM) -> None:
    """A change of one leaves the origin of the others alone, sealed ones included."""
    for name, field_class in (("colour", "personal"), ("secret", "sensitive"), ("size", "internal")):
        crm.run(ACTOR, "custom_field.create", {"resource": "customer", "name": name, "field_class": field_class})
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "custom": {"colour": "red", "secret": "one", "size": "L"}})
    crm.run(ACTOR, "customer.update", {"custom": {"colour": "blue", "secret": "two"}}, target=made.id)
    assert ["blue", "red"] == [value for value, _source in told(origin(crm, made.id, "custom.colour"))]
    assert ["two", "one"] == [value for value, _source in told(origin(crm, made.id, "custom.secret"))]
    assert origin(crm, made.id, "custom.size").since == made.created_at


def test_tags_and_contact_points_have_origins(crm: CRM) -> None:
    """A set counts as one field; each way to reach a customer is one of its own, and so are its earlier values."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "email": "a@example.com", "tags": ["old"]})
    crm.run(ACTOR, "customer.tag", {"names": ["new"]}, target=made.id)
    crm.run(ACTOR, "customer.update", {"email": "b@example.com"}, target=made.id)
    found = origins(crm, made.id)
    tags = found.of("tags")
    assert tags is not None
    assert [["new", "old"], ["old"]] == [tags.value, *(one.value for one in tags.earlier)]
    assert ["a@example.com", "b@example.com"] == [one.value for one in found.fields if one.field == "email"]


def test_a_source_can_vouch_for_a_change(crm: CRM) -> None:
    """What an operation writes in the name of another system bears that system's name, new records included."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "city": "Rome"})
    with crm.transaction(ACTOR) as session, session.unit.vouched_by("register"):
        session.run("customer.update", {"city": "Oslo", "email": "ada@example.com"}, target=made.id)
    crm.run(ACTOR, "customer.update", {"mobile": "+447911123456"}, target=made.id)
    assert [("Oslo", "register"), ("Rome", None)] == told(origin(crm, made.id, "city"))
    assert origin(crm, made.id, "email").source == "register"
    assert origin(crm, made.id, "phone").source is None


def test_a_merged_value_comes_from_the_absorbed_record(crm: CRM, load: Callable[..., UUID]) -> None:
    """What a merge took over keeps when, by whom and from where it came, and names the record; the rest stays."""
    kept = crm.run(ACTOR, "customer.create", {"name": "Ada", "city": "Rome", "source": "fair"})
    number = load("name,email,city,job_title\nAda L,al@example.com,Oslo,Countess\n", "erp")
    gone = named(crm, "Ada L")
    values = {"absorb": gone.id, "choices": [{"field": "city", "take": "absorbed"}]}
    done = crm.run(ACTOR, "customer.merge", values, target=kept.id)
    city = origin(crm, kept.id, "city")
    assert ("Oslo", "erp", number, gone.id, done.merge_id) == (
        city.value,
        city.source,
        city.import_id,
        city.record_id,
        city.merge_id,
    )
    assert city.since == gone.created_at
    assert [("Oslo", "erp"), ("Rome", "fair")] == told(city)
    assert origin(crm, kept.id, "job_title").record_id == gone.id
    assert origin(crm, kept.id, "email").record_id == gone.id
    assert origin(crm, kept.id, "email").source == "erp"
    assert origin(crm, kept.id, "name").merge_id is None


def test_a_value_typed_in_a_merge_is_the_mergers(crm: CRM) -> None:
    """It comes from neither record: the merge itself is its operation."""
    kept, gone = (crm.run(ACTOR, "customer.create", {"name": "Ada", "city": city}).id for city in ("Rome", "Oslo"))
    values = {"absorb": gone, "choices": [{"field": "city", "take": "value", "value": "Bern"}]}
    crm.run(ACTOR, "customer.merge", values, target=kept)
    city = origin(crm, kept, "city")
    assert ("Bern", kept, None, "customer.merge") == (city.value, city.record_id, city.merge_id, city.operation)


def test_an_undone_merge_leaves_no_trace_in_origins(crm: CRM) -> None:
    """After it was taken back, both records tell of themselves what they told before."""
    kept, gone = (crm.run(ACTOR, "customer.create", {"name": "Ada", "city": city}).id for city in ("Rome", "Oslo"))
    crm.run(ACTOR, "customer.update", {"job_title": "Countess"}, target=gone)
    before = [origins(crm, one) for one in (kept, gone)]
    values = {"absorb": gone, "choices": [{"field": "city", "take": "absorbed"}]}
    done = crm.run(ACTOR, "customer.merge", values, target=kept)
    assert origin(crm, kept, "city").record_id == gone
    crm.run(ACTOR, "customer.unmerge", {"merge": done.merge_id}, target=kept)
    after = [origins(crm, one) for one in (kept, gone)]
    assert [told_of(one) for one in before] == [told_of(one) for one in after]


def told_of(found: RecordOrigins) -> dict[str, list[tuple[Any, str | None]]]:
    """Return the values of each field, with their sources."""
    return {one.field: told(one) for one in found.fields}


def test_values_are_masked_for_who_may_not_see_them(crm: CRM) -> None:
    """Origins show no more than the record itself does, of earlier values neither, but how long a value is."""
    made = crm.run(ACTOR, "customer.create", {"name": "Ada", "email": "ada@example.com", "birth_date": "1990-12-10"})
    crm.run(ACTOR, "customer.update", {"birth_date": "1990-12-11"}, target=made.id)
    user = crm.run(ACTOR, "user.create", {"login": "eve", "name": "Eve"})
    role = crm.run(ACTOR, "role.create", {"name": "looker", "title": "Looker"})
    crm.run(ACTOR, "role.grant", {"resource": "customer", "action": "read", "scope": "all"}, target=role.id)
    crm.run(ACTOR, "user.assign_role", {"role": "looker"}, target=user.id)
    eve = Actor.user(user.id, name="Eve")
    found = origins(crm, made.id, eve)
    shown = str([(one.value, [each.value for each in one.earlier]) for one in found.fields])
    assert "ada@example.com" not in shown
    assert "1990-12" not in shown
    birth = found.of("birth_date")
    assert birth is not None
    assert (10, 1) == (birth.size, len(birth.earlier))


def test_many_customers_cost_as_many_statements_as_one(crm: CRM) -> None:
    """Origins are read in batches."""
    ids = [crm.run(ACTOR, "customer.create", {"name": f"Ada {number}", "city": "Rome"}).id for number in range(6)]
    counts: list[int] = []
    for wanted in (ids[:1], ids):
        seen: list[str] = []

        def note(_c: Any, _k: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        with crm.session(ACTOR) as session:
            engine = session.connection().engine
            event.listen(engine, "before_cursor_execute", note)
            try:
                assert len(origins_of(session, wanted)) == len(wanted)
            finally:
                event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[1] <= counts[0]
