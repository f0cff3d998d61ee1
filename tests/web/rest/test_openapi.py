"""The description of the API is valid, complete and in the caller's language; the page that shows it needs nothing."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from crmkit import Actor
from crmkit.errors import all_errors
from crmkit.web.http.problems import status_of
from crmkit.web.rest.table import table_of
from tests.web.conftest import Web
from tests.web.rest.support import caller


@pytest.fixture(scope="module")
def document(sample: Web) -> dict[str, Any]:
    """The description, as an administrator gets it."""
    found: dict[str, Any] = caller(sample, "ada").get("/openapi.json").json()
    return found


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """By the schema of OpenAPI 3.1."""
    assert [str(error.message) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_endpoint_is_documented(sample: Web, document: dict[str, Any]) -> None:
    """Each with an id of its own, what it is, its parameters, its body, its answers and its problems."""
    ids: set[str] = set()
    for endpoint in table_of(sample.crm).endpoints:
        said = document["paths"][endpoint.path or "/"][endpoint.method.lower()]
        ids.add(said["operationId"])
        assert said["summary"]
        assert said["tags"]
        assert ("requestBody" in said) is (endpoint.body is not None)
        names = {each["name"] for each in said.get("parameters", ())}
        assert names >= {each.name for each in endpoint.parameters}
        assert {"400", "403", "406", "422", "429"} <= set(said["responses"])
        assert ("401" in said["responses"]) is not endpoint.public
    assert len(ids) == len(table_of(sample.crm).endpoints)


def test_inputs_have_their_limits(document: dict[str, Any]) -> None:
    """What an operation checks of its input is in the schema of its body."""
    body = document["paths"]["/customer"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["kind"]["enum"] == ["person", "organization"]
    call = document["paths"]["/operations/customer.tag"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    inner = document["components"]["schemas"][call["$ref"].rpartition("/")[2]]
    assert inner["required"] == ["target", "input"]
    reveal = document["components"]["schemas"]["input.CustomerRevealInput"]["properties"]
    assert (reveal["reason"]["maxLength"], reveal["fields"]["maxItems"]) == (500, 200)


def test_records_have_their_fields(sqlite_web: Web) -> None:
    """With titles and classes, custom fields included, for who is signed in."""
    crm = sqlite_web.crm
    crm.run(
        Actor.system("tests"), "custom_field.create", {"name": "shoe", "type": "integer", "field_class": "personal"}
    )
    schemas = caller(sqlite_web, "sam").get("/openapi.json").json()["components"]["schemas"]
    fields = schemas["record.customer"]["properties"]
    assert fields["city"]["x-crmkit-class"] == "personal"
    assert fields["parent_id"]["x-crmkit-resource"] == "customer"
    assert fields["custom.shoe"]["type"] == ["integer", "string", "null"]


def test_the_document_is_in_the_callers_language(sample: Web) -> None:
    """Titles are translated; names never are."""
    document = caller(sample, "ada", language="zh-CN").get("/openapi.json").json()
    assert document["paths"]["/customer"]["get"]["summary"] != "List records"
    assert document["paths"]["/customer"]["get"]["operationId"] == "customer.list"


def test_the_page_lists_everything(sample: Web) -> None:
    """Every address, and every code of an error at the place that problems refer to; nothing from elsewhere."""
    page = caller(sample, "ada").get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for endpoint in table_of(sample.crm).endpoints:
        assert f"<code>{endpoint.path or '/'}</code>" in page.text
    for error in all_errors():
        assert f'id="{error.code.lower()}"' in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("cls", all_errors())
def test_every_error_has_a_status(cls: Any) -> None:
    """One that HTTP knows for refusals or faults."""
    assert 400 <= status_of(cls("x")) <= 504
