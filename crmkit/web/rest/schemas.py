"""JSON schemas (draft 2020-12) of Python types: of what the API reads, and of what it writes.

Made from the same annotations that inputs are checked by. Must not know endpoints.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from msgspec import UnsetType

from crmkit.core.operations.inputs import Input, fields_of, input_info
from crmkit.resources import FieldShape, ResourceShape
from crmkit.resources.shapes import CUSTOM

Schema = dict[str, Any]

_INPUT: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Decimal: {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"}]},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "number", "description": "seconds"},
    bytes: {"type": "string", "contentEncoding": "base64"},
}
_OUTPUT: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    bool: {"type": "boolean"},
    Decimal: {"type": "string"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "string", "format": "duration"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    type(None): {"type": "null"},
}


def input_schema(hint: Any) -> Schema:
    """Return the schema of what an input of a type may be."""
    if get_origin(hint) is Annotated:
        return described(input_schema(get_args(hint)[0]), input_info(hint))
    known = _INPUT.get(hint)
    if known is not None:
        return dict(known)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        members = [input_schema(each) for each in arguments if each not in (type(None), UnsetType)]
        return _any_of([*members, *([{"type": "null"}] if type(None) in arguments else [])])
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if origin in (list, tuple, set, frozenset, Sequence) and arguments:
        return {"type": "array", "items": input_schema(arguments[0])}
    if isinstance(hint, type) and attrs.has(hint):
        return _attrs_input(hint)
    if hint in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {"type": "object"}
    return {}


def _attrs_input(shape: type[Any]) -> Schema:
    properties: dict[str, Schema] = {}
    required: list[str] = []
    for attribute, hint, info in fields_of(shape):
        properties[attribute.name] = described(input_schema(hint), info)
        if attribute.default is attrs.NOTHING:
            required.append(attribute.name)
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        found["required"] = required
    return found


def speaks_json(hint: Any, seen: tuple[Any, ...] = ()) -> bool:
    """Say whether values of a type can be given as JSON at all: inputs that only the framework makes cannot."""
    if get_origin(hint) is Annotated:
        return speaks_json(get_args(hint)[0], seen)
    if hint in _INPUT or hint in (Any, None, type(None), UnsetType, dict, list) or hint in seen:
        return True
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return True
    if origin is not None:
        return all(speaks_json(each, seen) for each in arguments if each is not Ellipsis)
    if isinstance(hint, type) and attrs.has(hint):
        return all(speaks_json(inner, (*seen, hint)) for _attribute, inner, _info in fields_of(hint))
    return False


def described(schema: Schema, info: Input) -> Schema:
    """Return a schema with what an input says of itself: titles, limits, its class, the list of its values."""
    found = dict(schema)
    if info.title:
        found["title"] = str(info.title)
    if info.help:
        found["description"] = str(info.help)
    for member in [found, *found.get("anyOf", ())]:
        if info.max_length is not None and member.get("type") in ("string", "array"):
            member["maxLength" if member["type"] == "string" else "maxItems"] = info.max_length
        if member.get("type") in ("integer", "number"):
            if info.minimum is not None:
                member["minimum"] = _whole(info.minimum)
            if info.maximum is not None:
                member["maximum"] = _whole(info.maximum)
    if info.options:
        found["x-crmkit-options"] = info.options
    if info.resource:
        found["x-crmkit-resource"] = info.resource
    return found


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value


def _any_of(members: Sequence[Schema]) -> Schema:
    if len(members) == 1:
        return dict(members[0])
    if all(set(each) <= {"type", "format"} and isinstance(each.get("type"), str) for each in members) and not any(
        "format" in each for each in members
    ):
        return {"type": [each["type"] for each in members]}
    return {"anyOf": [dict(each) for each in members]}


# --- what comes out --------------------------------------------------------------------------------------------------


def output_schema(hint: Any, seen: Iterable[Any] = ()) -> Schema:
    """Return the schema of what a value of a type is written as; of what refers to itself the inner one is open."""
    if isinstance(hint, dict):
        return dict(hint)
    if hint is None:
        return {"type": "null"}
    if get_origin(hint) is Annotated:
        return output_schema(get_args(hint)[0], seen)
    known = _OUTPUT.get(hint)
    if known is not None:
        return dict(known)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _any_of([output_schema(each, seen) for each in arguments if each is not UnsetType])
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return {"type": "string"}
    if origin is tuple and arguments and Ellipsis not in arguments:
        return {"type": "array"}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    if isinstance(origin, type) and issubclass(origin, (list, tuple, set, frozenset, Sequence)) and arguments:
        return {"type": "array", "items": output_schema(arguments[0], seen)}
    if isinstance(hint, type) and attrs.has(hint) and hint not in (known_ := tuple(seen)):
        return _attrs_output(hint, (*known_, hint))
    return {}


def _attrs_output(shape: type[Any], seen: tuple[Any, ...]) -> Schema:
    hints = get_type_hints(shape)
    properties = {
        each.name: output_schema(hints.get(each.name, Any), seen)
        for each in attrs.fields(shape)
        if not each.name.startswith("_")
    }
    return {"type": "object", "properties": properties}


# --- records ---------------------------------------------------------------------------------------------------------

_FIELDS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "id": {"type": "string", "format": "uuid"},
    "choices": {"type": "array", "items": {"type": "string"}},
    "list": {"type": "array"},
    "object": {"type": "object"},
}


def field_schema(field: FieldShape) -> Schema:
    """Return the schema of a field of a record; what can be masked may be a text that says so."""
    inner = _FIELDS[field.type]
    maskable = field.classified not in ("public", "internal") or field.name.startswith(CUSTOM)
    members = [inner]
    if maskable and inner.get("type") != "string":
        members.append({"type": "string"})
    if maskable and "format" in inner:
        members = [{"type": "string"}]
    if field.nullable:
        members.append({"type": "null"})
    found = _any_of(members)
    found["title"] = str(field.title)
    found["x-crmkit-class"] = field.classified
    if field.refers:
        found["x-crmkit-resource"] = field.refers
    if field.option_list:
        found["x-crmkit-options"] = field.option_list
    return found


def record_schema_of(shape: ResourceShape) -> Schema:
    """Return the schema of the records of a resource."""
    properties: dict[str, Schema] = {"id": {"type": "string", "format": "uuid"}}
    required = ["id"]
    if shape.versioned:
        properties["version"] = {"type": "integer", "minimum": 1}
        required.append("version")
    properties.update((each.name, field_schema(each)) for each in shape.fields if each.name not in properties)
    properties["expanded"] = {"type": "object"}
    return {"type": "object", "title": str(shape.title), "properties": properties, "required": required}


def page_schema_of(name: str) -> Schema:
    """Return the schema of a page of the records of a resource."""
    return {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": f"#/components/schemas/record.{name}"}},
            "next": {"type": ["string", "null"]},
            "count": {"type": "integer", "minimum": 0},
        },
        "required": ["data", "next"],
    }
