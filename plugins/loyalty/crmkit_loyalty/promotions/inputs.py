"""What operations on promotions take and give back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_loyalty.programs.inputs import Flag, ProgramName
from crmkit_loyalty.promotions.words import KINDS

_ = texts("crmkit_loyalty")

MOST_LINES = 500
Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Kind = Annotated[Literal["free", "percent", "amount"], Input(title=_("Kind"), choices=KINDS, classified="internal")]
Percent = Annotated[Decimal, Input(title=_("Percent off"), minimum=0, maximum=100, classified="internal")]
Money = Annotated[Decimal, Input(title=_("Amount"), minimum=0, maximum=1_000_000_000, classified="internal")]
Minimum = Annotated[
    Decimal, Input(title=_("From an order of, before tax"), minimum=0, maximum=1_000_000_000, classified="internal")
]
Items = Annotated[int, Input(title=_("Items"), minimum=0, maximum=10_000, classified="internal")]
Sku = Annotated[str, Input(title=_("SKU"), max_length=120, classified="internal")]
Skus = Annotated[tuple[str, ...], Input(title=_("SKUs"), max_length=500, classified="internal")]
Categories = Annotated[tuple[str, ...], Input(title=_("Categories"), max_length=200, classified="internal")]
Condition = Annotated[
    str,
    Input(
        title=_("Condition"),
        help=_("An expression such as amount >= 100 or loyalty.tier == “gold”. Empty: always."),
        max_length=2000,
        multiline=True,
        classified="internal",
    ),
]
Number = Annotated[str, Input(title=_("Code"), max_length=60, classified="internal")]
Position = Annotated[int, Input(title=_("Position"), minimum=0, maximum=10_000, classified="internal")]
Stack = Annotated[
    str,
    Input(title=_("Only the best of"), help=_("Promotions with the same word."), max_length=60, classified="internal"),
]
Day = Annotated[date, Input(classified="internal")]
Most = Annotated[int, Input(minimum=0, maximum=1_000_000_000, classified="internal")]
Ref = Annotated[
    str, Input(title=_("Order"), help=_("What the shop calls the order."), max_length=160, classified="internal")
]


@frozen(kw_only=True)
class NewPromotion:
    """A promotion that is written: a draft. Amounts are in major units of the base currency."""

    program: ProgramName = ""
    name: Name
    kind: Kind
    title: Title = ""
    percent: Percent = Decimal(0)
    amount: Money = Decimal(0)
    buy: Items = 0
    get: Items = 1
    gift: Sku = ""
    added: Flag = True
    skus: Skus = ()
    categories: Categories = ()
    minimum: Minimum = Decimal(0)
    condition: Condition = ""
    number: Number = ""
    own_codes: Flag = False
    position: Position = 100
    stack: Stack = ""
    last: Flag = False
    since: Day | None = None
    until: Day | None = None
    most: Most | None = None
    most_each: Most | None = None


@frozen(kw_only=True)
class PromotionUpdate:
    """What is to be changed of a draft; what is not given stays."""

    title: Title | UnsetType = UNSET
    percent: Percent | UnsetType = UNSET
    amount: Money | UnsetType = UNSET
    buy: Items | UnsetType = UNSET
    get: Items | UnsetType = UNSET
    gift: Sku | UnsetType = UNSET
    added: Flag | UnsetType = UNSET
    skus: Skus | UnsetType = UNSET
    categories: Categories | UnsetType = UNSET
    minimum: Minimum | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    number: Number | UnsetType = UNSET
    own_codes: Flag | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    stack: Stack | UnsetType = UNSET
    last: Flag | UnsetType = UNSET
    since: Day | UnsetType | None = UNSET
    until: Day | UnsetType | None = UNSET
    most: Most | UnsetType | None = UNSET
    most_each: Most | UnsetType | None = UNSET


@frozen(kw_only=True)
class AskedLine:
    """A line of a cart. ``price`` is that of one item in major units of the base currency, with its tax where ``taxed``
    says so; ``tax`` is in percent."""

    sku: Sku = ""
    quantity: Annotated[
        Decimal, Input(title=_("Quantity"), minimum=-1_000_000, maximum=1_000_000, classified="internal")
    ] = Decimal(1)
    price: Annotated[
        Decimal, Input(title=_("Price"), minimum=-1_000_000_000, maximum=1_000_000_000, classified="internal")
    ]
    title: Title = ""
    category: Annotated[str, Input(title=_("Category"), max_length=200, classified="public")] = ""
    tax: Annotated[Decimal, Input(title=_("Tax (%)"), minimum=0, maximum=100, classified="internal")] = Decimal(0)
    taxed: Annotated[bool, Input(title=_("Prices have tax"), classified="internal")] = False


Lines = Annotated[tuple[AskedLine, ...], Input(title=_("Lines"), max_length=MOST_LINES, classified="internal")]
Numbers = Annotated[tuple[str, ...], Input(title=_("Codes"), max_length=20, classified="internal")]
CustomerOrNone = Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")]
Customer = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]


@frozen(kw_only=True)
class AskedCart:
    """A cart of which the price is asked; ``drafts`` has drafts count as well, each in place of what counts."""

    lines: Lines
    program: ProgramName = ""
    customer_id: CustomerOrNone = None
    numbers: Numbers = ()
    at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None
    drafts: Annotated[bool, Input(title=_("With drafts"), classified="internal")] = False


@frozen(kw_only=True)
class PaidOrder:
    """An order that is paid: its cart, whose it is, and what the shop calls it."""

    lines: Lines
    customer_id: Customer
    ref: Ref
    program: ProgramName = ""
    numbers: Numbers = ()
    interaction_id: Annotated[UUID | None, Input(title=_("Interaction"), classified="internal")] = None


@frozen(kw_only=True)
class LinePrice:
    """A line as it is paid; amounts are in major units. ``free`` items are part of ``quantity``; ``full`` is what those
    that are not free cost as shown; ``net`` and ``tax`` make ``gross``."""

    line_no: int
    sku: str
    title: str
    quantity: Decimal
    free: Decimal
    full: Decimal
    discount: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


@frozen(kw_only=True)
class Share:
    """What a promotion brings for a line (0: for none of the cart), and why not where it brings nothing."""

    promotion: str
    title: str
    line_no: int
    discount: Decimal
    free: Decimal
    outcome: str


@frozen(kw_only=True)
class CartPrice:
    """What a cart costs, in major units of ``currency``: before promotions and tax, what comes off, before tax, the
    tax, and in all; and every promotion's part."""

    currency: str
    before: Decimal
    discount: Decimal
    free: Decimal
    untaxed: Decimal
    tax: Decimal
    total: Decimal
    lines: tuple[LinePrice, ...]
    parts: tuple[Share, ...]
    unknown: tuple[str, ...]
    """Codes that no promotion has that is valid now."""


@frozen(kw_only=True)
class OrderUse:
    """Which promotions an order used, with what they took off; ``price`` is None where that was said before."""

    ref: str
    promotions: tuple[str, ...]
    discount: Decimal
    free: Decimal
    price: CartPrice | None = None
