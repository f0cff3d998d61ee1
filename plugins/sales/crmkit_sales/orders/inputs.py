"""What is said of an order when it is made or changed. Must not know what becomes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import attrs

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_sales.orders.words import DELIVERIES

_ = texts("crmkit_sales")

CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
UserId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
ProductId = Annotated[UUID, Input(title=_("Product"), resource="product", classified="internal")]
OpportunityId = Annotated[UUID, Input(title=_("Opportunity"), resource="sales.opportunity", classified="internal")]
Currency = Annotated[
    str,
    Input(
        title=_("Currency"), max_length=3, classified="internal", help=_("The base currency, unless said otherwise.")
    ),
]
UnitPrice = Annotated[
    Decimal, Input(title=_("Unit price"), minimum=0, classified="internal", help=_("Empty: the price list's."))
]
Percent = Annotated[Decimal, Input(title=_("Discount (percent)"), minimum=0, maximum=100, classified="internal")]
TaxRate = Annotated[
    Decimal,
    Input(
        title=_("Tax rate (percent)"),
        minimum=0,
        maximum=100,
        classified="internal",
        help=_("The usual one, unless said otherwise."),
    ),
]
DiscountMinor = Annotated[int, Input(title=_("Discount of the whole in minor units"), minimum=0, classified="internal")]
Quantity = Annotated[Decimal, Input(title=_("Quantity"), minimum=0, classified="internal")]
Delivery = Annotated[str, Input(title=_("Delivery"), choices=DELIVERIES, max_length=8, classified="internal")]
ShipTo = Annotated[str, Input(title=_("Ship to"), max_length=500, multiline=True)]
WantedOn = Annotated[date, Input(title=_("Wanted on"), classified="internal")]
ValidUntil = Annotated[date, Input(title=_("Prices hold until"), classified="internal")]
Note = Annotated[str, Input(title=_("Note"), max_length=1000, multiline=True, classified="text")]


@attrs.frozen(kw_only=True)
class NewOrderLine:
    """One line: a product, or something that is described. Without a unit price, which is in units of the order's
    currency such as 19.99, the customer's price lists say it; where none does, the line waits for one."""

    product_id: ProductId | None = None
    description: Annotated[str, Input(title=_("Description"), max_length=500, classified="internal")] = ""
    quantity: Quantity = Decimal(1)
    unit_price: UnitPrice | None = None
    discount: Percent = Decimal(0)
    tax_rate: TaxRate | None = None


@attrs.frozen(kw_only=True)
class NewOrder:
    """An order to be added.

    With ``source`` and ``external_id``, what another system calls it, the same order that comes again is the one that
    is there; another one under that id is kept back for somebody to look at. With ``submit`` it goes on by the rules.
    """

    customer_id: CustomerId
    lines: tuple[NewOrderLine, ...] = ()
    currency: Currency | None = None
    tax_included: Annotated[bool, Input(title=_("Prices include tax"), classified="internal")] = False
    discount: Annotated[
        Decimal | None,
        Input(title=_("Discount of the whole, percent"), minimum=0, maximum=100, classified="internal"),
    ] = None
    discount_minor: DiscountMinor | None = None
    ordered_on: Annotated[date | None, Input(title=_("Ordered on"), classified="internal")] = None
    wanted_on: WantedOn | None = None
    valid_until: ValidUntil | None = None
    delivery: Delivery = "ship"
    ship_to: ShipTo | None = None
    opportunity_id: OpportunityId | None = None
    owner_id: UserId | None = None
    source: Annotated[str | None, Input(title=_("Source"), max_length=60, classified="internal")] = None
    external_id: Annotated[str | None, Input(title=_("External id"), max_length=120, classified="internal")] = None
    submit: Annotated[bool, Input(title=_("Submit it at once"), classified="internal")] = False


@attrs.frozen(kw_only=True)
class OrderUpdate:
    """What to change of an order; what is not given stays. The discount can be changed in a draft alone."""

    wanted_on: WantedOn | UnsetType | None = UNSET
    valid_until: ValidUntil | UnsetType | None = UNSET
    delivery: Delivery | UnsetType = UNSET
    ship_to: ShipTo | UnsetType | None = UNSET
    discount: Annotated[
        Decimal | UnsetType | None,
        Input(title=_("Discount of the whole, percent"), minimum=0, maximum=100, classified="internal"),
    ] = UNSET
    discount_minor: DiscountMinor | UnsetType | None = UNSET
    opportunity_id: OpportunityId | UnsetType | None = UNSET
    owner_id: UserId | UnsetType | None = UNSET


@attrs.frozen(kw_only=True)
class ReturnedLine:
    """So many of a line of an order, by its number in the order."""

    line_no: Annotated[int, Input(title=_("Line"), minimum=1, classified="internal")]
    quantity: Quantity
