"""Making pools and changing their terms."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

import attrs

from crmkit import (
    UNSET,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    customers_where,
    given,
    operation,
    texts,
)
from crmkit_sales.pool.models import Pool

_ = texts("crmkit_sales")

_NOBODY = UUID(int=0)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
Title = Annotated[str, Input(title=_("Title"), max_length=120, classified="public")]
Condition = Annotated[
    str,
    Input(
        title=_("Who is in it"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_('A condition over facts, such as customer.standing == "potential" and customer.province == "浙江".'),
    ),
]
TeamId = Annotated[UUID, Input(title=_("For the team"), resource="team", classified="internal")]


def _days(title: str) -> Input:
    return Input(title=title, minimum=1, maximum=3650, classified="internal")


def _number(title: str, least: int = 0) -> Input:
    return Input(title=title, minimum=least, maximum=100_000, classified="internal")


Claims = Annotated[int, _number(_("Claims a day"), 1)]
Cap = Annotated[int, _number(_("Most held at a time"), 1)]
Protection = Annotated[int, _number(_("Days of protection"))]
NoContact = Annotated[int, _days(_("Back after days without contact"))]
NoDeal = Annotated[int, _days(_("Back after days without a deal"))]
Warn = Annotated[int, _number(_("Warned days before"))]
Cooldown = Annotated[int, _number(_("Days until one may claim again"))]
Owned = Annotated[bool, Input(title=_("Owned customers too"), classified="internal")]
Position = Annotated[int, _number(_("Order"))]


@operation("sales.pool.create", title=_("Add a pool"), effect="create")
def create_pool(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title,
    team_id: TeamId,
    condition: Condition = 'customer.standing == "potential"',
    claims_per_day: Claims | None = None,
    holding_cap: Cap | None = None,
    protection_days: Protection = 0,
    no_contact_days: NoContact | None = None,
    no_deal_days: NoDeal | None = None,
    warn_days: Warn = 3,
    cooldown_days: Cooldown = 30,
    covers_owned: Owned = False,
    position: Position = 100,
) -> Pool:
    """Add a pool for a team; its customers come in with the next run. Raises InvalidInput for a condition that cannot
    be used, AlreadyExists for a name that there is."""
    _check(session, condition)
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _('"{name}" is no name.'),
                    field="name",
                    hint=_("Use small letters, digits and underscores, beginning with a letter."),
                    name=name,
                )
            ]
        )
    pool = Pool(
        name=name,
        title=title,
        team_id=team_id,
        condition=condition,
        claims_per_day=claims_per_day,
        holding_cap=holding_cap,
        protection_days=protection_days,
        no_contact_days=no_contact_days,
        no_deal_days=no_deal_days,
        warn_days=warn_days,
        cooldown_days=cooldown_days,
        covers_owned=covers_owned,
        position=position,
    )
    session.add(pool)
    session.defer("sales.pool_run")
    return pool


@attrs.frozen(kw_only=True)
class PoolUpdate:
    """What to change of a pool; what is not given stays."""

    title: Title | UnsetType = UNSET
    team_id: TeamId | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    claims_per_day: Claims | UnsetType | None = UNSET
    holding_cap: Cap | UnsetType | None = UNSET
    protection_days: Protection | UnsetType = UNSET
    no_contact_days: NoContact | UnsetType | None = UNSET
    no_deal_days: NoDeal | UnsetType | None = UNSET
    warn_days: Warn | UnsetType = UNSET
    cooldown_days: Cooldown | UnsetType = UNSET
    covers_owned: Owned | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="internal")] = UNSET


@operation("sales.pool.update", title=_("Change the pool"), effect="update")
def update_pool(session: CrmSession, pool: Pool, changes: PoolUpdate) -> Pool:
    """Change the terms of a pool; they hold from the next run. Raises InvalidInput for a condition that cannot be
    used."""
    for name, value in given(changes).items():
        setattr(pool, name, value)
    _check(session, pool.condition)
    return pool


@operation("sales.pool.delete", title=_("Delete the pool"), effect="delete")
def delete_pool(session: CrmSession, pool: Pool) -> None:
    """Delete a pool with its log. Customers stay with whoever holds them."""
    session.delete(pool)


def _check(session: CrmSession, condition: str) -> None:
    try:
        customers_where(session, condition, among=[_NOBODY])
    except CrmkitError as error:
        problems = [*error.problems] or [Problem(error.code, str(error))]
        for problem in problems:
            problem.field = "condition"
        raise InvalidInput(problems) from error


OPERATIONS = [create_pool, update_pool, delete_pool]
