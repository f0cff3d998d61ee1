"""What can be done with mappings: what a web-hook of a source does."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import attrs

from crmkit import CrmSession, Input, NotFound, given, operation, texts
from crmkit_integration.receiving.inputs import (
    Inputs,
    MappingUpdate,
    Names,
    OperationName,
    Position,
    Target,
    Title,
    When,
)
from crmkit_integration.receiving.mapping import check_mapping
from crmkit_integration.receiving.models import WebhookMapping, WebhookSource
from crmkit_integration.receiving.standing import require_standing

_ = texts("crmkit_integration")

MANAGE = "integration.source.manage"


@operation("integration.mapping.create", title=_("Add a mapping"), permission=MANAGE, effect="create")
def create_mapping(
    session: CrmSession,
    *,
    source_id: Annotated[UUID, Input(title=_("Source"), resource="integration.source", classified="internal")],
    operation: OperationName,
    inputs: Inputs,
    target: Target = "",
    names: Names = attrs.Factory(dict),
    when: When = "",
    title: Title = "",
    position: Position = 0,
) -> WebhookMapping:
    """Say what a web-hook of a source does. Raises InvalidInput with everything that the operation does not take, and
    NotFound for a source that cannot be seen."""
    source = session.get(WebhookSource, source_id)
    if source is None:
        raise NotFound(_("There is no source {id}."), id=source_id)
    require_standing(session, source.runs_as_id)
    check_mapping(session, operation=operation, target=target, inputs=inputs, names=names, when=when)
    mapping = WebhookMapping(
        source_id=source.id,
        title=title,
        position=position,
        operation=operation,
        target=target,
        inputs=dict(inputs),
        names=dict(names),
        when=when,
    )
    session.add(mapping)
    return mapping


@operation("integration.mapping.update", title=_("Change the mapping"), permission=MANAGE, effect="update")
def update_mapping(session: CrmSession, mapping: WebhookMapping, changes: MappingUpdate) -> WebhookMapping:
    """Change what a web-hook does. Raises InvalidInput as `create_mapping`."""
    require_standing(session, session.get_one(WebhookSource, mapping.source_id).runs_as_id)
    for name, value in given(changes).items():
        setattr(mapping, name, dict(value) if name in ("inputs", "names") else value)
    check_mapping(
        session,
        operation=mapping.operation,
        target=mapping.target,
        inputs=mapping.inputs,
        names=mapping.names,
        when=mapping.when,
    )
    return mapping


@operation("integration.mapping.delete", title=_("Delete the mapping"), permission=MANAGE, effect="delete")
def delete_mapping(session: CrmSession, mapping: WebhookMapping) -> None:
    """Delete a mapping; what it would have taken is taken by the next one whose condition holds."""
    require_standing(session, session.get_one(WebhookSource, mapping.source_id).runs_as_id)
    session.delete(mapping)


OPERATIONS: list[Any] = [create_mapping, update_mapping, delete_mapping]
"""The operations of this module."""
