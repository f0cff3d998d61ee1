"""The endpoints of the resources: lists, single records, and the operations that make, change and delete them.

Made from the registry: a plugin's resource has them on the day it is enabled. Must not know any resource.
"""

from __future__ import annotations

import re
import typing
import zlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve
from starlette.responses import Response

from crmkit.core.operations.operation import Operation
from crmkit.core.operations.registry import Registry
from crmkit.core.store.model import Model
from crmkit.errors import NotFound, PreconditionRequired, Refused, StaleWrite
from crmkit.hooks.contributions import Resource
from crmkit.i18n import texts
from crmkit.resources import (
    ResourceQuery,
    count_records,
    every_record,
    get_record,
    list_documents,
    resource_names,
)
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import (
    AFTER,
    COUNT,
    DELETED,
    EXPAND,
    FIELDS,
    FILTER,
    IF_MATCH,
    IF_NONE_MATCH,
    JSON,
    LIMIT,
    NDJSON,
    SEARCH,
    SORT,
    Answer,
    Endpoint,
)
from crmkit.web.rest.encoding import Created, Lines, encode
from crmkit.web.rest.schemas import output_schema, speaks_json

_ = texts("crmkit")

MERGE_PATCH = "application/merge-patch+json"
_TAG = re.compile(r'(W/)?"v?([0-9]{1,18})(-[0-9a-f]{1,8})?"')
_HOW_MANY = evolve(LIMIT, default=None)
_ETAG = {"ETag": _("The version of the record.")}


def endpoints(registry: Registry) -> Sequence[Endpoint]:
    """Return the endpoints of all resources."""
    return [each for name in resource_names(registry) for each in _of(registry, registry.resources[name])]


def record_schema(resource: str) -> dict[str, str]:
    """Return the reference to the schema of a resource's records."""
    return {"$ref": f"#/components/schemas/record.{resource}"}


def page_schema(resource: str) -> dict[str, str]:
    """Return the reference to the schema of a page of a resource's records."""
    return {"$ref": f"#/components/schemas/page.{resource}"}


def _of(registry: Registry, resource: Resource) -> Iterator[Endpoint]:
    name, group = resource.name, resource.plural
    yield Endpoint(
        method="GET",
        path=f"/{name}",
        name=f"{name}.list",
        title=_("List records"),
        description=resource.description,
        group=group,
        serve=lambda call: _list(call, name),
        parameters=(FILTER, SEARCH, SORT, _HOW_MANY, AFTER, FIELDS, EXPAND, COUNT, DELETED),
        answers=[
            Answer(title=_("A page, or with NDJSON all records, one on a line."), body=page_schema(name),
                   media=(JSON, NDJSON)),
        ],
        right=f"{name}.read",
    )  # fmt: skip
    yield Endpoint(
        method="GET",
        path=f"/{name}/{{id}}",
        name=f"{name}.get",
        title=_("Read a record"),
        group=group,
        serve=lambda call: _get(call, name),
        path_types={"id": UUID},
        parameters=(FIELDS, EXPAND, DELETED, IF_NONE_MATCH),
        answers=[
            Answer(title=_("The record."), body=record_schema(name), headers=_ETAG),
            Answer(status=304, title=_("The caller has it already.")),
        ],
        right=f"{name}.read",
    )
    own = (each for each in registry.operations.values() if each.name.rpartition(".")[0] == name)
    operations = [each for each in own if speaks_json(each.inputs)]
    for operation in operations:
        yield from _changing(registry, resource, operation, {each.name for each in operations})


def _changing(
    registry: Registry, resource: Resource, operation: Operation[Any, Any], names: set[str]
) -> Iterator[Endpoint]:
    name, verb = resource.name, operation.name.rpartition(".")[2]
    usual = {"title": operation.title, "description": _doc(operation), "group": resource.plural,
             "right": operation.permission, "marked": operation.hidden}  # fmt: skip
    if operation.target is None:
        # Of several that make one, the one that says no more than that has the address of them all.
        usual_one = verb == "create" or f"{name}.create" not in names
        if operation.effect == "create" and usual_one and returned(operation) is resource.model:
            yield Endpoint(
                method="POST",
                path=f"/{name}",
                name=f"{name}.create",
                serve=lambda call: _create(call, name, operation.name),
                body=operation.inputs,
                answers=[Answer(status=201, title=_("It was made."), body=record_schema(name),
                                headers={"Location": _("The address of the record."), **_ETAG})],
                refusals=(409,),
                **usual,
            )  # fmt: skip
        return
    if operation.target is not resource.model:
        return
    if operation.effect == "update" and verb == "update":
        yield Endpoint(
            method="PATCH",
            path=f"/{name}/{{id}}",
            name=f"{name}.update",
            serve=lambda call: _update(call, name, operation.name),
            path_types={"id": UUID},
            parameters=(IF_MATCH,),
            body=operation.inputs,
            media=(JSON, MERGE_PATCH),
            answers=[Answer(title=_("The record as it is now."), body=record_schema(name), headers=_ETAG)],
            refusals=(409, 412, 428),
            **usual,
        )
    elif _deletes(operation, verb, names):
        yield Endpoint(
            method="DELETE",
            path=f"/{name}/{{id}}",
            name=f"{name}.delete",
            serve=lambda call: _delete(call, operation.name),
            path_types={"id": UUID},
            parameters=(IF_MATCH,),
            answers=[Answer(status=204, title=_("It was deleted."))],
            refusals=(409, 412),
            **usual,
        )
    yield Endpoint(
        method="POST",
        path=f"/{name}/{{id}}/{verb}",
        name=f"{name}.{verb}.run",
        serve=lambda call: _act(call, operation.name),
        path_types={"id": UUID},
        parameters=(IF_MATCH,),
        body=operation.inputs,
        answers=[Answer(title=_("What came of it."), body=result_schema(registry, operation))],
        refusals=(409, 412),
        **usual,
    )


