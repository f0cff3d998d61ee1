"""What is done after a sale: repairs, returns, replacements, installations, maintenance, with what it belongs to.

Must not know orders or contracts: it refers to them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, Money, Product, PurchaseLine, UnsetType, given, operation, texts
from crmkit.errors import NotFound
from crmkit_service.cases.complaint_models import (
    AFTER_SALE_KINDS,
    AFTER_SALE_MOVES,
    AFTER_SALE_STATES,
    AfterSale,
)
from crmkit_service.cases.errors import AfterSaleRefused
from crmkit_service.cases.events import AfterSaleFinished, AfterSaleRecorded
from crmkit_service.cases.history import note
from crmkit_service.cases.inputs import (
    About,
    CaseId,
    CustomerId,
    OwnerId,
    ProductId,
    PurchaseId,
    check_about,
    check_purchase,
    problem,
    require_case,
    require_customer,
    require_user,
)
from crmkit_service.cases.models import Case
from crmkit_service.cases.numbers import next_number

_ = texts("crmkit_service")

COUNTER = "after_sale"
OfKind = Annotated[
    Literal["repair", "return", "replacement", "installation", "maintenance"],
    Input(title=_("Kind"), choices=AFTER_SALE_KINDS, classified="internal"),
]
Line = Annotated[int, Input(title=_("Line of the purchase"), minimum=0, classified="internal")]
Serial = Annotated[str, Input(title=_("Serial number"), max_length=120, classified="internal")]
Warranty = Annotated[date, Input(title=_("Warranty until"), classified="internal")]
Planned = Annotated[date, Input(title=_("Planned for"), classified="internal")]
Cost = Annotated[int, Input(title=_("Cost in minor units"), minimum=0, classified="internal")]
Currency = Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")]
Done = Annotated[str, Input(title=_("What was done"), max_length=5000, multiline=True, classified="text")]


@attrs.frozen(kw_only=True)
class NewAfterSale:
    """Something to do, or done, after a sale. The customer is that of the case unless one is named; a line of the
    purchase says the product unless one is named. ``about`` is the contract, as ``<resource>:<id>``."""

    kind: OfKind
    customer_id: CustomerId | None = None
    case_id: CaseId | None = None
    product_id: ProductId | None = None
    purchase_id: PurchaseId | None = None
    purchase_line: Line | None = None
    serial: Serial | None = None
    warranty_until: Warranty | None = None
    about: About | None = None
    planned_on: Planned | None = None
    cost_minor: Cost | None = None
    currency: Currency | None = None
    owner_id: OwnerId | None = None
    work: Done | None = None


@attrs.frozen(kw_only=True)
class AfterSaleUpdate:
    """What to change; what is not given stays."""

    product_id: ProductId | UnsetType | None = UNSET
    serial: Serial | UnsetType | None = UNSET
    warranty_until: Warranty | UnsetType | None = UNSET
    about: About | UnsetType | None = UNSET
    planned_on: Planned | UnsetType | None = UNSET
    cost_minor: Cost | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    owner_id: OwnerId | UnsetType | None = UNSET
    work: Done | UnsetType | None = UNSET


@operation("service.after_sale.create", title=_("Record what is done after the sale"), effect="create")
def create_after_sale(session: CrmSession, new: NewAfterSale) -> AfterSale:
    """Record something that is planned or done after a sale.

    Raises NotFound for a case, customer, product or owner that there is not, InvalidInput without a customer, for a
    case, purchase or line of somebody else, or half an amount.
    """
    case = require_case(session, new.case_id) if new.case_id is not None else None
    customer_id = new.customer_id or (case.customer_id if case is not None else None)
    if customer_id is None:
        raise problem("customer_id", _("Name the customer or the case."))
    customer = require_customer(session, customer_id)
    if case is not None and case.customer_id != customer.id:
        raise problem("case_id", _("This is a case of another customer."))
    check_purchase(session, customer.id, new.purchase_id)
    check_about(new.about)
    _check_cost(new.cost_minor, new.currency)
    if new.owner_id is not None:
        require_user(session, new.owner_id)
    product_id = _product(session, new.product_id, new.purchase_id, new.purchase_line)
    made = AfterSale(
        number=next_number(session, COUNTER),
        customer_id=customer.id,
        owner_id=new.owner_id or (case.owner_id if case is not None else None) or session.actor.user_id,
        team_id=(case.team_id if case is not None else None) or customer.team_id,
        case_id=case.id if case is not None else None,
        kind=new.kind,
        state="planned",
        product_id=product_id,
        purchase_id=new.purchase_id,
        purchase_line=new.purchase_line,
        serial=new.serial,
        warranty_until=new.warranty_until,
        about=new.about,
        planned_on=new.planned_on,
        cost_minor=new.cost_minor,
        currency=new.currency,
        work=new.work,
    )
    session.add(made)
    session.flush()
    if case is not None:
        note(session, case, "after_sale", after=f"{made.kind} {made.number}")
    session.emit(
        AfterSaleRecorded(after_sale_id=made.id, customer_id=made.customer_id, case_id=made.case_id, kind=made.kind)
    )
    return made


@operation("service.after_sale.update", title=_("Change it"), effect="update")
def update_after_sale(session: CrmSession, record: AfterSale, changes: AfterSaleUpdate) -> AfterSale:
    """Change what is known of something after a sale. Raises NotFound for an owner or product that there is not,
    InvalidInput for half an amount."""
    values = given(changes)
    check_about(values.get("about"))
    if values.get("owner_id") is not None:
        require_user(session, values["owner_id"])
    if values.get("product_id") is not None:
        _product(session, values["product_id"], None, None)
    for name, value in values.items():
        setattr(record, name, value)
    _check_cost(record.cost_minor, record.currency)
    return record


@operation(
    "service.after_sale.set_state",
    title=_("Change how far it is"),
    permission="service.after_sale.update",
    effect="update",
)
def set_after_sale_state(
    session: CrmSession,
    record: AfterSale,
    *,
    state: Annotated[
        Literal["planned", "in_progress", "done", "cancelled"],
        Input(title=_("State"), choices=AFTER_SALE_STATES, classified="internal"),
    ],
) -> AfterSale:
    """Say how far something after a sale is; to the same state nothing happens. Raises AfterSaleRefused for what is
    done already."""
    if record.state == state:
        return record
    allowed = AFTER_SALE_MOVES[record.state]
    if state not in allowed:
        raise AfterSaleRefused(
            _('Number {number} does not go from "{state}" to "{wanted}".'),
            fix=_("From there it goes to: {allowed}."),
            number=record.number,
            state=AFTER_SALE_STATES[record.state],
            wanted=AFTER_SALE_STATES[state],
            allowed=", ".join(allowed) or "–",
        )
    before, record.state = record.state, state
    record.finished_at = session.gate.clock.business_now() if state in ("done", "cancelled") else None
    case = session.get(Case, record.case_id) if record.case_id is not None else None
    if case is not None:
        note(session, case, "after_sale", before=before, after=f"{record.kind} {record.number} {state}")
    if record.finished_at is not None:
        session.emit(
            AfterSaleFinished(
                after_sale_id=record.id,
                customer_id=record.customer_id,
                case_id=record.case_id,
                kind=record.kind,
                state=state,
            )
        )
    return record


def _product(session: CrmSession, product_id: UUID | None, purchase_id: UUID | None, line: int | None) -> UUID | None:
    """Return the product: the one that is named, or that of the line. Raises NotFound, InvalidInput for a line that
    there is not."""
    if product_id is not None and session.get(Product, product_id) is None:
        raise NotFound(_("There is no product {id}."), id=product_id)
    if line is None:
        return product_id
    if purchase_id is None:
        raise problem("purchase_id", _("Name the purchase of the line."))
    query = select(PurchaseLine).where(PurchaseLine.interaction_id == purchase_id, PurchaseLine.line_no == line)
    found = session.scalar(query)
    if found is None:
        raise problem("purchase_line", _("The purchase has no such line."))
    return product_id or found.product_id


def _check_cost(cost_minor: int | None, currency: str | None) -> None:
    if (cost_minor is None) != (currency is None):
        missing = "currency" if currency is None else "cost_minor"
        raise problem(missing, _("An amount and its currency are given together."))
    if cost_minor is not None and currency is not None:
        Money(cost_minor, currency)


OPERATIONS = [create_after_sale, update_after_sale, set_after_sale_state]
