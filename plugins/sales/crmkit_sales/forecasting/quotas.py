"""Quotas and budget rates: setting, changing and removing them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import attrs
from crmkit_work.api import customers_in_territory, main_team
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Money,
    NotFound,
    Problem,
    Product,
    Team,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit_sales.forecasting.inputs import OwnerId, TeamId, base_currency
from crmkit_sales.forecasting.models import BudgetRate, Quota

_ = texts("crmkit_sales")

First = Annotated[date, Input(title=_("From"), classified="internal")]
Last = Annotated[date, Input(title=_("Until"), classified="internal")]
Minor = Annotated[int, Input(title=_("Amount in minor units"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Territory = Annotated[
    str, Input(title=_("Territory"), max_length=60, classified="internal", help=_("The name of a territory of work."))
]
Category = Annotated[
    str, Input(title=_("Product category"), max_length=120, classified="internal", help=_("The name of a category."))
]
Rate = Annotated[Decimal, Input(title=_("Rate"), classified="internal", help=_("Of one unit in the base currency."))]

_WHOSE = ("owner_id", "team_id", "territory", "category")


@operation("sales.quota.create", title=_("Set a quota"), effect="create")
def create_quota(
    session: CrmSession,
    *,
    first: First,
    last: Last,
    amount_minor: Minor,
    currency: Currency | None = None,
    owner_id: OwnerId | None = None,
    team_id: TeamId | None = None,
    territory: Territory | None = None,
    category: Category | None = None,
) -> Quota:
    """Say what is to be closed from one day to another, both included; the currency is the base one unless said.

    Raises InvalidInput for days in the wrong order or more than one of owner, team, territory and category, NotFound
    for one that there is not, Conflict where the same has a quota for the same days already.
    """
    quota = Quota(
        first=first,
        last=last,
        amount_minor=amount_minor,
        currency=currency or base_currency(session),
        owner_id=owner_id,
        team_id=team_id,
        territory=territory or None,
        category=category or None,
    )
    _require_one(quota)
    if owner_id is not None:
        # Who sees the team's work sees what its people are to close.
        quota.team_id = main_team(session, owner_id)
    _check(session, quota)
    session.add(quota)
    return quota


@attrs.frozen(kw_only=True)
class QuotaUpdate:
    """What to change of a quota; what is not given stays."""

    first: First | UnsetType = UNSET
    last: Last | UnsetType = UNSET
    amount_minor: Minor | UnsetType = UNSET
    currency: Currency | UnsetType = UNSET


@operation("sales.quota.update", title=_("Change the quota"), effect="update")
def update_quota(session: CrmSession, quota: Quota, changes: QuotaUpdate) -> Quota:
    """Change a quota. Raises InvalidInput for days in the wrong order, Conflict for days that have one already."""
    with session.no_autoflush:
        for name, value in given(changes).items():
            setattr(quota, name, value)
        _check(session, quota)
    return quota


@operation("sales.quota.delete", title=_("Remove the quota"), effect="delete")
def delete_quota(session: CrmSession, quota: Quota) -> None:
    """Remove a quota."""
    session.delete(quota)


@operation("sales.budget_rate.set", title=_("Set a budget rate"), permission="sales.budget_rate.manage")
def set_budget_rate(session: CrmSession, *, currency: Currency, first: First, last: Last, rate: Rate) -> BudgetRate:
    """Say what one unit of a currency counts in the base currency throughout a period; the same period is replaced.

    Raises InvalidInput for no currency, no rate or days in the wrong order, Conflict for a period that lies across
    another one.
    """
    Money(0, currency)
    _check_days(first, last)
    if rate <= 0:
        raise InvalidInput([Problem(InvalidInput.code, _("A rate is more than 0."), field="rate", value=str(rate))])
    known = list(session.scalars(select(BudgetRate).where(BudgetRate.currency == currency)))
    found = next((each for each in known if each.first == first), None)
    across = next((each for each in known if each is not found and each.first <= last and first <= each.last), None)
    if across is not None:
        raise Conflict(
            _("{currency} has another budget rate from {first} to {last}."),
            currency=currency,
            first=across.first.isoformat(),
            last=across.last.isoformat(),
        )
    if found is None:
        found = BudgetRate(currency=currency, first=first, last=last, rate=rate)
        session.add(found)
    found.last, found.rate = last, rate
    return found


def _check(session: CrmSession, quota: Quota) -> None:
    Money(quota.amount_minor, quota.currency)
    _check_days(quota.first, quota.last)
    _require_known(session, quota)
    same = select(Quota.id).where(Quota.first == quota.first, Quota.last == quota.last, Quota.id != quota.id)
    same = same.where(*(getattr(Quota, name).is_not_distinct_from(getattr(quota, name)) for name in _WHOSE))
    if session.scalar(same.limit(1)) is not None:
        raise Conflict(_("There is a quota for these days already."), fix=_("Change that one."))


def _require_one(quota: Quota) -> None:
    named = [name for name in _WHOSE if getattr(quota, name) is not None]
    if len(named) > 1:
        message = _("A quota is of one: an owner, a team, a territory or a category.")
        raise InvalidInput([Problem(InvalidInput.code, message, field=named[1])])


def _require_known(session: CrmSession, quota: Quota) -> None:
    if quota.owner_id is not None and session.get(User, quota.owner_id) is None:
        raise NotFound(_("There is no user {id}."), id=quota.owner_id)
    if quota.team_id is not None and session.get(Team, quota.team_id) is None:
        raise NotFound(_("There is no team {id}."), id=quota.team_id)
    if quota.territory is not None:
        customers_in_territory(session, quota.territory, [])
    if quota.category is not None and not _is_category(session, quota.category):
        raise NotFound(_('No product is in a category "{name}".'), name=quota.category)


def _is_category(session: CrmSession, name: str) -> bool:
    query = select(Product.id).where(Product.category.has(name=name)).limit(1)
    found: UUID | None = session.scalar(query)
    return found is not None


def _check_days(first: date, last: date) -> None:
    if last < first:
        message = _("The last day lies before the first one.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="last", value=last.isoformat())])


OPERATIONS = [create_quota, update_quota, delete_quota, set_budget_rate]
