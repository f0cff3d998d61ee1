"""The catalogue: adding rewards, changing them, and putting more into stock."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import select, update

from crmkit import UNSET, CrmkitError, CrmSession, Input, UnsetType, catalogue_of, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import program_named, type_named
from crmkit_loyalty.programs.inputs import Active, ProgramName, TypeName
from crmkit_loyalty.programs.money import digits_of
from crmkit_loyalty.rewards.models import Reward
from crmkit_loyalty.rewards.words import KINDS

_ = texts("crmkit_loyalty")

MANAGE = "loyalty.program.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Description = Annotated[str, Input(title=_("Description"), max_length=2000, multiline=True, classified="public")]
Kind = Annotated[Literal["voucher", "goods", "service"], Input(title=_("Kind"), choices=KINDS, classified="public")]
Price = Annotated[int, Input(title=_("Price in points"), minimum=1, maximum=1_000_000_000, classified="public")]
Stock = Annotated[
    int, Input(title=_("In stock"), help=_("Empty: without end."), minimum=0, maximum=10_000_000, classified="internal")
]
Most = Annotated[int, Input(title=_("At most for each member"), minimum=1, maximum=1_000_000, classified="internal")]
Level = Annotated[int, Input(title=_("From tier level"), minimum=0, maximum=99, classified="internal")]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        help=_("An expression over facts, such as customer.city == “Berlin”. Empty: for all."),
        max_length=2000,
        multiline=True,
        classified="internal",
    ),
]
Cost = Annotated[Decimal, Input(title=_("Costs us"), help=_("In the base currency."), minimum=0, classified="internal")]
MostDays = Annotated[int, Input(title=_("Within days"), minimum=0, maximum=3650, classified="internal")]
VoucherDays = Annotated[int, Input(title=_("Voucher good for days"), minimum=0, maximum=3650, classified="internal")]
Since = Annotated[date, Input(title=_("From"), classified="internal")]
Until = Annotated[date, Input(title=_("Until"), classified="internal")]


@frozen(kw_only=True)
class NewReward:
    """A reward that is added to the catalogue."""

    name: Name
    points: Price
    title: Title = ""
    program: ProgramName = ""
    point_type: TypeName = ""
    description: Description = ""
    kind: Kind = "voucher"
    stock: Stock | None = None
    most: Most | None = None
    most_days: MostDays = 365
    level: Level = 0
    condition: Condition = ""
    since: Since | None = None
    until: Until | None = None
    voucher_days: VoucherDays = 365
    cost: Cost = Decimal(0)


@frozen(kw_only=True)
class RewardUpdate:
    """What is to be changed of a reward; what is not given stays."""

    points: Price | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    most: Most | UnsetType | None = UNSET
    most_days: MostDays | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    since: Since | UnsetType | None = UNSET
    until: Until | UnsetType | None = UNSET
    voucher_days: VoucherDays | UnsetType = UNSET
    cost: Cost | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("loyalty.reward.create", title=_("Add a reward"), permission=MANAGE, effect="create")
def create_reward(session: CrmSession, new: NewReward) -> Reward:
    """Add a reward to the catalogue. Raises AlreadyExists, InvalidInput for a condition that cannot be used, a period
    that ends before it begins, and points that cannot be spent, NotFound."""
    program = program_named(session, new.program)
    if not _NAME.fullmatch(new.name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    if session.scalar(select(Reward.id).where(Reward.name == new.name)) is not None:
        raise AlreadyExists(_('There is a reward "{name}" already.'), name=new.name)
    kind = type_named(session, program, new.point_type)
    if not kind.spendable:
        raise problem("point_type", _('"{title}" cannot be spent.'), title=kind.title)
    reward = Reward(
        program_id=program.id,
        name=new.name,
        title=new.title.strip() or new.name,
        description=new.description.strip() or None,
        kind=new.kind,
        type_id=kind.id,
        points=new.points,
        stock=new.stock,
        most=new.most,
        most_days=new.most_days,
        level=new.level,
        condition=new.condition.strip(),
        since=new.since,
        until=new.until,
        voucher_days=new.voucher_days,
        cost_minor=_minor(session, new.cost),
    )
    _check(session, reward)
    session.add(reward)
    return reward


@operation("loyalty.reward.update", title=_("Change the reward"), permission=MANAGE, effect="update")
def update_reward(session: CrmSession, reward: Reward, changes: RewardUpdate) -> Reward:
    """Change a reward from now on. Raises InvalidInput for a condition that cannot be used."""
    said: dict[str, Any] = dict(given(changes))
    if "cost" in said:
        reward.cost_minor = _minor(session, said.pop("cost"))
    for name, value in said.items():
        setattr(reward, name, (value.strip() or None) if name == "description" else value)
    _check(session, reward)
    return reward


@operation("loyalty.reward.restock", title=_("Put into stock"), permission=MANAGE, effect="update")
def restock(
    session: CrmSession,
    reward: Reward,
    *,
    quantity: Annotated[
        int, Input(title=_("Quantity"), minimum=-10_000_000, maximum=10_000_000, classified="internal")
    ],
) -> Reward:
    """Put more of a reward into stock, or take some out. Raises InvalidInput where more is taken than there is, or it
    has no stock that is counted."""
    if reward.stock is None:
        raise problem("quantity", _("The stock of this reward is not counted."))
    done: Any = session.execute(
        update(Reward)
        .where(Reward.id == reward.id, Reward.stock + quantity >= 0)
        .values(stock=Reward.stock + quantity),
        execution_options={"synchronize_session": False},
    )
    session.expire(reward)
    if done.rowcount != 1:
        raise problem("quantity", _("There are only {stock}."), stock=reward.stock)
    return reward


def _minor(session: CrmSession, cost: Decimal) -> int:
    exact = cost.scaleb(digits_of(session))
    if exact != int(exact):
        raise problem("cost", _("This has too many decimal places."))
    return int(exact)


def _check(session: CrmSession, reward: Reward) -> None:
    if reward.since is not None and reward.until is not None and reward.until < reward.since:
        raise problem("until", _("This is before its first day."))
    if reward.condition.strip():
        try:
            catalogue_of(session).checked(reward.condition)
        except CrmkitError as error:
            raise problem("condition", _("{reason}"), reason=error.render()) from error


OPERATIONS = [create_reward, update_reward, restock]
