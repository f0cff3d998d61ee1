"""Who reads what: rows by right, fields by class; nobody filters or sorts by what he sees masked."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit import Actor
from crmkit.errors import InvalidInput, NotFound, Refused
from crmkit.resources import ResourceQuery, Row, count_records, get_record, list_records
from tests.web.conftest import Web

SELLER, ANALYST = "sam", "ann"


def read(office: Web, login: str, **query: Any) -> list[Row]:
    """Return the rows that somebody sees."""
    with office.crm.session(Actor.user(office.users[login])) as session:
        rows = list_records(session, ResourceQuery(**{"resource": "customer", **query})).rows
        assert count_records(session, ResourceQuery(**{"resource": "customer", **query})) == len(rows)
        return list(rows)


def test_everybody_sees_the_own_rows(office: Web) -> None:
    """The own rows, and no others; each with the values that the reader may read."""
    assert {row.values["name"] for row in read(office, SELLER)} == {"Wang Lin", "李秀英"}
    assert {row.values["name"] for row in read(office, "mia")} == {"Blue Kettle Ltd"}
    assert len(read(office, "ada")) == 4


def test_what_is_masked_is_shown_masked(office: Web) -> None:
    """An analyst sees personal fields masked, and of sealed ones that there is something."""
    rows = read(office, ANALYST, fields="name,city,kind,email,sort_name")
    assert {row.values["name"] for row in rows} == {"W****", "李****", "B****", "S****"}
    assert {row.values["kind"] for row in rows} == {"person", "organization"}
    assert {str(row.values["email"]) for row in rows} == {"****"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"filter": 'city == "London"'}, "filter"),
        ({"filter": 'kind == "person" and customer.city == "London"'}, "filter"),
        ({"filter": 'email == "0@example.com"'}, "filter"),
        ({"filter": 'not (name == "Wang Lin")'}, "filter"),
        ({"sort": "name"}, "sort"),
        ({"sort": "kind,-city"}, "sort"),
        ({"sort": "customer.city"}, "sort"),
        ({"fields": "customer.city"}, "fields"),
        ({"search": "Wang"}, "q"),
        ({"resource": "interaction", "filter": 'customer.city == "London"'}, "filter"),
    ],
)
def test_nobody_filters_or_sorts_by_what_is_masked(office: Web, query: dict[str, Any], field: str) -> None:
    """Not by the field, not by a fact that is the field, not by words: the answer would tell what is masked."""
    with pytest.raises(InvalidInput) as raised:
        read(office, ANALYST, **query)
    assert {problem.field for problem in raised.value.problems} == {field}


def test_the_usual_order_tells_nothing(office: Web) -> None:
    """Who may not read names gets lists by the time of creation instead."""
    created = [row.values["created_at"] for row in read(office, ANALYST)]
    assert created == sorted(created, reverse=True)


def test_who_may_read_nothing_of_a_resource_is_told(office: Web) -> None:
    """Without any right to read, a list is refused and not empty."""
    nobody = office.crm.run(office.crm.system("tests"), "user.create", {"login": "nil", "name": "Nil"}).id
    with office.crm.session(Actor.user(nobody)) as session, pytest.raises(Refused, match=r"customer\.read"):
        list_records(session, ResourceQuery(resource="customer"))


def test_a_foreign_record_looks_like_one_that_there_is_not(office: Web) -> None:
    """By its id, as a reference, and through a filter on its id."""
    foreign = office.customers["Sofia Rossi"]
    with office.crm.session(Actor.user(office.users[SELLER])) as session:
        with pytest.raises(NotFound) as raised:
            get_record(session, "customer", foreign)
        with pytest.raises(NotFound) as other:
            get_record(session, "customer", type(foreign)(int=7))
        assert str(raised.value).replace(str(foreign), "") == str(other.value).replace(str(type(foreign)(int=7)), "")
        found = list_records(session, ResourceQuery(resource="customer", filter=f'id == "{foreign}"'))
        assert found.rows == []
        assert count_records(session, ResourceQuery(resource="customer", search="3@example.com")) == 0


def test_facts_about_the_customer_filter_what_is_about_it(office: Web) -> None:
    """Of the customers whom the reader sees alone; what is about nobody meets no condition."""
    known = {"resource": "interaction", "filter": 'kind == "call" and purchase.net_amount >= money(20, "CNY")'}
    assert len(read(office, "ada", **known)) == 3
    assert len(read(office, SELLER, **known)) == 1
    assert len(read(office, SELLER, resource="interaction", filter="not (purchase.count == 1)")) == 0


def test_a_fact_and_a_field_are_not_compared(office: Web) -> None:
    """A condition on both at once is refused, where each by itself would do."""
    with pytest.raises(InvalidInput, match="cannot be compared with a field"):
        read(office, "ada", resource="interaction", filter="amount_minor > purchase.count")
    with pytest.raises(InvalidInput, match="about no customer"):
        read(office, "ada", resource="product", filter="purchase.count > 1")


def test_texts_are_shown_by_right(office: Web) -> None:
    """A seller reads what was written of a call, an analyst that something was."""
    query = {"resource": "interaction", "filter": 'kind == "call"', "fields": "subject,body"}
    assert {row.values["subject"] for row in read(office, SELLER, **query)} == {"A****"}
    assert {str(row.values["body"]) for row in read(office, ANALYST, **query)} == {"****"}


def test_references_are_shown_as_the_reader_may_see_them(office: Web) -> None:
    """An owner is a user's record; a customer behind an interaction is masked for who sees it masked."""
    rows = read(office, SELLER, expand="owner,team")
    assert {row.expanded["owner"].values["login"] for row in rows} == {"sam"}
    calls = read(office, ANALYST, resource="interaction", expand="customer.owner")
    assert str(calls[0].expanded["customer"].values["name"]).endswith("****")


def test_a_shared_record_is_seen_at_once(office: Web) -> None:
    """What is kept of a reader's statements does not outlive a change of what he may see."""
    before = len(read(office, SELLER))
    share = {
        "resource": "customer",
        "record_id": str(office.customers["Sofia Rossi"]),
        "user_id": str(office.users[SELLER]),
    }
    made = office.crm.run(office.crm.system("tests"), "share.create", share)
    assert len(read(office, SELLER)) == before + 1
    office.crm.run(office.crm.system("tests"), "share.revoke", target=made.id)
    assert len(read(office, SELLER)) == before


def test_deleted_records_are_left_out(office: Web) -> None:
    """Unless they are asked for."""
    crm = office.crm
    gone = crm.run(crm.system("tests"), "customer.create", {"name": "Gone"}).id
    crm.run(crm.system("tests"), "customer.delete", target=gone)
    assert "Gone" not in {row.values["name"] for row in read(office, "ada")}
    assert "Gone" in {row.values["name"] for row in read(office, "ada", include_deleted=True)}
    with crm.session(crm.system("tests")) as session:
        with pytest.raises(NotFound):
            get_record(session, "customer", gone)
        assert get_record(session, "customer", gone, include_deleted=True).values["name"] == "Gone"
    crm.run(crm.system("tests"), "customer.remove", target=gone)
