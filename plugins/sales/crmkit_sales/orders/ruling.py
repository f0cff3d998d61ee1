"""Changing the rules by which orders go on, and how much customers may owe."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    customers_where,
    given,
    operation,
    row_condition,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit.i18n import translate
from crmkit_sales.orders.checks import CHECKS
from crmkit_sales.orders.inputs import CustomerId
from crmkit_sales.orders.models import CreditLimit, OrderRule
from crmkit_sales.orders.rules import FIELDS, SHIPPED
from crmkit_sales.orders.words import ORDER, STATES

_ = texts("crmkit_sales")

_CHOICES = {each: STATES[each] for each in ORDER}
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
State = Annotated[str, Input(title=_("State"), choices=_CHOICES, max_length=14, classified="public")]
Condition = Annotated[
    str,
    Input(
        title=_("If the order"),
        max_length=1000,
        classified="internal",
        help=_("Over submitted, paid, shipped, received, total, currency, lines, delivery, source and its days."),
    ),
]
Among = Annotated[
    str,
    Input(title=_("If the customer"), max_length=1000, classified="internal", help=_("A condition over facts.")),
]
Checks = Annotated[
    tuple[str, ...],
    Input(
        title=_("Checks"),
        max_length=20,
        classified="internal",
        choices={name: title for name, (title, _check) in CHECKS.items()},
    ),
]
Position = Annotated[int, Input(title=_("Position"), classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]


@operation("sales.order_rule.create", title=_("Add a rule"), permission="sales.order_rule.manage", effect="create")
def create_rule(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title,
    from_state: State,
    to_state: State,
    condition: Condition = "true",
    among: Among = "true",
    checks: Checks = (),
    position: Position = 100,
) -> OrderRule:
    """Add a rule by which orders go on. Raises AlreadyExists for a name that is taken, InvalidInput for a state that is
    not later, a check that there is not and a condition that cannot be used."""
    if session.scalar(select(OrderRule.id).where(OrderRule.name == name)) is not None:
        raise AlreadyExists(_('There is a rule "{name}" already.'), name=name)
    rule = OrderRule(
        name=name,
        title=title,
        from_state=from_state,
        to_state=to_state,
        condition=condition.strip() or "true",
        among=among.strip() or "true",
        checks=list(checks),
        position=position,
    )
    _check(session, rule)
    session.add(rule)
    return rule


@attrs.frozen(kw_only=True)
class RuleUpdate:
    """What to change of a rule; what is not given stays."""

    title: Title | UnsetType = UNSET
    from_state: State | UnsetType = UNSET
    to_state: State | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    among: Among | UnsetType = UNSET
    checks: Checks | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("sales.order_rule.update", title=_("Change the rule"), permission="sales.order_rule.manage", effect="update")
def update_rule(session: CrmSession, rule: OrderRule, changes: RuleUpdate) -> OrderRule:
    """Change a rule, or stop it; orders that wait are judged by it when they are looked at the next time. Raises
    InvalidInput as adding one does."""
    values = given(changes)
    if "checks" in values:
        values["checks"] = list(values["checks"])
    for name, value in values.items():
        setattr(rule, name, value)
    _check(session, rule)
    return rule


@operation(
    "sales.order_rule.install", title=_("Add the shipped rules"), permission="sales.order_rule.manage", hidden=True
)
def install_rules(session: CrmSession) -> int:
    """Add the rules that the plugin ships where there is none at all, titled in the company's language; return how many
    were added."""
    if session.scalar(select(OrderRule.id).limit(1)) is not None:
        return 0
    language = session.crm.config.get(session).language
    for each in SHIPPED:
        session.add(OrderRule(**{**each, "title": translate(each["title"], language), "among": "true"}))
    return len(SHIPPED)


@operation("sales.credit_limit.set", title=_("Set the credit limit"), permission="sales.credit_limit.manage")
def set_credit_limit(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    limit_minor: Annotated[
        int | None, Input(title=_("Credit limit in minor units"), minimum=0, maximum=2**53, classified="internal")
    ],
) -> CreditLimit | None:
    """Say how much a customer may owe, in minor units of the base currency; None takes the limit away.

    Raises NotFound for an unknown customer, InvalidInput where the business has no base currency.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    found = limit_of(session, customer_id)
    if limit_minor is None:
        if found is not None:
            session.delete(found)
        return None
    currency = session.crm.config.get(session).base_currency
    if currency is None:
        raise InvalidInput(_("The business has no base currency yet."))
    if found is None:
        found = CreditLimit(customer_id=customer_id, limit_minor=limit_minor, currency=currency)
        session.add(found)
    found.limit_minor, found.currency = limit_minor, currency
    return found


def limit_of(session: CrmSession, customer_id: UUID) -> CreditLimit | None:
    """Return the credit limit of a customer, or None."""
    return session.scalar(select(CreditLimit).where(CreditLimit.customer_id == customer_id))


def _check(session: CrmSession, rule: OrderRule) -> None:
    problems = [
        _problem(name, _("There is no such choice."))
        for name in ("from_state", "to_state")
        if getattr(rule, name) not in ORDER
    ]
    if not problems and ORDER.index(rule.to_state) <= ORDER.index(rule.from_state):
        problems.append(_problem("to_state", _("A rule leads to a later state.")))
    unknown = [each for each in rule.checks if each not in CHECKS]
    if unknown:
        problems.append(
            _problem(
                "checks", _("There is no check {name}; there are: {known}."), name=unknown[0], known=", ".join(CHECKS)
            )
        )
    if problems:
        raise InvalidInput(problems)
    row_condition(session, rule.condition, FIELDS)
    customers_where(session, rule.among)


def _problem(field: str, text: str, **values: object) -> Problem:
    return Problem(InvalidInput.code, text, field=field, **values)


OPERATIONS = [create_rule, update_rule, install_rules, set_credit_limit]
