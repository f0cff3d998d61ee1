"""Operations for many inputs at once: one outcome for each, in their order.

A JSON array is one transaction. Lines are taken in batches of 500, each a transaction of its own, and the outcomes of a
batch are sent once it is committed. Must not know any operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmkit.core.operations.operation import Operation
from crmkit.core.operations.outcome import Outcome
from crmkit.core.store.model import Model
from crmkit.errors import InvalidInput, MalformedRequest, Problem
from crmkit.i18n import texts, translate
from crmkit.web.rest.asking import said
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import JSON, NDJSON, Answer, Endpoint
from crmkit.web.rest.encoding import Lines
from crmkit.web.rest.strict import read_json, wrong_types

_ = texts("crmkit")

BATCH = 500
"""Lines of a batch."""
MOST = 1000
"""Most inputs of a JSON array."""
LIMIT = 32 << 20
"""Most bytes of a body."""
_PARTS = ("target", "version", "values")


def _bulk(call: RestCall) -> Any:
    operation = call.crm.registry.operation(call.path["name"])
    call.call.check_step_up(operation.name)
    if _is_array(call):
        given = read_json(call.raw)
        if not isinstance(given, list):
            raise InvalidInput(_("The body must be a JSON array, or one JSON object on each line."))
        if len(given) > MOST:
            message = _("At most {most} inputs can be sent in an array.")
            hint = _("Send them as lines (application/x-ndjson).")
            raise InvalidInput([Problem("CK500", message, hint=hint, most=MOST)])
        return {"data": list(_batch(call, operation, given, 0, call.key))}
    lines = [line for line in call.raw.splitlines() if line.strip()]
    return Lines(values=_batches(call, operation, lines))


def _is_array(call: RestCall) -> bool:
    return call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != NDJSON


def _batches(call: RestCall, operation: Operation[Any, Any], lines: Sequence[bytes]) -> Iterator[Any]:
    for number, start in enumerate(range(0, len(lines), BATCH)):
        key = None if call.key is None else f"{call.key[:180]}#{number}"
        part = [_line(line, start + place) for place, line in enumerate(lines[start : start + BATCH])]
        yield from _batch(call, operation, part, start, key)


def _line(line: bytes, place: int) -> Any:
    try:
        return read_json(line)
    except MalformedRequest as error:
        return error


def _batch(
    call: RestCall, operation: Operation[Any, Any], given: Sequence[Any], start: int, key: str | None
) -> Iterator[dict[str, Any]]:
    """Run a batch in one transaction and give an outcome for each of its inputs."""
    outcomes: list[Outcome | None] = []
    good: list[Mapping[str, Any]] = []
    for item in given:
        problems = _wrong(operation, item)
        outcomes.append(Outcome(problems=problems) if problems else None)
        if not problems:
            good.append(item)
    found = iter(call.crm.run_many(call.actor, operation.name, good, key=key))
    for place, outcome in enumerate(outcomes):
        yield _shown(call, outcome if outcome is not None else next(found), start + place)


def _wrong(operation: Operation[Any, Any], item: Any) -> Sequence[Problem]:
    """Return what is wrong with the form of an input; what is wrong with its values is for the gate to say."""
    if isinstance(item, MalformedRequest):
        return item.problems
    if not isinstance(item, dict):
        return [Problem("CK500", _("This must be a set of fields."))]
    if operation.target is None:
        return wrong_types(operation.inputs, item)
    unknown = [
        Problem("CK500", _("There is no such field."), field=str(name)[:100]) for name in item if name not in _PARTS
    ]
    version = item.get("version")
    if not isinstance(item.get("target"), str):
        unknown.append(
            Problem("CK500", _("This must be an id such as 0197a1b2-0000-7000-8000-000000000000."), field="target")
        )
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        unknown.append(Problem("CK500", _("This must be a whole number."), field="version"))
    values = item.get("values", {})
    if not isinstance(values, dict):
        unknown.append(Problem("CK500", _("This must be a set of fields."), field="values"))
        return unknown
    return [*unknown, *wrong_types(operation.inputs, values)]


def _shown(call: RestCall, outcome: Outcome, place: int) -> dict[str, Any]:
    if outcome.ok:
        return {"index": place, "ok": True, "result": _result(outcome.result)}
    return {
        "index": place,
        "ok": False,
        "errors": [
            {
                "code": each.code,
                "field": each.field,
                "message": translate(each.message, call.language, **{"value": each.value, **each.values}),
                "hint": said(call, each.hint) and translate(each.hint or "", call.language, **each.values),
            }
            for each in outcome.problems
        ],
    }


def _result(result: Any) -> Any:
    """Return what came of an input: of a record where it is, as many would be read again one by one otherwise."""
    if isinstance(result, Model):
        found = {"id": getattr(result, "id", None)}
        version = getattr(result, "version", None)
        return found if version is None else {**found, "version": version}
    return result


_OUTCOME = {
    "type": "object",
    "properties": {
        "index": {"type": "integer"},
        "ok": {"type": "boolean"},
        "result": {},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["index", "ok"],
}

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/operations/{name}/bulk",
        name="operations.bulk",
        title=_("Run an operation for many inputs"),
        description=(
            "An array of inputs is one transaction, of lines every 500 are. One that is refused costs itself alone. "
            "Inputs are those of the operation; of one that acts on a record each is {target, version, values}."
        ),
        group=_("Operations"),
        serve=_bulk,
        body=bytes,
        media=(JSON, NDJSON),
        limit=LIMIT,
        answers=[
            Answer(
                title=_("What became of each input, in their order."),
                body={"type": "object", "properties": {"data": {"type": "array", "items": _OUTCOME}}},
                media=(JSON, NDJSON),
            )
        ],
        refusals=(409,),
    ),
)
