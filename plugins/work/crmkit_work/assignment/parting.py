"""What can be done with territories: making, changing and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists, Conflict
from crmkit_work.assignment.models import Queue, Territory
from crmkit_work.assignment.territories import check_condition, misplaced

_ = texts("crmkit_work")

MANAGE = "work.queue.manage"

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_('Over facts of the customer, such as customer.province == "Guangdong".'),
    ),
]
QueueId = Annotated[UUID | None, Input(title=_("Queue"), resource="work.queue", classified="public")]
OwnerId = Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")]
ParentId = Annotated[UUID | None, Input(title=_("Part of"), resource="work.territory", classified="public")]
QueueIdChange = Annotated[UUID | UnsetType | None, Input(title=_("Queue"), resource="work.queue", classified="public")]
OwnerIdChange = Annotated[UUID | UnsetType | None, Input(title=_("Person"), resource="user", classified="internal")]
ParentIdChange = Annotated[
    UUID | UnsetType | None, Input(title=_("Part of"), resource="work.territory", classified="public")
]
Position = Annotated[int, Input(title=_("Order"), minimum=0, maximum=1_000_000, classified="public")]


@operation("work.territory.create", title=_("Add a territory"), permission=MANAGE, effect="create")
def create_territory(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    condition: Condition,
    title: Title = "",
    queue_id: QueueId = None,
    owner_id: OwnerId = None,
    parent_id: ParentId = None,
    position: Position = 100,
) -> Territory:
    """Add a territory: customers for whom a condition holds, and whose work they are.

    Raises AlreadyExists for a name that is taken, InvalidInput for a condition that cannot be used and for a queue, a
    person or a territory that there is not.
    """
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(Territory.id).where(Territory.name == name.strip())) is not None:
        raise AlreadyExists(_('There is a territory "{name}" already.'), name=name)
    values = {"queue_id": queue_id, "owner_id": owner_id, "parent_id": parent_id, "condition": condition}
    _check(session, None, values)
    territory = Territory(name=name.strip(), title=title or name, position=position, **values)
    session.add(territory)
    return territory


@attrs.frozen(kw_only=True)
class TerritoryUpdate:
    """What to change of a territory; what is not given stays."""

    title: Title | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    queue_id: QueueIdChange = UNSET
    owner_id: OwnerIdChange = UNSET
    parent_id: ParentIdChange = UNSET
    position: Position | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


@operation("work.territory.update", title=_("Change the territory"), permission=MANAGE, effect="update")
def update_territory(session: CrmSession, territory: Territory, changes: TerritoryUpdate) -> Territory:
    """Change a territory; it counts for what is assigned from now on. Raises InvalidInput as adding one does."""
    values = given(changes)
    _check(session, territory, values)
    for name, value in values.items():
        setattr(territory, name, value or territory.name if name == "title" else value)
    return territory


@operation("work.territory.delete", title=_("Delete the territory"), permission=MANAGE, effect="delete")
def delete_territory(session: CrmSession, territory: Territory) -> None:
    """Delete a territory. Raises Conflict while it has parts."""
    if session.scalar(select(Territory.id).where(Territory.parent_id == territory.id).limit(1)) is not None:
        raise Conflict(_('The territory "{name}" has parts.'), fix=_("Delete or move them first."), name=territory.name)
    session.delete(territory)


def _check(session: CrmSession, territory: Territory | None, values: Mapping[str, Any]) -> None:
    if "condition" in values:
        check_condition(session, values["condition"])
    problems: list[Problem] = []
    for name, model, message in (
        ("queue_id", Queue, _("There is no such queue.")),
        ("owner_id", User, _("There is no such person.")),
        ("parent_id", Territory, _("There is no such territory.")),
    ):
        if values.get(name) is not None and session.get(model, values[name]) is None:
            problems.append(Problem(InvalidInput.code, message, field=name, value=values[name]))
    own = territory.id if territory is not None else None
    if not problems and values.get("parent_id") is not None and misplaced(session, own, values["parent_id"]):
        message = _("A territory cannot lie within itself.")
        problems.append(Problem(InvalidInput.code, message, field="parent_id"))
    if problems:
        raise InvalidInput(problems)


OPERATIONS = [create_territory, update_territory, delete_territory]
