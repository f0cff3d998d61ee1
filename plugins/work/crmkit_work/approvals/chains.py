"""What can be done with chains of approval, and whether an operation needs one.

Must not know requests.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import attrs
from msgspec import to_builtins
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Refused,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_work.approvals.models import ApprovalChain
from crmkit_work.approvals.steps import ChainStep, check_steps, fields_of, holds

_ = texts("crmkit_work")

MANAGE = "work.approval_chain.manage"
_APPROVED = "crmkit_work.approved"
"""Where a session keeps which operation is being run with approval."""

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Steps = Annotated[tuple[ChainStep, ...], Input(title=_("Steps"), max_length=20, classified="internal")]
Condition = Annotated[
    str,
    Input(
        title=_("Only where"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_("An expression over the inputs of the operation, such as amount_minor > 100000. Empty: always."),
    ),
]
Minutes = Annotated[
    int, Input(title=_("To be decided within (minutes)"), minimum=1, maximum=60 * 24 * 90, classified="internal")
]


@operation("work.approval_chain.create", title=_("Add a chain of approval"), permission=MANAGE, effect="create")
def create_chain(
    session: CrmSession,
    *,
    name: Name,
    operation: Annotated[str, Input(title=_("Operation"), max_length=120, classified="internal")],
    steps: Steps,
    title: Title = "",
    condition: Condition = "",
    expires_minutes: Minutes = 3 * 8 * 60,
) -> ApprovalChain:
    """Lay down who has to agree before an operation is run. Working time counts, by the usual calendar.

    Raises AlreadyExists for a name that is taken, NotFound for an operation that there is not, InvalidInput for steps
    and conditions that cannot be used.
    """
    if not name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(ApprovalChain.id).where(ApprovalChain.name == name)) is not None:
        raise AlreadyExists(_('There is a chain "{name}" already.'), name=name)
    _require_operation(session, operation)
    check_steps(session, operation, steps, condition)
    chain = ApprovalChain(
        name=name,
        title=title or name,
        operation=operation,
        condition=condition,
        steps=[attrs.asdict(each) for each in steps],
        expires_minutes=expires_minutes,
    )
    session.add(chain)
    return chain


@attrs.frozen(kw_only=True)
class ChainUpdate:
    """What to change of a chain; what is not given stays. Requests that were made go on as they were."""

    title: Title | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    expires_minutes: Minutes | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("work.approval_chain.update", title=_("Change the chain"), permission=MANAGE, effect="update")
def update_chain(session: CrmSession, chain: ApprovalChain, changes: ChainUpdate) -> ApprovalChain:
    """Change a chain. Raises InvalidInput for steps and conditions that cannot be used."""
    values = given(changes)
    steps = values.get("steps", steps_of(chain))
    check_steps(session, chain.operation, steps, values.get("condition", chain.condition))
    for name, value in values.items():
        setattr(chain, name, [attrs.asdict(each) for each in value] if name == "steps" else value)
    return chain


@operation("work.approval_chain.delete", title=_("Delete the chain"), permission=MANAGE, effect="delete")
def delete_chain(session: CrmSession, chain: ApprovalChain) -> None:
    """Delete a chain; requests that were made go on as they were."""
    session.delete(chain)


def steps_of(chain: ApprovalChain) -> tuple[ChainStep, ...]:
    """Return the steps of a chain."""
    return tuple(ChainStep(**each) for each in chain.steps)


def chain_named(session: CrmSession, name: str) -> ApprovalChain:
    """Return an active chain. Raises NotFound with the names that there are."""
    found = session.scalar(select(ApprovalChain).where(ApprovalChain.name == name, ApprovalChain.active))
    if found is None:
        query = select(ApprovalChain.name).where(ApprovalChain.active).order_by(ApprovalChain.name)
        names = ", ".join(session.scalars(query)) or "–"
        raise NotFound(
            _('There is no chain of approval "{name}".'), fix=_("There are: {names}."), name=name, names=names
        )
    return found


def _require_operation(session: CrmSession, name: str) -> None:
    known = session.gate.registry.operations.get(name)
    if known is None or known.hidden or name.startswith("work.approval"):
        raise NotFound(_('There is no operation "{name}" that could wait for approval.'), name=name)


# --- for others -------------------------------------------------------------------------------------------------------


def approvals_needed(session: CrmSession, operation: str, values: Mapping[str, Any]) -> Sequence[str]:
    """Return the names of the chains that have to agree before an operation is run with some values."""
    chains = session.scalars(
        select(ApprovalChain)
        .where(ApprovalChain.operation == operation, ApprovalChain.active)
        .order_by(ApprovalChain.name)
    ).all()
    plain: Mapping[str, Any] = to_builtins(dict(values))
    return [
        each.name
        for each in chains
        if not each.condition.strip() or holds(session, each.condition, fields_of(session, operation), plain)
    ]


def require_approval(session: CrmSession, operation: str, values: Mapping[str, Any]) -> None:
    """Refuse to go on with an operation for which somebody has to agree, unless it is being run as they did.

    An operation that is to be protected calls it with its own name and values. Raises Refused with the chain to ask.
    """
    if is_approved(session, operation):
        return
    chains = approvals_needed(session, operation, values)
    if chains:
        raise Refused(
            _("Others have to agree to this first."), fix=_("Ask for approval by the chain {chain}."), chain=chains[0]
        )


def is_approved(session: CrmSession, operation: str) -> bool:
    """Say whether an operation is just being run as others have agreed to, or rehearsed as if they had."""
    return session.info.get(_APPROVED) == operation


@contextmanager
def approved(session: CrmSession, operation: str) -> Generator[None]:
    """Let an operation pass within the block that needs approval, as it has it, or as it is only rehearsed."""
    before = session.info.get(_APPROVED)
    session.info[_APPROVED] = operation
    try:
        yield
    finally:
        session.info[_APPROVED] = before


OPERATIONS = [create_chain, update_chain, delete_chain]
