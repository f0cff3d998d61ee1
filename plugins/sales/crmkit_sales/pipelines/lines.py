"""What an opportunity is about, in lines: where it has some, its amount is theirs.

A line's amount is quantity times price, less its discount, rounded once, halves to even.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import delete, select

from crmkit import CrmSession, Input, InvalidInput, Money, NotFound, Problem, Product, operation, texts
from crmkit_sales.pipelines.events import OpportunityChanged
from crmkit_sales.pipelines.history import note
from crmkit_sales.pipelines.inputs import Currency, require_open
from crmkit_sales.pipelines.models import Opportunity, OpportunityLine

_ = texts("crmkit_sales")

MOST = 500
HUNDRED = Decimal(100)


@attrs.frozen(kw_only=True)
class NewLine:
    """A line as it is given: a product or a text, the price of one in minor units, the discount in percent."""

    product_id: Annotated[UUID | None, Input(title=_("Product"), resource="product", classified="internal")] = None
    text: Annotated[str, Input(title=_("Text"), max_length=300, classified="internal")] = ""
    quantity: Annotated[Decimal, Input(title=_("Quantity"), classified="internal")] = Decimal(1)
    unit_price_minor: Annotated[int, Input(title=_("Price of one"), minimum=0, classified="internal")]
    discount: Annotated[
        Decimal, Input(title=_("Discount (percent)"), minimum=0, maximum=100, classified="internal")
    ] = Decimal(0)


@operation(
    "sales.opportunity.set_lines",
    title=_("Say what it is about"),
    permission="sales.opportunity.update",
    effect="update",
)
def set_lines(
    session: CrmSession,
    opportunity: Opportunity,
    *,
    currency: Currency,
    lines: Annotated[Sequence[NewLine], Input(title=_("Lines"), max_length=MOST, classified="internal")],
) -> Opportunity:
    """Put lines in the place of those that an open opportunity has; its amount is their sum. Without any it stays.

    Raises Conflict when it is closed, NotFound for a product that there is not, InvalidInput for the rest.
    """
    require_open(opportunity)
    made = [_line(session, opportunity, index, each) for index, each in enumerate(lines)]
    session.execute(delete(OpportunityLine).where(OpportunityLine.opportunity_id == opportunity.id))
    session.add_all(made)
    if made:
        total = Money(sum(each.amount_minor for each in made), currency)
        opportunity.amount_minor, opportunity.currency = total.amount, total.currency
    if note(session, opportunity, "updated"):
        session.emit(OpportunityChanged(opportunity_id=opportunity.id, customer_id=opportunity.customer_id))
    return opportunity


def lines_of(session: CrmSession, opportunity_id: UUID) -> list[OpportunityLine]:
    """Return the lines of an opportunity in their order."""
    query = (
        select(OpportunityLine)
        .where(OpportunityLine.opportunity_id == opportunity_id)
        .order_by(OpportunityLine.position, OpportunityLine.id)
    )
    return list(session.scalars(query))


def line_amount(quantity: Decimal, unit_price_minor: int, discount: Decimal) -> int:
    """Return the amount of a line in minor units."""
    exact = quantity * unit_price_minor * (HUNDRED - discount) / HUNDRED
    return int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


def _line(session: CrmSession, opportunity: Opportunity, index: int, given: NewLine) -> OpportunityLine:
    where = f"lines.{index}"
    if given.product_id is not None and session.get(Product, given.product_id) is None:
        raise NotFound(_("There is no product {id}."), id=given.product_id)
    if given.product_id is None and not given.text.strip():
        raise _problem(f"{where}.text", _("Name a product, or say what it is."))
    if not 0 < given.quantity <= 1_000_000_000:
        raise _problem(f"{where}.quantity", _("This has to be more than nothing."))
    if not 0 <= given.discount <= HUNDRED:
        raise _problem(f"{where}.discount", _("This is between 0 and 100."))
    return OpportunityLine(
        opportunity_id=opportunity.id,
        customer_id=opportunity.customer_id,
        position=index,
        product_id=given.product_id,
        text=given.text.strip(),
        quantity=given.quantity,
        unit_price_minor=given.unit_price_minor,
        discount=given.discount,
        amount_minor=line_amount(given.quantity, given.unit_price_minor, given.discount),
    )


def _problem(field: str, message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field)])


OPERATIONS = [set_lines]
