"""Operations over HTTP: under their own names, and as verbs of the record that they act on."""

from __future__ import annotations

import pytest

from crmkit.web.rest.schemas import speaks_json
from tests.web.conftest import Web
from tests.web.rest.support import caller


def test_an_operation_is_called_by_its_name(web: Web) -> None:
    """With its target, the version that was seen, and its input; what it gives back is the record as it reads."""
    sam, target = caller(web, "sam"), str(web.customers["Wang Lin"])
    answer = sam.post("/operations/customer.update", {"target": target, "version": 1, "input": {"city": "Rome"}})
    assert answer.status_code == 200
    result = answer.json()["result"]
    assert (result["city"], result["version"], result["email"]) == ("Rome", 2, "0****@example.com")
    stale = sam.post("/operations/customer.update", {"target": target, "version": 1, "input": {"city": "x"}})
    assert (stale.status_code, stale.json()["code"]) == (409, "CK511")


def test_an_operation_is_a_verb_of_its_record(web: Web) -> None:
    """The same at the record's own address, with If-Match in place of the version."""
    sam, path = caller(web, "sam"), f"/customer/{web.customers['Wang Lin']}"
    tagged = sam.post(f"{path}/tag", {"names": ["vip"]})
    assert tagged.json()["result"]["tags"] == ["vip"]
    old = sam.post(f"{path}/convert", {}, headers={"If-Match": '"v9-1"'})
    assert (old.status_code, old.json()["code"]) == (412, "CK511")
    assert sam.post(f"{path}/convert", {}).json()["result"]["standing"] == "customer"
    assert sam.post(f"{path}/convert").status_code in (200, 409, 422)


def test_an_operation_gives_back_what_it_says(web: Web) -> None:
    """Values that are no records come as they are: what was revealed, this one time."""
    sam, path = caller(web, "sam"), f"/customer/{web.customers['Wang Lin']}"
    shown = sam.post(f"{path}/reveal", {"reason": "She asked to be written to"})
    assert shown.status_code == 200
    assert "0@example.com" in shown.text
    refused = sam.post("/operations/token.create", {"input": {"name": "script", "scopes": ["customer.read"]}})
    assert (refused.status_code, refused.json()["code"]) == (403, "CK520")


def test_what_is_not_permitted_says_why(web: Web) -> None:
    """The refusal names the right; nothing was changed."""
    refused = caller(web, "sam").post("/operations/team.create", {"input": {"name": "Mine"}})
    assert (refused.status_code, refused.json()["code"]) == (403, "CK520")
    assert "user" in refused.json()["detail"] + refused.json().get("hint", "")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"target", "input"}),
        ({"target": "x", "input": {"names": ["a"]}}, {"target"}),
        ({"target": 1, "input": {"names": ["a"]}}, {"target"}),
        ({"target": "0" * 32, "input": {"names": "a"}}, {"input.names"}),
        ({"target": "0" * 32, "input": {"names": ["a"]}, "extra": 1}, {"extra"}),
        ({"target": "0" * 32, "input": {"name": ["a"]}}, {"input.name", "input.names"}),
        ({"target": "0" * 32, "version": "1", "input": {"names": ["a"]}}, {"version"}),
    ],
)
def test_every_problem_of_a_call_is_named(sample: Web, body: dict[str, object], fields: set[str]) -> None:
    """Of the call itself and of its input, each with its path."""
    answer = caller(sample, "sam").post("/operations/customer.tag", body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == fields


def test_every_operation_has_its_endpoint(sample: Web) -> None:
    """Save for those whose input only the framework can make; hidden ones are marked in the documentation."""
    ada = caller(sample, "ada")
    paths = ada.get("/openapi.json").json()["paths"]
    for name, operation in sample.crm.registry.operations.items():
        found = paths.get(f"/operations/{name}")
        assert (found is not None) is speaks_json(operation.inputs), name
        assert found is None or found["post"].get("x-crmkit-internal", False) is operation.hidden
    listed = {each["name"]: each for each in ada.get("/operations").json()["data"]}
    assert listed["customer.create"]["allowed"] == "all"


def test_the_caller_learns_who_he_is(sample: Web) -> None:
    """Name, roles, teams, rights and how he sees each class of fields."""
    me = caller(sample, "sam").get("/me").json()
    assert (me["name"], me["roles"], me["kind"], len(me["teams"])) == ("Sam Seller", ["seller"], "token", 1)
    assert me["rights"]["customer"]["update"] == "team"
    assert me["fields"]["customer"] == {"personal": "full", "text": "full", "sensitive": "masked"}


def test_the_index_leads_everywhere(sample: Web) -> None:
    """Each address that the index names answers."""
    ada = caller(sample, "ada")
    index = ada.get("").json()
    assert {each["name"] for each in index["resources"]} == set(sample.crm.registry.resources)
    for address in (index["openapi"], index["documentation"], index["me"], index["operations"]):
        assert ada.get(address.removeprefix("/api/v1")).status_code == 200
