"""Conditions of lists find what they say, on both databases, as Python would; what is wrong is said at its column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmkit import CRM, Actor
from crmkit.errors import ExpressionError, InvalidInput
from crmkit.resources import ResourceQuery, count_records, list_records

ADMIN = Actor.system("tests")
Person = dict[str, Any]

PEOPLE: dict[str, Person] = {
    "Ann Lee": {"city": "Rome", "size": 3, "kind": "person", "tags": ["vip"], "email": "ann@example.com",
                "points": 10, "rate": 2.5, "vip": None, "colour": "red", "language": None},
    "bob": {"city": "Rome", "size": 3, "kind": "person", "tags": [], "email": None,
            "points": 9, "rate": 10, "vip": True, "colour": "Blue", "language": None},
    "王小明": {"city": "上海", "size": None, "kind": "person", "tags": [], "email": None,
            "points": -1, "rate": -0.5, "vip": False, "colour": None, "language": None},
    "Ödön": {"city": None, "size": 12, "kind": "person", "tags": ["vip", "new"], "email": None,
             "points": None, "rate": None, "vip": None, "colour": None, "language": "hu"},
    "Acme 100%": {"city": None, "size": None, "kind": "organization", "tags": ["vip_2"], "email": None,
                  "points": None, "rate": None, "vip": None, "colour": None, "language": None},
    "Cy": {"city": "Pisa", "size": None, "kind": "person", "tags": [], "email": None,
           "points": None, "rate": None, "vip": None, "colour": None, "language": None},
}  # fmt: skip
"""What is known of the people, as Python has it."""


def found(crm: CRM, text: str, *, resource: str = "customer", **options: Any) -> set[str]:
    """Return the names that a condition finds."""
    with crm.session(ADMIN) as session:
        page = list_records(session, ResourceQuery(resource=resource, filter=text, fields="name", **options))
        assert page.next is None
        return {row.values["name"] for row in page.rows}


# --- the same as Python ----------------------------------------------------------------------------------------------

Atom = tuple[str, Callable[[Person], bool]]


def _texts(field: str, name: str, value: str | None) -> list[Atom]:
    quoted = "null" if value is None else f'"{value}"'
    return [
        (f"{field} == {quoted}", lambda person: person[name] == value),
        (f"{field} != {quoted}", lambda person: person[name] != value),
    ]


def _numbers(field: str, name: str, value: float) -> list[Atom]:
    return [
        (f"{field} > {value}", lambda person: person[name] is not None and person[name] > value),
        (f"{field} <= {value}", lambda person: person[name] is not None and person[name] <= value),
        (f"{field} != {value}", lambda person: person[name] != value),
    ]


ATOMS: list[Atom] = [
    *_texts("city", "city", "Rome"),
    *_texts("city", "city", None),
    *_texts("customer.city", "city", "上海"),
    *_texts("kind", "kind", "organization"),
    *_texts("email", "email", "ann@example.com"),
    *_texts("email", "email", None),
    *_texts("language", "language", "hu"),
    *_texts("custom.colour", "colour", "Blue"),
    *_numbers("size", "size", 3),
    *_numbers("custom.points", "points", 9),
    *_numbers("custom.rate", "rate", 2.5),
    ('"vip" in tags', lambda person: "vip" in person["tags"]),
    ('"new" in customer.tags', lambda person: "new" in person["tags"]),
    ('city in ["Rome", "Pisa"]', lambda person: person["city"] in ("Rome", "Pisa")),
    ('email in ["x@y.de", "ANN@example.com"]', lambda person: person["email"] is not None),
    ("custom.vip", lambda person: person["vip"] is True),
    ("purchase.count == 0", lambda person: True),
    ("contact.has_email", lambda person: person["email"] is not None),
]


def _joined(inner: st.SearchStrategy[Atom]) -> st.SearchStrategy[Atom]:
    def both(pair: tuple[Atom, Atom]) -> Atom:
        (one, first), (other, second) = pair
        return f"({one}) and ({other})", lambda person: first(person) and second(person)

    def either(pair: tuple[Atom, Atom]) -> Atom:
        (one, first), (other, second) = pair
        return f"({one}) or ({other})", lambda person: first(person) or second(person)

    def negated(atom: Atom) -> Atom:
        return f"not ({atom[0]})", lambda person: not atom[1](person)

    return st.one_of(st.tuples(inner, inner).map(both), st.tuples(inner, inner).map(either), inner.map(negated))


CONDITIONS = st.recursive(st.sampled_from(ATOMS), _joined, max_leaves=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition=CONDITIONS)
def test_a_condition_means_in_sql_what_it_means_in_python(people: CRM, condition: Atom) -> None:
    """Whatever is joined by and, or and not: fields, facts, tags and whole values of what is sealed."""
    text, holds = condition
    expected = {name for name, person in PEOPLE.items() if holds(person)}
    assert expected == found(people, text)
    with people.session(ADMIN) as session:
        assert len(expected) == count_records(session, ResourceQuery(resource="customer", filter=text))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('phone == "+86 138 0013 8000"', {"bob"}),
        ('phone != "+86 138 0013 8000"', {"Ann Lee", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ('identity_number == " x-12"', {"Ann Lee"}),
        ("identity_number == null", {"bob", "王小明", "Ödön", "Acme 100%", "Cy"}),
        ('created_at > instant("2000-01-01T00:00:00Z")', set(PEOPLE)),
        ("days_since(created_at) > 1", set[str]()),
        ('"tea" in interests', {"bob"}),
        ('birthday == "05-17"', {"王小明"}),
        ("parent_id != null", {"Cy"}),
        ("size + 1 > 12", {"Ödön"}),
        ('custom.since > date("2026-01-10")', {"Cy"}),
        ('"rum" in custom.likes', {"Ann Lee", "王小明"}),
        ("version == 1 and converted_at != null", {"Ödön"}),
    ],
)
def test_conditions_find_what_they_say(people: CRM, condition: str, expected: set[str]) -> None:
    """Each kind of field can be compared."""
    assert expected == found(people, condition)


def test_an_id_is_found_however_it_is_written(people: CRM) -> None:
    """An id in capitals or without dashes is the same id, alone and in a list."""
    with people.session(ADMIN) as session:
        rows = list_records(session, ResourceQuery(resource="customer", filter="parent_id != null", fields="parent_id"))
    identity = rows.rows[0].values["parent_id"]
    assert found(people, f'parent_id == "{str(identity).upper()}"') == {"Cy"}
    assert found(people, f'id in ["{identity.hex}"]') == {"Acme 100%"}
    assert found(people, f'not (parent_id == "{identity}")') == set(PEOPLE) - {"Cy"}


@pytest.mark.parametrize(
    ("condition", "column", "says"),
    [
        ('cty == "Rome"', 1, 'Did you mean city?'),
        ("city == 3", 6, "cannot be compared"),
        ("size > 1 and birth_date > 3", 14, "sealed"),
        ('size > 1 and contains(email, "a")', 23, "whole value"),
        ('email == phone', 1, "whole value"),
        ('id == "x"', 7, "no id"),
        ("preferences == null", 1, "no value that could be compared"),
        ("size", 1, "A condition is wanted"),
        ("size >", 7, "too early"),
        ("custom.illness == null", 1, "sealed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_column(people: CRM, condition: str, column: int, says: str) -> None:
    """A mistake names its column, and is about the field ``filter``."""
    with pytest.raises(ExpressionError) as raised:
        found(people, condition)
    (problem,) = raised.value.problems
    assert (problem.field, getattr(problem, "column", None)) == ("filter", column)
    assert says in problem.render()


def test_a_value_that_nothing_can_have_is_refused(people: CRM) -> None:
    """What is no e-mail address finds nobody by mistake."""
    with pytest.raises(InvalidInput, match="can have no such value"):
        found(people, 'email == "nobody"')


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ann", {"Ann Lee"}),
        ("LEE ann", {"Ann Lee"}),
        ("ann@example.com", {"Ann Lee"}),
        ("+86 138 0013 8000", {"bob"}),
        ("小明", {"王小明"}),
        ("100%", {"Acme 100%"}),
        ("nobody", set[str]()),
    ],
)
def test_words_find_by_name_address_and_number(people: CRM, words: str, expected: set[str]) -> None:
    """Each word must be in the name, or the whole text be an address or a number."""
    assert expected == found(people, "", search=words)