def _doc(operation: Operation[Any, Any]) -> str:
    return " ".join((operation.__doc__ or "").split())


def _deletes(operation: Operation[Any, Any], verb: str, names: set[str]) -> bool:
    """Say whether an operation is what DELETE does: the one of that name, else the one that removes."""
    usual = "delete" if any(name.endswith(".delete") for name in names) else "remove"
    required = any(needed for _name, _type, needed, _title in operation.describe())
    return operation.effect == "delete" and verb == usual and not required


def returned(operation: Operation[Any, Any]) -> Any:
    """Return the type of an operation's result, as its function says."""
    return typing.get_type_hints(operation.function).get("return", Any)


def result_schema(registry: Registry, operation: Operation[Any, Any]) -> dict[str, Any]:
    """Return the schema of an operation's result."""
    found = returned(operation)
    table = getattr(found, "__tablename__", None)
    name = registry.resource_name(table) if table is not None else None
    inner = record_schema(name) if name is not None and name in registry.resources else output_schema(found)
    return {"type": "object", "properties": {"result": inner}, "required": ["result"]}


# --- reading ---------------------------------------------------------------------------------------------------------


def _list(call: RestCall, resource: str) -> Any:
    given = call.query
    limit = given["limit"]
    query = ResourceQuery(
        resource=resource,
        filter=(given["filter"] or "").strip(),
        search=given["q"] or "",
        sort=given["sort"] or "",
        after=given["after"] or None,
        fields=given["fields"] or None,
        expand=given["expand"] or (),
        include_deleted=given["deleted"],
        **({"limit": limit} if limit is not None else {}),
    )
    if call.accepts(NDJSON):
        return Lines(values=_lines(call, query, limit))
    with call.session() as session:
        rows, following = list_documents(session, query)
        found: dict[str, Any] = {"data": rows, "next": following}
        if given["count"]:
            found["count"] = count_records(session, query)
    return found


def _lines(call: RestCall, query: ResourceQuery, limit: int | None) -> Iterator[Any]:
    """Return all records, or as many as are wanted, one after the other."""
    with call.session() as session:
        for number, row in enumerate(every_record(session, query)):
            if limit is not None and number >= limit:
                return
            yield row.document()


def _get(call: RestCall, resource: str) -> Any:
    given = call.query
    with call.session() as session:
        row = get_record(
            session,
            resource,
            call.path["id"],
            given["fields"] or None,
            given["expand"] or (),
            include_deleted=given["deleted"],
        )
    body = encode(row.document(), call.language)
    tag = etag(row.version, body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if _matches(call.headers["If-None-Match"], tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


def etag(version: int | None, body: bytes) -> str:
    """Return the ETag of a record: its version, by which it is changed, and a check sum of what was given of it."""
    return f'"v{version or 0}-{zlib.crc32(body):x}"'


def _matches(header: str | None, tag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]


# --- changing --------------------------------------------------------------------------------------------------------


class _Stale(StaleWrite):
    """What ``If-Match`` names is not the record as it is."""

    by_etag = True


def _version(call: RestCall, *, needed: bool = False) -> int | None:
    """Return the version that ``If-Match`` names; None for any. Raises PreconditionRequired where one is needed, and
    StaleWrite for what is no tag of ours."""
    header: str | None = call.headers["If-Match"]
    if header is None:
        if needed:
            raise PreconditionRequired(fix=_("Send the ETag of the record that you have read as If-Match."))
        return None
    if header.strip() == "*":
        return None
    versions = {int(found[2]) for part in header.split(",") if (found := _TAG.fullmatch(part.strip())) and not found[1]}
    if len(versions) != 1:
        raise _stale()
    return versions.pop()


def _stale() -> StaleWrite:
    return _Stale(fix=_("Read it again and repeat the change."))


def _run(call: RestCall, operation: str, *, needed: bool = False) -> Any:
    """Run the operation of a call on the record that its address names."""
    version = _version(call, needed=needed)
    try:
        return call.run(operation, call.body, target=call.path["id"], version=version)
    except StaleWrite:
        if version is None:
            raise
        raise _stale() from None


def _create(call: RestCall, resource: str, operation: str) -> Created:
    result = call.run(operation, call.body)
    found, headers = represented(call, result)
    return Created(value=found, location=call.url(f"/{resource}/{result.id}"), headers=headers)


def _update(call: RestCall, resource: str, operation: str) -> Response:
    found, headers = represented(call, _run(call, operation, needed=True))
    return Response(encode(found, call.language), headers=headers, media_type=JSON)


def _delete(call: RestCall, operation: str) -> None:
    call.body = {}
    _run(call, operation)


def _act(call: RestCall, operation: str) -> dict[str, Any]:
    return {"result": shown_result(call, _run(call, operation))}


def shown_result(call: RestCall, result: Any) -> Any:
    """Return what an operation gave back, as the API shows it: of a resource's record what reading it would give."""
    return represented(call, result)[0] if isinstance(result, Model) else result


def represented(call: RestCall, record: Any) -> tuple[Any, dict[str, str]]:
    """Return a record as its reader sees it, and its ETag; of one that the reader may not see its id alone."""
    registry = call.crm.registry
    resource = registry.resource_name(record.__tablename__)
    if resource not in registry.resources:
        return record, {}
    with call.session() as session:
        try:
            row = get_record(session, resource, record.id, include_deleted=True)
        except (NotFound, Refused):
            return {"id": record.id}, {}
    found = row.document()
    return found, {"ETag": etag(row.version, encode(found, call.language))}
