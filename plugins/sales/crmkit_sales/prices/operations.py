"""What can be done with price lists, prices and costs. Must not know who buys anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    Money,
    NotFound,
    Problem,
    Product,
    UnsetType,
    customers_where,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_sales.prices.models import Price, PriceList, ProductCost

_ = texts("crmkit_sales")

MANAGE = "sales.price_list.manage"
COST = "sales.cost.manage"

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="public")]
From = Annotated[date, Input(title=_("Valid from"), classified="public")]
To = Annotated[date, Input(title=_("Valid to"), classified="public")]
Condition = Annotated[
    str,
    Input(
        title=_("For customers where"),
        max_length=2000,
        multiline=True,
        classified="internal",
        help=_("An expression over facts, such as label.value == “high”. Empty: for all."),
    ),
]
Priority = Annotated[
    int,
    Input(
        title=_("Priority"),
        minimum=-1000,
        maximum=1000,
        classified="internal",
        help=_("Of several lists the one of the highest priority counts."),
    ),
]
Included = Annotated[bool, Input(title=_("Prices include tax"), classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
Minor = Annotated[int, Input(title=_("Unit price"), minimum=0, classified="public")]
Quantity = Annotated[Decimal, Input(title=_("From a quantity of"), classified="public")]
Unit = Annotated[str, Input(title=_("Unit"), max_length=20, classified="public")]
ListId = Annotated[UUID, Input(title=_("Price list"), resource="sales.price_list", classified="public")]
ProductId = Annotated[UUID, Input(title=_("Product"), resource="product", classified="public")]


@operation("sales.price_list.create", title=_("Add a price list"), permission=MANAGE, effect="create")
def create_list(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    currency: Currency,
    tax_included: Included = False,
    valid_from: From | None = None,
    valid_to: To | None = None,
    condition: Condition = "",
    priority: Priority = 0,
) -> PriceList:
    """Add a list of prices in one currency. Raises AlreadyExists for a name that is taken, InvalidInput for what is no
    currency, days the wrong way round, and a condition that cannot be used."""
    if not name.strip():
        raise InvalidInput([_problem(_("This cannot be empty."), "name")])
    if session.scalar(select(PriceList.id).where(PriceList.name == name)) is not None:
        raise AlreadyExists(_('There is a price list "{name}" already.'), name=name)
    Money(0, currency)
    _check(session, valid_from, valid_to, condition)
    found = PriceList(
        name=name,
        title=title or name,
        currency=currency,
        tax_included=tax_included,
        valid_from=valid_from,
        valid_to=valid_to,
        condition=condition,
        priority=priority,
    )
    session.add(found)
    return found


@attrs.frozen(kw_only=True)
class ListUpdate:
    """What to change of a price list; what is not given stays."""

    title: Title | UnsetType = UNSET
    valid_from: From | UnsetType | None = UNSET
    valid_to: To | UnsetType | None = UNSET
    condition: Condition | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET
    active: Active | UnsetType = UNSET


@operation("sales.price_list.update", title=_("Change the price list"), permission=MANAGE, effect="update")
def update_list(session: CrmSession, found: PriceList, changes: ListUpdate) -> PriceList:
    """Change a price list; quotes that were made stay as they are. Raises InvalidInput as adding one does."""
    for name, value in given(changes).items():
        setattr(found, name, value)
    _check(session, found.valid_from, found.valid_to, found.condition)
    return found


@operation("sales.price_list.delete", title=_("Delete the price list"), permission=MANAGE, effect="delete")
def delete_list(session: CrmSession, found: PriceList) -> None:
    """Delete a price list with its prices; quotes that were made stay as they are."""
    session.delete(found)


@operation("sales.price.create", title=_("Add a price"), permission=MANAGE, effect="create")
def create_price(
    session: CrmSession,
    *,
    list_id: ListId,
    product_id: ProductId,
    unit_price_minor: Minor,
    currency: Currency | None = None,
    from_quantity: Quantity = Decimal(0),
    unit: Unit = "",
    valid_from: From | None = None,
    valid_to: To | None = None,
) -> Price:
    """Say what one unit of a product costs in a list, in minor units of the list's currency, from a quantity on.

    ``currency`` may be left out, and has to be the list's where it is given. Raises NotFound for an unknown list or
    product, InvalidInput for another currency, a negative quantity and days the wrong way round.
    """
    found = session.get(PriceList, list_id)
    if found is None:
        raise NotFound(_("There is no such price list."))
    if session.get(Product, product_id) is None:
        raise NotFound(_("There is no such product."))
    if currency is not None and currency != found.currency:
        text = _("The prices of this list are in {currency}.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="currency", currency=found.currency)])
    _check_price(from_quantity, valid_from, valid_to)
    price = Price(
        list_id=found.id,
        product_id=product_id,
        unit=unit,
        from_quantity=from_quantity,
        unit_price_minor=unit_price_minor,
        currency=found.currency,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(price)
    return price


@attrs.frozen(kw_only=True)
class PriceUpdate:
    """What to change of a price; what is not given stays."""

    unit_price_minor: Minor | UnsetType = UNSET
    from_quantity: Quantity | UnsetType = UNSET
    unit: Unit | UnsetType = UNSET
    valid_from: From | UnsetType | None = UNSET
    valid_to: To | UnsetType | None = UNSET


@operation("sales.price.update", title=_("Change the price"), permission=MANAGE, effect="update")
def update_price(session: CrmSession, price: Price, changes: PriceUpdate) -> Price:
    """Change a price; quotes that were made stay as they are. Raises InvalidInput as adding one does."""
    for name, value in given(changes).items():
        setattr(price, name, value)
    _check_price(price.from_quantity, price.valid_from, price.valid_to)
    return price


@operation("sales.price.delete", title=_("Delete the price"), permission=MANAGE, effect="delete")
def delete_price(session: CrmSession, price: Price) -> None:
    """Delete a price; quotes that were made stay as they are."""
    session.delete(price)


@operation("sales.price.set", title=_("Set a price"), permission=MANAGE, effect="create")
def set_price(
    session: CrmSession,
    *,
    price_list: Annotated[str, Input(title=_("Price list"), max_length=60, classified="public")],
    sku: Annotated[str, Input(title=_("SKU"), max_length=120, classified="public")],
    unit_price: Annotated[
        Decimal, Input(title=_("Unit price"), classified="public", help=_("In units of the list's currency."))
    ],
    from_quantity: Quantity = Decimal(0),
    unit: Unit = "",
    valid_from: From | None = None,
    valid_to: To | None = None,
    cost: Annotated[
        Decimal | None,
        Input(title=_("Cost of one"), classified="internal", help=_("In units of the list's currency.")),
    ] = None,
) -> Price:
    """Set what a product costs in a list, both by their names, as files have them: the price of the same quantity and
    day is changed, any other is added. ``unit_price`` and ``cost`` are in units of the currency, such as 19.99.

    Raises NotFound for an unknown list or product, InvalidInput for amounts with more places than the currency has,
    Refused for a cost without the right to say costs.
    """
    found = session.scalar(select(PriceList).where(PriceList.name == price_list))
    if found is None:
        raise NotFound(_('There is no price list "{name}".'), name=price_list)
    product = session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise NotFound(_('There is no product "{sku}".'), sku=sku)
    minor = minor_of(unit_price, found.currency, "unit_price")
    _check_price(from_quantity, valid_from, valid_to)
    price = session.scalar(
        select(Price)
        .where(
            Price.list_id == found.id,
            Price.product_id == product.id,
            Price.from_quantity == from_quantity,
            Price.unit == unit,
            Price.valid_from == valid_from if valid_from is not None else Price.valid_from.is_(None),
        )
        .limit(1)
    )
    if price is None:
        price = Price(
            list_id=found.id,
            product_id=product.id,
            unit=unit,
            from_quantity=from_quantity,
            currency=found.currency,
            valid_from=valid_from,
        )
        session.add(price)
    price.unit_price_minor, price.valid_to = minor, valid_to
    if cost is not None:
        session.run(
            "sales.cost.set",
            {
                "product_id": product.id,
                "cost_minor": minor_of(cost, found.currency, "cost"),
                "currency": found.currency,
                "valid_from": valid_from or session.today(),
            },
        )
    return price


@operation("sales.cost.set", title=_("Say what a product costs the company"), permission=COST, effect="create")
def set_cost(
    session: CrmSession,
    *,
    product_id: ProductId,
    cost_minor: Annotated[int, Input(title=_("Cost of one"), minimum=0, classified="internal")],
    currency: Currency,
    valid_from: Annotated[date | None, Input(title=_("Valid from"), classified="internal")] = None,
) -> ProductCost:
    """Say what one unit of a product costs the company from a day on, today unless said otherwise, in minor units.

    Raises NotFound for an unknown product, InvalidInput for what is no currency.
    """
    if session.get(Product, product_id) is None:
        raise NotFound(_("There is no such product."))
    Money(cost_minor, currency)
    day = valid_from or session.today()
    cost = session.scalar(
        select(ProductCost).where(
            ProductCost.product_id == product_id, ProductCost.currency == currency, ProductCost.valid_from == day
        )
    )
    if cost is None:
        cost = ProductCost(product_id=product_id, currency=currency, valid_from=day)
        session.add(cost)
    cost.cost_minor = cost_minor
    return cost


@operation("sales.cost.delete", title=_("Delete the cost"), permission=COST, effect="delete")
def delete_cost(session: CrmSession, cost: ProductCost) -> None:
    """Delete what a product cost from a day on: what was said before counts again."""
    session.delete(cost)


def minor_of(amount: Decimal, currency: str, name: str) -> int:
    """Return an amount in units of a currency in minor units. Raises InvalidInput, with the field ``name``, for a
    negative amount, one with more places than the currency has, and one that is too large."""
    if not amount.is_finite() or amount < 0:
        raise InvalidInput([_problem(_("This cannot be negative."), name)])
    found = Money.of(amount, currency)
    if found.value != amount:
        text = _("{currency} has no such places: {value}.")
        raise InvalidInput(
            [Problem(InvalidInput.code, text, field=name, currency=currency, value=format(amount.normalize(), "f"))]
        )
    return found.amount


def _check(session: CrmSession, valid_from: date | None, valid_to: date | None, condition: str) -> None:
    _check_days(valid_from, valid_to)
    if condition.strip():
        try:
            customers_where(session, condition)
        except CrmkitError as error:
            for problem in error.problems:
                problem.field = "condition"
            raise InvalidInput(list(error.problems)) from None


def _check_price(from_quantity: Any, valid_from: date | None, valid_to: date | None) -> None:
    if not from_quantity.is_finite() or from_quantity < 0:
        raise InvalidInput([_problem(_("This cannot be negative."), "from_quantity")])
    _check_days(valid_from, valid_to)


def _check_days(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise InvalidInput([_problem(_("It ends before it begins."), "valid_to")])


def _problem(text: str, name: str) -> Problem:
    return Problem(InvalidInput.code, text, field=name)


OPERATIONS = [
    create_list,
    update_list,
    delete_list,
    create_price,
    update_price,
    delete_price,
    set_price,
    set_cost,
    delete_cost,
]
