"""Lists of customers: conditions, order, pages, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, Actor
from crmkit.core.customers.conditions import Condition
from crmkit.core.customers.queries import CustomerQuery, count, every, page
from crmkit.errors import InvalidInput
from tests.conftest import ENGINES, Templates

ADMIN = Actor.system("tests")
PEOPLE: list[dict[str, Any]] = [
    {"name": "Ann Lee", "city": "Rome", "email": "ann@example.com", "tags": ["vip"], "size": 3,
     "identity_kind": "passport", "identity_number": "X-12",
     "custom": {"colour": "red", "points": 10, "rate": "2.5", "since": "2026-01-10", "likes": ["tea", "rum"]}},
    {"name": "bob", "city": "Rome", "mobile": "+8613800138000", "interests": ["tea"], "size": 3,
     "custom": {"colour": "Blue", "points": 9, "rate": "10", "vip": True}},
    {"name": "王小明", "city": "上海", "country": "CN", "birth_date": "1990-05-17", "external_id": "77",
     "source": "erp", "custom": {"points": -1, "rate": "-0.5", "vip": False, "likes": ["rum"]}},
    {"name": "Ödön", "standing": "customer", "size": 12, "language": "hu", "tags": ["vip", "new"]},
    {"name": "Acme 100%", "kind": "organization", "city": "", "tags": ["vip_2"]},
    {"name": "Cy", "city": "Pisa", "organization": "ACME 100%", "custom": {"since": "2026-02-01"}},
]  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "colour": {"type": "text", "field_class": "personal"},
    "illness": {"type": "text"},
    "points": {"type": "integer"},
    "rate": {"type": "decimal"},
    "since": {"type": "date"},
    "vip": {"type": "boolean"},
    "likes": {"type": "choices", "options": ["tea", "rum", "ru"]},
}


def fill(crm: CRM) -> CRM:
    """Put the people there, with their custom fields."""
    for name, field in FIELDS.items():
        crm.run(ADMIN, "custom_field.create", {"name": name, **field})
    outcomes = crm.run_many(ADMIN, "customer.create", PEOPLE)
    assert [outcome.problems for outcome in outcomes if not outcome.ok] == []
    return crm


@pytest.fixture(scope="module", params=ENGINES)
def people(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CRM]:
    """A base with a few customers that the tests here only read."""
    folder: Path = tmp_path_factory.mktemp("people")
    crm = fill(CRM.open(templates.copy(request.param, folder)))
    yield crm
    crm.close()


def names(crm: CRM, *conditions: str, **options: Any) -> list[str]:
    """Return the names that a query finds."""
    with crm.session(ADMIN) as session:
        found = page(session, CustomerQuery(conditions=conditions, **options))
        assert found.next is None
        return [customer.name for customer in found.items]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("city=Rome", {"Ann Lee", "bob"}),
        ("city!=Rome", {"王小明", "Ödön", "Acme 100%", "Cy"}),
        ("city=", {"Ödön", "Acme 100%"}),
        ("city!=", {"Ann Lee", "bob", "王小明", "Cy"}),
        ("city~is", {"Cy"}),
        ("name=ann  lee", {"Ann Lee"}),
        ("name~ÖD", {"Ödön"}),
        ("name~%", {"Acme 100%"}),
        ("name~小", {"王小明"}),
        ("size>=3", {"Ann Lee", "bob", "Ödön"}),
        ("size>3", {"Ödön"}),
        ("size<4", {"Ann Lee", "bob"}),
        ("standing=customer", {"Ödön"}),
        ("birthday=05-17", {"王小明"}),
        ("birthday>=05-18", set()),
        ("birth_band=1990", {"王小明"}),
        ("birth_band<1990", set()),
        ("identity_number=x-12 ", {"Ann Lee"}),
        ("identity_number!=X-12", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("identity_number!=", {"Ann Lee"}),
        ("identity_number=", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("created_at<2000-01-01", set()),
        ("created_at>=2000-01-01", {"Ann Lee", "bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("created_at=2000-01-01", set()),
        ("created_at>2000-01-01T00:00:00Z", {"Ann Lee", "bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("converted_at!=", {"Ödön"}),
        ("tag=vip", {"Ann Lee", "Ödön"}),
        ("tag!=vip", {"bob", "王小明", "Acme 100%", "Cy"}),
        ("tag=", {"bob", "王小明", "Cy"}),
        ("tag~p_", {"Acme 100%"}),
        ("interest=tea", {"bob"}),
        ("email=ANN@example.COM", {"Ann Lee"}),
        ("email=", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("email!=", {"Ann Lee"}),
        ("email!=ann@example.com", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("phone=+86 138 0013 8000", {"bob"}),
        ("phone!=+86 138 0013 8000", {"Ann Lee", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("organization=acme 100%", {"Cy"}),
        ("organization=", {"Ann Lee", "bob", "王小明", "Ödön", "Acme 100%"}),
        ("owner=", {"Ann Lee", "bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("external_id=77", {"王小明"}),
        ("identifier_source=erp", {"王小明"}),
        ("custom.colour=red", {"Ann Lee"}),
        ("custom.colour~BL", {"bob"}),
        ("custom.colour!=red", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ("custom.points>=9", {"Ann Lee", "bob"}),
        ("custom.points=-1", {"王小明"}),
        ("custom.points=", {"Ödön", "Acme 100%", "Cy"}),
        ("custom.rate>2.5", {"bob"}),
        ("custom.rate=2.50", {"Ann Lee"}),
        ("custom.rate<0", {"王小明"}),
        ("custom.since>2026-01-10", {"Cy"}),
        ("custom.vip=true", {"bob"}),
        ("custom.vip=false", {"王小明"}),
        ("custom.likes=rum", {"Ann Lee", "王小明"}),
        ("custom.likes=ru", set()),
        ("custom.likes=", {"bob", "Ödön", "Acme 100%", "Cy"}),
    ],
)
def test_conditions_find_what_they_say(people: CRM, condition: str, expected: set[str]) -> None:
    """Each operator on each kind of field finds the same customers on both databases."""
    assert expected == set(names(people, condition))
    with people.session(ADMIN) as session:
        assert len(expected) == count(session, CustomerQuery(conditions=(condition,)))


def test_conditions_hold_together(people: CRM) -> None:
    """Several conditions narrow a list."""
    assert names(people, "tag=vip", "size>5") == ["Ödön"]


@pytest.mark.parametrize(
    ("condition", "field", "hint"),
    [
        ("citi=Rome", "citi", "city"),
        ("custom.color=red", "custom.color", "custom.colour"),
        ("size=big", "size", None),
        ("birth_date>1990-01-01", "birth_date", "birthday=08-15"),
        ("birthday=8-15", "birthday", "08-15"),
        ("identity_number~12", "identity_number", "identity_number=VALUE"),
        ("email~example", "email", "email=VALUE"),
        ("custom.illness=flu", "custom.illness", "personal"),
        ("created_at=13:00", "created_at", None),
        ("size~1", "size", None),
        ("city>=", "city", None),
        ("tag>x", "tag", None),
        ("phone=12", "phone", None),
        ("owner=nobody", "owner", None),
        ("custom.points=x", "custom.points", None),
        ("city=a\x00", "city", None),
    ],
)
def test_a_wrong_condition_is_named(people: CRM, condition: str, field: str, hint: str | None) -> None:
    """The error points at the field and suggests what was meant."""
    with pytest.raises(InvalidInput) as raised:
        names(people, condition)
    (problem,) = raised.value.problems
    assert problem.field == field
    assert hint is None or hint in problem.render()


@pytest.mark.parametrize("text", ["", "city", "=x", "ci ty=x", "city:x"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    """A text without field and operator is not a condition."""
    with pytest.raises(InvalidInput):
        Condition.parse(text)


def test_deleted_customers_are_left_out(crm: CRM) -> None:
    """Deleted customers are seen by who asks for them only."""
    made = crm.run(ADMIN, "customer.create", {"name": "Ann"})
    crm.run(ADMIN, "customer.delete", target=made.id)
    assert names(crm) == []
    assert names(crm, include_deleted=True) == ["Ann"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("sort_name", ["Acme 100%", "Ann Lee", "bob", "Cy"]),
        ("-sort_name", ["Cy", "bob", "Ann Lee", "Acme 100%"]),
        ("custom.rate", ["bob", "Ann Lee"]),
        ("-custom.points", ["Ann Lee", "bob"]),
    ],
)
def test_rows_without_a_value_come_last(people: CRM, sort: str, expected: list[str]) -> None:
    """The order is the same on both databases: by value, and those without one behind, whatever the direction."""
    shown = names(people, sort=sort)
    reached = [name for name in shown if name in expected]
    if sort.endswith("sort_name"):
        assert expected == reached
    elif sort.startswith("-"):
        assert expected == shown[:2]
        assert shown[2] == "王小明"
    else:
        assert shown[:3] == ["王小明", "Ann Lee", "bob"]


SORTS = ["sort_name", "created_at", "city", "size", "birthday", "birth_band", "id", "standing", "language", "owner_id",
         "deleted_at", "converted_at"] + [f"custom.{name}" for name in FIELDS if name != "illness"]  # fmt: skip


@given(
    sort=st.lists(
        st.tuples(st.booleans(), st.sampled_from(SORTS)), min_size=1, max_size=3, unique_by=lambda key: key[1]
    ),
    limit=st.integers(min_value=1, max_value=4),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_walk_every_row_once(people: CRM, sort: list[tuple[bool, str]], limit: int) -> None:
    """Page after page, under any order, every customer is shown exactly once and in the order of the whole list."""
    text = ",".join(f"{'-' if descending else ''}{name}" for descending, name in sort)
    with people.session(ADMIN) as session:
        whole = [customer.id for customer in page(session, CustomerQuery(sort=text)).items]
        walked, after = [], None
        while True:
            found = page(session, CustomerQuery(sort=text, limit=limit, after=after))
            walked.extend(customer.id for customer in found.items)
            after = found.next
            if after is None:
                break
    assert whole == walked
    assert len(set(whole)) == len(PEOPLE)


@pytest.mark.parametrize("sort", ["custom.rate", "-custom.rate"])
def test_pages_by_a_large_decimal_go_on(crm: CRM, sort: str) -> None:
    """A decimal that no integer of the database could hold does not end a list that is ordered by it."""
    crm.run(ADMIN, "custom_field.create", {"name": "rate", "type": "decimal"})
    rates = ("1", "12345678901234567890.5", "98765432109876543210.5")
    crm.run_many(ADMIN, "customer.create", [{"name": rate, "custom": {"rate": rate}} for rate in rates])
    with crm.session(ADMIN) as session:
        found = [customer.name for customer in every(session, CustomerQuery(sort=sort), batch=1)]
    assert list(rates if sort == "custom.rate" else reversed(rates)) == found


def test_a_list_is_read_in_batches(people: CRM) -> None:
    """Everything can be read without holding all of it."""
    with people.session(ADMIN) as session:
        assert len(PEOPLE) == len(list(every(session, CustomerQuery(), batch=2)))


@pytest.mark.parametrize("cursor", ["x", "", "e30", "WzEsMiwzXQ", "WyJzb3J0X25hbWUiLFsxXSwiYSJd", "é", "\x00"])
def test_a_forged_cursor_is_refused(people: CRM, cursor: str) -> None:
    """A cursor that is none is refused, never a traceback."""
    with people.session(ADMIN) as session, pytest.raises(InvalidInput) as raised:
        page(session, CustomerQuery(after=cursor))
    assert [problem.field for problem in raised.value.problems] == ["after"]


def test_a_cursor_belongs_to_its_order(people: CRM) -> None:
    """A cursor of another order is refused."""
    with people.session(ADMIN) as session:
        after = page(session, CustomerQuery(limit=1)).next
        with pytest.raises(InvalidInput):
            page(session, CustomerQuery(limit=1, sort="city", after=after))


def test_a_page_has_a_sensible_size(people: CRM) -> None:
    """A page of no rows, or of too many, is refused."""
    for limit in (0, 100_000):
        with people.session(ADMIN) as session, pytest.raises(InvalidInput):
            page(session, CustomerQuery(limit=limit))


def test_a_page_costs_three_statements(people: CRM) -> None:
    """Contact points and tags of a page are read by one query each."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with people.session(ADMIN) as session:
        page(session, CustomerQuery(limit=1))
        session.expunge_all()
        event.listen(people.engines.base, "before_cursor_execute", note)
        try:
            for customer in page(session, CustomerQuery()).items:
                assert len(customer.contact_points) + len(customer.tags) >= 0
        finally:
            event.remove(people.engines.base, "before_cursor_execute", note)
    assert len(seen) == 3
