"""The endpoints of operations: each of them under its own name, whatever it acts on. Must not know any operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs

from crmkit.core.operations.operation import Operation
from crmkit.core.operations.registry import Registry
from crmkit.i18n import texts
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Answer, Endpoint
from crmkit.web.rest.records import result_schema, shown_result
from crmkit.web.rest.schemas import speaks_json

_ = texts("crmkit")

GROUP = _("Operations")


def endpoints(registry: Registry) -> Sequence[Endpoint]:
    """Return the endpoints of all operations."""
    known = (registry.operations[name] for name in sorted(registry.operations))
    return [_of(registry, each) for each in known if speaks_json(each.inputs)]


def _of(registry: Registry, operation: Operation[Any, Any]) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/operations/{operation.name}",
        name=f"operations.{operation.name}",
        title=operation.title,
        description=" ".join((operation.__doc__ or "").split()),
        group=GROUP,
        serve=lambda call: _serve(call, operation),
        body=call_shape(operation),
        answers=[Answer(title=_("What came of it."), body=result_schema(registry, operation))],
        refusals=(404, 409),
        right=operation.permission,
        marked=operation.hidden,
    )


def call_shape(operation: Operation[Any, Any]) -> type[Any]:
    """Return the class of a call's body: the record that is acted on, the version that was seen, and the input."""
    fields: dict[str, Any] = {}
    if operation.target is not None:
        fields["target"] = attrs.field(type=UUID, kw_only=True)
        fields["version"] = attrs.field(type=int | None, default=None, kw_only=True)
    shape = operation.inputs
    if any(required for _name, _type, required, _title in operation.describe()):
        fields["input"] = attrs.field(type=shape, kw_only=True)
    else:
        fields["input"] = attrs.field(type=shape, factory=shape, kw_only=True)
    return attrs.make_class(f"{shape.__name__}Call", fields, frozen=True)


def _serve(call: RestCall, operation: Operation[Any, Any]) -> Any:
    given = call.body
    acts = operation.target is not None
    result = call.run(
        operation.name,
        given.input,
        target=given.target if acts else None,
        version=given.version if acts else None,
    )
    return {"result": shown_result(call, result)}
