"""Records over HTTP: lists, single ones, and their life from creation to deletion."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from tests.web.conftest import Web
from tests.web.rest.support import Caller, caller


@pytest.fixture
def sam(web: Web) -> Caller:
    """A seller."""
    return caller(web, "sam")


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem document of an answer."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    found: dict[str, Any] = response.json()
    assert (found["status"], found["code"], found["request_id"]) == (status, code, response.headers["x-request-id"])
    return found


def test_a_list_has_the_rows_that_the_caller_sees(web: Web, sam: Caller) -> None:
    """With the fields that lists show, the cursor of the next page, and the count where it is asked for."""
    first = sam.get("/customer?limit=1&count=true&sort=name").json()
    assert (first["count"], [row["name"] for row in first["data"]]) == (2, ["Wang Lin"])
    assert set(first["data"][0]) == {
        "id", "version", "name", "kind", "standing", "city", "country", "owner_id", "created_at",
    }  # fmt: skip
    second = sam.get("/customer", params={"limit": 1, "sort": "name", "after": first["next"]}).json()
    assert ([row["name"] for row in second["data"]], second["next"]) == (["李秀英"], None)
    assert len(caller(web, "ada").get("/customer").json()["data"]) == 4


def test_a_list_is_filtered_and_sparse(sam: Caller) -> None:
    """By the language of expressions over fields and facts; only the fields that are asked for come."""
    params = {"filter": 'city == "杭州" and purchase.count == 0', "fields": "name,email,tags", "expand": "owner"}
    (row,) = sam.get("/customer", params=params).json()["data"]
    assert row["expanded"]["owner"]["login"] == "sam"
    assert {name: row[name] for name in ("name", "email", "tags")} == {
        "name": "李秀英", "email": "1****@example.com", "tags": [],
    }  # fmt: skip
    assert set(row) == {"id", "version", "name", "email", "tags", "expanded"}


def test_a_wrong_condition_is_said_at_its_column(sam: Caller) -> None:
    """The problem names the parameter, the place in the text, and what was probably meant, in the caller's language."""
    found = problem(sam.get("/customer", params={"filter": 'cty == "Rome"'}), 422, "CK710")
    (error,) = found["errors"]
    assert (error["field"], error["line"], error["column"], error["suggestion"]) == ("filter", 1, 1, "city")
    other = sam.get("/customer", params={"filter": 'cty == "Rome"'}, headers={"Accept-Language": "zh-CN"}).json()
    assert other["detail"] != found["detail"]


def test_an_unknown_parameter_is_refused(sam: Caller) -> None:
    """With the name that was probably meant; a parameter that is given twice is refused as well."""
    (error,) = problem(sam.get("/customer?limt=3"), 422, "CK500")["errors"]
    assert (error["field"], error["hint"]) == ("limt", 'Did you mean "limit"?')
    (error,) = problem(sam.get("/customer?limit=3&limit=4"), 422, "CK500")["errors"]
    assert error["field"] == "limit"


def test_large_lists_come_line_by_line(sam: Caller) -> None:
    """All records for who accepts NDJSON, or as many as are asked for; what is wrong is said before the first line."""
    lines = {"Accept": "application/x-ndjson"}
    response = sam.get("/customer?sort=name", headers=lines)
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["name"] for line in response.text.splitlines()] == ["Wang Lin", "李秀英"]
    assert len(sam.get("/customer?limit=1", headers=lines).text.splitlines()) == 1
    assert sam("HEAD", "/customer", headers=lines).content == b""
    problem(sam.get("/customer?sort=nme", headers=lines), 422, "CK500")


def test_a_record_has_a_tag_of_its_version(sam: Caller, web: Web) -> None:
    """Who has the record already gets nothing; a change needs the tag, and refuses an old one."""
    path = f"/customer/{web.customers['Wang Lin']}"
    read = sam.get(path)
    tag = read.headers["etag"]
    assert read.json()["city"] == "上海"
    assert read.headers["cache-control"] == "private, no-cache"
    again = sam.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    problem(sam.patch(path, {"city": "Bonn"}), 428, "CK955")
    problem(sam.patch(path, {"city": "Bonn"}, headers={"If-Match": '"v7-0"'}), 412, "CK511")
    problem(sam.patch(path, {"city": "Bonn"}, headers={"If-Match": f"W/{tag}"}), 412, "CK511")
    problem(sam.patch(path, {"city": "Bonn"}, headers={"If-Match": "rubbish"}), 412, "CK511")
    changed = sam.patch(path, {"city": "Bonn"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["city"], changed.json()["version"]) == (200, "Bonn", 2)
    assert sam.get(path).headers["etag"] == changed.headers["etag"] != tag
    problem(sam.patch(path, {"city": "Rome"}, headers={"If-Match": tag}), 412, "CK511")
    assert sam.get(path, headers={"If-None-Match": tag}).status_code == 200
    merged = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    assert sam("PATCH", path, content=b'{"city": null}', headers=merged).json()["city"] is None


def test_a_record_is_made_changed_and_deleted(web: Web) -> None:
    """Created with its address, deleted without a body; afterwards it is not there."""
    ada = caller(web, "ada")
    made = ada.post("/customer", {"name": "New", "contact_points": [{"kind": "email", "value": "new@example.com"}]})
    assert made.status_code == 201
    location = made.headers["location"]
    assert location == f"/api/v1/customer/{made.json()['id']}"
    path = location.removeprefix("/api/v1")
    assert ada.get(path).json() == made.json()
    assert made.json()["email"] == "n****@example.com"
    gone = ada("DELETE", path, headers={"If-Match": made.headers["etag"]})
    assert (gone.status_code, gone.content) == (204, b"")
    problem(ada.get(path), 404, "CK501")
    assert ada.get(f"{path}?deleted=true").json()["deleted_at"] is not None


def test_every_problem_of_an_input_is_named(sam: Caller) -> None:
    """All of them at once, each with its field; types are those of JSON, and no value comes back."""
    body = {
        "name": "x",
        "kind": "persn",
        "size": "3",
        "colour": "red",
        "contact_points": [{"kind": "email", "value": 1}],
    }
    types = problem(sam.post("/customer", body), 422, "CK500")["errors"]
    assert [error["field"] for error in types] == ["size", "contact_points.0.value"]
    body |= {"size": 3, "contact_points": [{"kind": "email", "value": "nonsense"}]}
    found = problem(sam.post("/customer", body), 422, "CK500")["errors"]
    assert {error["field"] for error in found} >= {"kind", "colour"}
    assert not [error for error in found if "value" in error]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "POST"])
