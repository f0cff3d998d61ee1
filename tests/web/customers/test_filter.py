"""The filter of the list: conditions on facts and on the customers' own fields, built as everywhere else."""

from __future__ import annotations

import json
from typing import Any

from tests.web.customers.conftest import People, names_in


def ask(people: People, login: str = "ada", language: str = "en", **values: str) -> Any:
    """Ask the condition builder about the list's filter."""
    return people.at(login, language).post("/conditions", {"resource": "customer", **values}).json()


def offered(people: People, login: str = "ada", **more: str) -> dict[str, Any]:
    """Return what the builder offers, by names."""
    asked = {"resource": "customer", **more}
    return {fact["name"]: fact for fact in people.at(login).get("/conditions/vocabulary", params=asked).json()["facts"]}


def row(fact: str, test: str, *values: str) -> dict[str, Any]:
    """Return a row of the builder."""
    return {"fact": fact, "key": None, "test": test, "values": list(values)}


def test_own_fields_and_facts_are_rows_alike(people: People) -> None:
    """What stands in an address that somebody kept can be changed row by row, and is said in words."""
    found = ask(people, text='city == "上海" and purchase.count < 3')
    assert [row("city", "is", "上海"), row("purchase.count", "less", "3")] == found["group"]["items"]
    assert "City is 上海 and Purchases is less than 3" == found["words"]
    assert "City" not in ask(people, language="zh_Hans", text='city == "上海"')["words"]


def test_a_sealed_field_is_asked_for_by_its_whole_value(people: People) -> None:
    """Rows offer no more than that for it, and what they make is understood by the list."""
    assert offered(people)["email"]["whole"]
    assert "email" not in offered(people, resource="")
    tree = {"every": True, "items": [row("email", "is", "3@example.com"), row("email", "known")]}
    found = ask(people, tree=json.dumps(tree))
    assert ('email == "3@example.com" and has(email)', []) == (found["text"], found["problems"])
    shown = people.at("ada").post("/customers", {"filter": found["text"]}).text
    assert 1 == len(names_in(shown, people.customers))
    part = ask(people, tree=json.dumps({"every": True, "items": [row("email", "contains", "3@")]}))
    assert "whole value" in part["problems"][0]["message"]


def test_a_mistake_comes_with_what_was_meant(people: People) -> None:
    """One tap puts it in: the answer has its place and the word."""
    (problem,) = ask(people, text='city == "x" and purchse.count > 1')["problems"]
    assert (1, 17, "purchase.count", "Use purchase.count") == tuple(
        problem[name] for name in ("line", "column", "suggestion", "use")
    )


def test_a_field_that_is_masked_is_not_offered(people: People) -> None:
    """An analyst can build no filter by a city, and gets no answer to one."""
    assert {"customer.city", "city"} <= offered(people).keys()
    assert not {"customer.city", "city"} & offered(people, "ann").keys()
    assert ask(people, "ann", text='city == "上海"')["problems"]


def test_of_two_names_for_one_thing_the_fact_is_offered(people: People) -> None:
    """A filter that is built in rows can be kept as a segment, which knows facts alone."""
    found = offered(people)
    assert (False, True) == (found["city"]["listed"], found["customer.city"]["listed"])
    assert (False, True) == (found["owner_id"]["listed"], found["customer.owner"]["listed"])


def test_a_filter_by_owner_offers_names(people: People) -> None:
    """Logins and ids are for machines."""
    sam = people.web.users["sam"]
    assert ["sam", "Sam Seller"] in offered(people)["customer.owner"]["options"]
    assert [str(sam), "Sam Seller"] in offered(people)["owner_id"]["options"]
    assert "Owner is Sam Seller" == ask(people, text='customer.owner == "sam"')["words"]
    for text in (f'owner_id == "{sam}"', 'customer.owner == "sam"'):
        found = people.at("ada").get("/customers", params={"filter": text}).text
        assert ["Wang Lin", "李秀英"] == names_in(found, people.customers)


def test_other_lists_have_no_such_filter(people: People) -> None:
    """A resource that is none, or has no conditions of this kind, is not found."""
    assert 404 == people.at("ada").get("/conditions/vocabulary", params={"resource": "user"}).status_code
