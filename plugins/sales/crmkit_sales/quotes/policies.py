"""What can be done with the policies that say which quotes others have to agree to."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_sales.quotes.models import QuotePolicy

_ = texts("crmkit_sales")

MANAGE = "sales.quote_policy.manage"

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Chain = Annotated[
    str,
    Input(
        title=_("Chain of approval"),
        max_length=60,
        classified="internal",
        help=_("Its name; it has to be one for the operation sales.quote.release."),
    ),
]
Percent = Annotated[Decimal, Input(title=_("Margin below (percent)"), classified="internal")]
Discount = Annotated[Decimal, Input(title=_("Discount above (percent)"), classified="internal")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=1000, classified="internal")]
Unknown = Annotated[bool, Input(title=_("Also where a cost is unknown"), classified="internal")]


@operation("sales.quote_policy.create", title=_("Add a policy for quotes"), permission=MANAGE, effect="create")
def create_policy(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    chain: Chain,
    least_margin: Percent | None = None,
    most_discount: Discount | None = None,
    unknown_costs: Unknown = True,
    position: Position = 0,
) -> QuotePolicy:
    """Say which quotes others have to agree to, by their margin or their discount, and by which chain of approval.

    Raises AlreadyExists for a name that is taken, InvalidInput for no limit at all.
    """
    if session.scalar(select(QuotePolicy.id).where(QuotePolicy.name == name)) is not None:
        raise AlreadyExists(_('There is a policy "{name}" already.'), name=name)
    policy = QuotePolicy(
        name=name,
        title=title or name,
        chain=chain,
        least_margin=least_margin,
        most_discount=most_discount,
        unknown_costs=unknown_costs,
        position=position,
    )
    _check(policy)
    session.add(policy)
    return policy


@attrs.frozen(kw_only=True)
class PolicyUpdate:
    """What to change of a policy; what is not given stays."""

    title: Title | UnsetType = UNSET
    chain: Chain | UnsetType = UNSET
    least_margin: Percent | UnsetType | None = UNSET
    most_discount: Discount | UnsetType | None = UNSET
    unknown_costs: Unknown | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="internal")] | UnsetType = UNSET


@operation("sales.quote_policy.update", title=_("Change the policy"), permission=MANAGE, effect="update")
def update_policy(session: CrmSession, policy: QuotePolicy, changes: PolicyUpdate) -> QuotePolicy:
    """Change a policy; quotes that wait for approval go on as they were. Raises InvalidInput for no limit at all."""
    for name, value in given(changes).items():
        setattr(policy, name, value)
    _check(policy)
    return policy


@operation("sales.quote_policy.delete", title=_("Delete the policy"), permission=MANAGE, effect="delete")
def delete_policy(session: CrmSession, policy: QuotePolicy) -> None:
    """Delete a policy; quotes that wait for approval go on as they were."""
    session.delete(policy)


def _check(policy: QuotePolicy) -> None:
    problems: list[Problem] = []
    if policy.least_margin is None and policy.most_discount is None:
        problems.append(Problem(InvalidInput.code, _("Say a margin or a discount."), field="least_margin"))
    for name in ("least_margin", "most_discount"):
        value = getattr(policy, name)
        if value is not None and not (value.is_finite() and -1000 <= value <= 100):
            problems.append(Problem(InvalidInput.code, _("Give a percentage of at most 100."), field=name))
    if problems:
        raise InvalidInput(problems)


OPERATIONS = [create_policy, update_policy, delete_policy]
