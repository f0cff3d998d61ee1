"""Orders and pages by key: every record comes once, whatever the order, and no cursor from outside does harm."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, Actor
from crmkit.errors import InvalidInput, NotFound
from crmkit.resources import (
    ResourceQuery,
    count_records,
    every_record,
    get_record,
    list_records,
    resource_names,
    shape_of,
)

ADMIN = Actor.system("tests")
KEYS = [
    "name", "size", "city", "created_at", "id", "kind", "parent_id", "birth_band", "custom.points", "custom.rate",
    "custom.since", "custom.vip", "purchase.count", "converted_at",
]  # fmt: skip
SORTS = st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True)


def names(crm: CRM, **options: Any) -> list[str]:
    """Return the names of all pages of a query, one after the other."""
    after, found = None, []
    with crm.session(ADMIN) as session:
        while True:
            page = list_records(session, ResourceQuery(resource="customer", fields="name", after=after, **options))
            found += [row.values["name"] for row in page.rows]
            after = page.next
            if after is None:
                return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=SORTS, signs=st.lists(st.booleans(), min_size=3, max_size=3), size=st.integers(1, 4))
def test_pages_together_are_the_whole_list(people: CRM, sort: list[str], signs: list[bool], size: int) -> None:
    """By any fields, ascending or not, with values or without: each record once, in the order of the whole."""
    text = ",".join(("-" if down else "") + key for key, down in zip(sort, signs, strict=False))
    whole = names(people, sort=text, limit=100)
    assert len(whole) == 6
    assert whole == names(people, sort=text, limit=size)


def test_records_without_a_value_come_last(people: CRM) -> None:
    """In both directions."""
    assert names(people, sort="size,name")[:3] == ["Ann Lee", "bob", "Ödön"]
    assert names(people, sort="-size,name")[:3] == ["Ödön", "Ann Lee", "bob"]


def _cursor(*body: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")


USUAL = "sort_name,id"
NOBODY = "0" * 32
HOSTILE = [
    "abc", "", "=", "a" * 5000, "\x00", "é", _cursor(), _cursor(1, 2, 3), _cursor(USUAL, ["x"]),
    _cursor(USUAL, ["x"], "no id"), _cursor(USUAL, [None], NOBODY), _cursor(USUAL, [1], NOBODY),
    _cursor(USUAL, [["x"]], NOBODY), _cursor(USUAL, ["x", "y"], NOBODY), _cursor("name,id", ["x"], NOBODY),
    _cursor(USUAL, ["\x00"], NOBODY), _cursor(USUAL, {"a": 1}, NOBODY), _cursor(USUAL, ["\ud800"], NOBODY),
    base64.urlsafe_b64encode(b"[" * 3000).decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]  # fmt: skip


@pytest.mark.parametrize("cursor", HOSTILE)
def test_a_hostile_cursor_is_refused(people: CRM, cursor: str) -> None:
    """What does not continue a list says so, and says where to begin."""
    with people.session(ADMIN) as session, pytest.raises(InvalidInput) as raised:
        list_records(session, ResourceQuery(resource="customer", after=cursor))
    assert [problem.field for problem in raised.value.problems] == ["after"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(["size", "custom.rate", "created_at", "custom.vip", "parent_id", "custom.since"]),
    value=st.one_of(
        st.none(), st.integers(), st.floats(), st.text(max_size=8), st.booleans(), st.just("1e400"), st.just("NaN"),
        st.just("9999-12-31"), st.just("0001-01-01T00:00:00-23:59"), st.just("1" * 40),
    ),
)  # fmt: skip
def test_a_cursor_of_any_value_is_answered_or_refused(people: CRM, sort: str, value: Any) -> None:
    """No value of a cursor reaches the database in a type that it cannot compare."""
    query = ResourceQuery(resource="customer", sort=sort, after=_cursor(f"{sort},id", [value], "0" * 32))
    fields: set[str | None] = set()
    with people.session(ADMIN) as session:
        try:
            list_records(session, query)
        except InvalidInput as error:
            fields = {problem.field for problem in error.problems}
    assert fields <= {"after"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"sort": "nme"}, "sort"),
        ({"sort": "name,-name"}, "sort"),
        ({"sort": "email"}, "sort"),
        ({"sort": "preferences"}, "sort"),
        ({"sort": ","}, "sort"),
        ({"fields": "name,nme"}, "fields"),
        ({"expand": "ownr"}, "expand"),
        ({"expand": "contact_points.customer"}, "expand"),
        ({"expand": "parent.parent.parent.parent"}, "expand"),
        ({"search": "a\x00"}, "q"),
    ],
)
def test_what_is_wrong_with_a_query_is_named(people: CRM, query: dict[str, Any], field: str) -> None:
    """Each part of a query is checked, and what is wrong names it."""
    with people.session(ADMIN) as session, pytest.raises(InvalidInput) as raised:
        list_records(session, ResourceQuery(resource="customer", **query))
    assert {problem.field for problem in raised.value.problems} == {field}


def test_all_records_come_in_batches(people: CRM) -> None:
    """Reading everything gives what the pages give, in their order."""
    with people.session(ADMIN) as session:
        query = ResourceQuery(resource="customer", sort="-name", fields="name")
        found = [row.values["name"] for row in every_record(session, query, batch=2)]
    assert found == names(people, sort="-name")


def test_only_what_is_asked_for_is_given(people: CRM) -> None:
    """Fields, facts, contact points and tags by their names, in the order asked; sealed ones masked."""
    wanted = ("email", "name", "purchase.count", "tags", "custom.colour", "custom.illness", "identity_number")
    with people.session(ADMIN) as session:
        page = list_records(session, ResourceQuery(resource="customer", filter='name == "Ann Lee"', fields=wanted))
    (row,) = page.rows
    assert tuple(row.values) == wanted
    assert row.values["email"] == "a****@example.com"
    assert row.values["identity_number"] == "X****"
    assert (row.values["tags"], row.values["custom.colour"], row.values["purchase.count"]) == (["vip"], "red", 0)


def test_references_and_what_belongs_come_along(people: CRM) -> None:
    """What a record refers to, and the rows that belong to it, come with it."""
    with people.session(ADMIN) as session:
        query = ResourceQuery(resource="customer", sort="name", expand="parent,contact_points", fields="name")
        rows = {row.values["name"]: row for row in list_records(session, query).rows}
    assert rows["Cy"].expanded["parent"].values["name"] == "Acme 100%"
    assert rows["bob"].expanded["parent"] is None
    assert [point["value"] for point in rows["Ann Lee"].expanded["contact_points"]] == ["a****@example.com"]
    assert tuple(rows["Cy"].values) == ("name",)


def test_one_record_is_read_by_its_id(people: CRM) -> None:
    """With all fields; an id of nobody is not found."""
    with people.session(ADMIN) as session:
        first = list_records(session, ResourceQuery(resource="customer", filter='name == "bob"')).rows[0]
        row = get_record(session, "customer", first.id, record=True)
        assert (row.version, row.values["city"], row.record.name) == (1, "Rome", "bob")
        shape = shape_of(session, "customer")
        assert set(row.values) == {field.name for field in shape.fields if "." not in field.name} - {"id", "version"}
        with pytest.raises(NotFound):
            get_record(session, "customer", type(first.id)(int=1))


def test_every_resource_can_be_read(people: CRM) -> None:
    """Each declared resource lists, counts and sorts by each field that says so."""
    with people.session(ADMIN) as session:
        for name in resource_names(people.registry):
            shape = shape_of(session, name)
            for field in shape.fields:
                if field.sortable:
                    list_records(session, ResourceQuery(resource=name, sort=f"-{field.name}", fields="*", limit=2))
            assert count_records(session, ResourceQuery(resource=name)) >= 0


def test_a_resource_that_there_is_not_is_not_found(people: CRM) -> None:
    """Nor is one of a plugin that is not enabled."""
    with people.session(ADMIN) as session, pytest.raises(NotFound):
        list_records(session, ResourceQuery(resource="acme.thing"))