def test_a_foreign_record_looks_like_one_that_there_is_not(web: Web, sam: Caller, method: str) -> None:
    """By its id, its changes, its deletion, its operations: the same answer, save for the id."""
    answers: list[Any] = []
    for identity in (web.customers["Sofia Rossi"], UUID(int=5)):
        tail = "/tag" if method == "POST" else ""
        body = {"POST": {"names": ["a"]}, "PATCH": {"city": "x"}}.get(method)
        response = sam(method, f"/customer/{identity}{tail}", headers={"If-Match": '"v1-0"'}, json=body)
        text = response.text.replace(str(identity), "ID").replace(response.headers["x-request-id"], "REQUEST")
        answers.append((response.status_code, text))
    assert answers[0] == answers[1]
    assert answers[0][0] in (403, 404)


def test_what_is_not_there_is_not_found(sam: Caller) -> None:
    """Addresses, resources and ids that are none."""
    for path in ("/nothing", "/customer/x", "/customer/", "//customer", "/customer/a/b/c", "/operations/no.such"):
        problem(sam.get(path), 404, "CK501")


def test_methods_are_said(sam: Caller) -> None:
    """OPTIONS lists them to anybody, and so does the answer to another one; HEAD is GET without its body."""
    assert sam("OPTIONS", "/customer").headers["allow"] == "GET, POST, HEAD, OPTIONS"
    refused = sam("PUT", "/customer", json={})
    assert refused.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    problem(refused, 405, "CK951")
    head, read = sam("HEAD", "/customer?sort=name"), sam.get("/customer?sort=name")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(read.content)))


def test_forms_are_negotiated(sam: Caller) -> None:
    """What the caller does not accept is not sent, and what cannot be read is not guessed at."""
    problem(sam.get("/customer", headers={"Accept": "text/html"}), 406, "CK952")
    problem(sam.get("/customer", headers={"Accept": "application/json;q=0"}), 406, "CK952")
    assert sam.get("/customer", headers={"Accept": "text/html, application/*;q=0.1"}).status_code == 200
    both = {"Accept": "application/json;q=0.5, application/x-ndjson"}
    assert sam.get("/customer", headers=both).headers["content-type"] == "application/x-ndjson"
    problem(sam("POST", "/customer", content=b"name=x", headers={"Content-Type": "text/plain"}), 415, "CK954")


def test_nobody_is_told_nothing(web: Web) -> None:
    """Without credentials, and with wrong ones, everything is refused alike."""
    nobody = caller(web)
    for path in ("", "/customer", "/openapi.json", "/docs", "/me", f"/customer/{web.customers['Wang Lin']}"):
        refused = nobody.get(path)
        problem(refused, 401, "CK524")
        assert refused.headers["www-authenticate"] == 'Bearer realm="crmkit"'
    problem(nobody.get("/customer", headers={"Authorization": "Bearer crm_nonsense"}), 401, "CK522")


def test_a_token_reaches_as_far_as_its_scopes(web: Web) -> None:
    """What its owner may do is the most; what is beyond its scopes is refused."""
    reader = caller(web, "sam", "customer.read")
    assert len(reader.get("/customer").json()["data"]) == 2
    problem(reader.post("/customer", {"name": "x"}), 403, "CK520")
    problem(reader.get("/interaction"), 403, "CK520")
    assert reader.get("/me").json()["scopes"] == ["customer.read"]


def test_masked_values_stay_masked(web: Web) -> None:
    """An analyst reads customers with names masked, and filters by none of it."""
    ann = caller(web, "ann")
    assert {row["name"] for row in ann.get("/customer").json()["data"]} == {"W****", "李****", "B****", "S****"}
    refused = problem(ann.get("/customer", params={"filter": 'name == "Wang Lin"'}), 422, "CK710")
    assert refused["errors"][0]["field"] == "filter"
