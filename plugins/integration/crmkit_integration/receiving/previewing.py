"""What the mappings of a source would make of a body, without anything being done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, InvalidInput, Refused, structure, texts
from crmkit_integration.receiving.mapping import Call, call_of, found_in, holds
from crmkit_integration.receiving.models import WebhookMapping, WebhookSource
from crmkit_integration.receiving.processing import actor_of, read_body
from crmkit_integration.receiving.terms import Unmapped

_ = texts("crmkit_integration")


@frozen(kw_only=True)
class Preview:
    """What would be done with a body: by which mapping, with which input, and what is wrong with that.

    ``taken`` says of each mapping by its title whether its condition holds. ``problems`` are pairs of a text and its
    values, the field's name among them as ``field``.
    """

    taken: tuple[tuple[str, bool], ...] = ()
    call: Call | None = None
    problems: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=(), repr=False)


def preview(session: CrmSession, source: WebhookSource, body: str, headers: Mapping[str, str]) -> Preview:
    """Return what the source's mappings would make of a body, as the user whom it acts as."""
    actor = actor_of(session.crm, source.runs_as_id)
    if actor is None:
        return _failed(Refused(_("Whoever the source acts as is no active user.")))
    mappings = list(session.scalars(select(WebhookMapping).where(WebhookMapping.source_id == source.id)))
    mappings.sort(key=lambda each: (each.position, each.created_at, each.id))
    try:
        document = read_body(body, headers)
    except ValueError as error:
        return _failed(InvalidInput(_("The body cannot be read: {reason}."), reason=str(error)[:80]))
    with session.crm.session(actor) as own:
        found = found_in(own, document, headers)
        try:
            taken = tuple((each.title or each.operation, holds(own, each, found)) for each in mappings)
            call = call_of(own, mappings, found)
        except Unmapped as error:
            return Preview(taken=_held(own, mappings, found), problems=((error.message, dict(error.values)),))
        except CrmkitError as error:
            return _failed(error)
        if call is None:
            return Preview(taken=taken)
        return Preview(taken=taken, call=call, problems=_flaws(own, call))


def _held(session: CrmSession, mappings: Sequence[WebhookMapping], found: Any) -> tuple[tuple[str, bool], ...]:
    return tuple((each.title or each.operation, holds(session, each, found)) for each in mappings)


def _flaws(session: CrmSession, call: Call) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return what the operation would say of its input, and whether its user may run it at all."""
    registry = session.gate.registry
    operation = registry.operations.get(call.operation)
    if operation is None:
        return ((_("No web-hook can run this operation."), {}),)
    rights = session.guarding.rights
    allowed = any(rights.scope(operation.resource, action) != "none" for action in operation.actions)
    flaws: list[tuple[str, Mapping[str, Any]]] = []
    if not allowed:
        flaws.append((_("Whoever it acts as may not do this: {right}."), {"right": operation.permission}))
    try:
        structure(operation.inputs, call.values)
    except InvalidInput as error:
        flaws.extend((each.message, {"field": each.field, **each.values}) for each in error.problems)
    return tuple(flaws)


def _failed(error: CrmkitError) -> Preview:
    return Preview(problems=tuple((each.message, {"field": each.field, **each.values}) for each in error.problems))
