"""The description of the API (OpenAPI 3.1), made from the endpoints and the resources. Must not know how they are
served."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
import msgspec

from crmkit import __version__ as _version
from crmkit.core.operations.inputs import fields_of
from crmkit.i18n import texts, translate
from crmkit.resources import resource_names, shape_of
from crmkit.web.http.problems import MEDIA_TYPE
from crmkit.web.rest.declaring import JSON, NDJSON, Answer, Endpoint, Parameter
from crmkit.web.rest.schemas import Schema, input_schema, output_schema, page_schema_of, record_schema_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "pattern": "^CK[0-9]{3}$"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                    "hint": {"type": ["string", "null"]},
                    "value": {},
                    "line": {"type": "integer"},
                    "column": {"type": "integer"},
                    "suggestion": {"type": "string"},
                },
                "required": ["code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_INTRODUCTION = _(
    "Everything that is declared: records of each resource, operations, facts, segments, reports. Errors are problem "
    "documents (RFC 9457). Lists are paged by cursor; a record's ETag goes back as If-Match."
)


def document(session: CrmSession, endpoints: Iterable[Endpoint], *, server: str, language: str = "en") -> Schema:
    """Return the description of the API for a reader, in a language; ``server`` is the address below which it is."""
    paths: dict[str, Any] = {}
    groups: dict[str, None] = {}
    schemas: dict[str, Schema] = {"Problem": _PROBLEM}
    refusals: set[int] = set()
    for endpoint in endpoints:
        refusals |= refusals_of(endpoint)
        groups[str(translate(endpoint.group, language))] = None
        paths.setdefault(endpoint.path or "/", {})[endpoint.method.lower()] = _operation(endpoint, language, schemas)
    for name in resource_names(session.gate.registry):
        schemas[f"record.{name}"] = record_schema_of(shape_of(session, name))
        schemas[f"page.{name}"] = page_schema_of(name)
    found = {
        "openapi": "3.1.0",
        "info": {"title": "crmkit", "version": _version, "description": translate(_INTRODUCTION, language)},
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"session": []}],
        "tags": [{"name": name} for name in groups],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {f"problem.{status}": _problem(status) for status in sorted(refusals)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "crmkit"},
            },
        },
    }
    # Through JSON, so that there is nothing in it that JSON does not have.
    return msgspec.json.decode(msgspec.json.encode(found, enc_hook=lambda value: translate(value, language)))


def _operation(endpoint: Endpoint, language: str, schemas: dict[str, Schema]) -> Schema:
    found: Schema = {
        "operationId": endpoint.name,
        "summary": translate(endpoint.title, language),
        "tags": [str(translate(endpoint.group, language))],
        "responses": _responses(endpoint, language),
    }
    said = " ".join(
        filter(None, (translate(endpoint.description, language), endpoint.right and f"Right: `{endpoint.right}`."))
    )
    if said:
        found["description"] = said
    parameters = [*_path_parameters(endpoint), *(_parameter(each, language) for each in endpoint.parameters)]
    if parameters:
        found["parameters"] = parameters
    if endpoint.body is not None:
        found["requestBody"] = _body(endpoint, schemas)
    if endpoint.marked:
        found["x-crmkit-internal"] = True
    if endpoint.public:
        found["security"] = []
    return found


def _path_parameters(endpoint: Endpoint) -> list[Schema]:
    names = [part.strip("{}") for part in endpoint.path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": input_schema(endpoint.path_types.get(name, str)) | _not_empty(endpoint, name),
        }
        for name in names
    ]


def _not_empty(endpoint: Endpoint, name: str) -> Schema:
    return {"minLength": 1} if endpoint.path_types.get(name, str) is str else {}


def _parameter(parameter: Parameter, language: str) -> Schema:
    schema = parameter_schema(parameter)
    if parameter.default is not None:
        schema["default"] = parameter.default
    found: Schema = {
        "name": parameter.name,
        "in": parameter.where,
        "description": translate(parameter.title, language),
        "schema": schema,
    }
    if parameter.required:
        found["required"] = True
    if parameter.example is not None:
        found["example"] = parameter.example
    if _listed(parameter.type) and parameter.where == "query":
        found |= {"style": "form", "explode": False}
    return found


def parameter_schema(parameter: Parameter) -> Schema:
    """Return the schema of a parameter."""
    schema = input_schema(_given(parameter.type))
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    if parameter.max_length is not None and schema.get("type") == "string":
        schema["maxLength"] = parameter.max_length
    return schema


def _listed(type_: Any) -> bool:
    return get_origin(_given(type_)) is tuple


def _given(type_: Any) -> Any:
    rest = [each for each in get_args(type_) if each is not type(None)]
    return rest[0] if type(None) in get_args(type_) and len(rest) == 1 else type_


def _body(endpoint: Endpoint, schemas: dict[str, Schema]) -> Schema:
    if endpoint.body is bytes:
        schema: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
    elif endpoint.body is dict:
        schema = {"type": "object"}
    else:
        schema = input_schema(endpoint.body)
    required = bool(schema.get("required"))
    if attrs.has(endpoint.body):
        schema = _named(endpoint.body, schemas)
    content: Schema = {"schema": schema}
    if endpoint.example is not None:
        content["example"] = endpoint.example
    return {"required": required, "content": {media: dict(content) for media in endpoint.media}}


def _named(shape: type[Any], schemas: dict[str, Schema]) -> Schema:
    """Return the reference to the schema of an input, which is put among the others at its first use; of a call's the
    input in it as well."""
    schema = input_schema(shape)
    for attribute, hint, _info in fields_of(shape):
        if attribute.name == "input" and attrs.has(hint):
            schema["properties"]["input"] = _named(hint, schemas)
    name = f"input.{shape.__name__}"
    while schemas.setdefault(name, schema) != schema:
        name += "_"
    return {"$ref": f"#/components/schemas/{name}"}


def _responses(endpoint: Endpoint, language: str) -> Schema:
    found = {str(answer.status): _answer(answer, language) for answer in endpoint.answers}
    for status in sorted(refusals_of(endpoint)):
        found.setdefault(str(status), {"$ref": f"#/components/responses/problem.{status}"})
    return found


def _problem(status: int) -> Schema:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _answer(answer: Answer, language: str) -> Schema:
    found: Schema = {"description": translate(answer.title, language)}
    if answer.body is not None:
        schema = output_schema(answer.body)
        content: Schema = {"schema": schema}
        if answer.example is not None:
            content["example"] = answer.example
        found["content"] = {media: dict(content) if media == JSON else _other(media) for media in answer.media}
    if answer.headers:
        found["headers"] = {
            name: {"description": translate(said, language), "schema": {"type": "string"}}
            for name, said in answer.headers.items()
        }
    return found


def _other(media: str) -> Schema:
    if media == NDJSON:
        return {"schema": {"type": "string", "description": "one JSON object on each line"}}
    return {"schema": {"type": "string", "contentMediaType": media}}


def refusals_of(endpoint: Endpoint) -> set[int]:
    """Return the statuses of the problems that an endpoint can answer with."""
    found = {400, 403, 406, 422, 429, 500, 503, *endpoint.refusals}
    if not endpoint.public:
        found.add(401)
    if "{" in endpoint.path:
        found.add(404)
    if endpoint.body is not None:
        found |= {413, 415}
    return found
