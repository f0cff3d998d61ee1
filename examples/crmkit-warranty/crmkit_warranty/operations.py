"""Everything that changes a warranty. There is no other way to write."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from attrs import frozen
from crmkit import Conflict, CrmkitError, CrmSession, Customer, Input, InvalidInput, Problem, Product, operation, texts
from crmkit.errors import AlreadyExists
from sqlalchemy import select

from crmkit_warranty.errors import ClaimOpen, WarrantyExpired
from crmkit_warranty.events import WarrantiesRegistered, WarrantyClaimed, WarrantyClosed, WarrantySettled
from crmkit_warranty.models import Claim, Terms, Warranty
from crmkit_warranty.settings import settings_of

_ = texts("crmkit_warranty")

Months = Annotated[int, Input(title=_("Months"), minimum=1, maximum=600, classified="internal")]
Defect = Annotated[str, Input(title=_("Defect"), max_length=1000, multiline=True)]
BATCH = 1000


@frozen(kw_only=True)
class NewWarranty:
    """A warranty to register. ``starts_on`` is today and ``months`` as in the terms, or else the settings, unless
    something else is said."""

    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")]
    serial: Annotated[str, Input(title=_("Serial number"), max_length=60, classified="internal")]
    sku: Annotated[str | None, Input(title=_("SKU"), max_length=120, classified="public")] = None
    terms: Annotated[str | None, Input(title=_("Terms"), max_length=60, classified="public")] = None
    receipt: Annotated[str | None, Input(title=_("Receipt number"), max_length=60, classified="sensitive")] = None
    starts_on: Annotated[date | None, Input(title=_("Starts on"), classified="internal")] = None
    months: Annotated[int | None, Input(title=_("Months"), minimum=1, maximum=600, classified="internal")] = None


@operation("warranty.terms.add", title=_("Add terms of warranty"), effect="create")
def add_terms(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    months: Months,
) -> Terms:
    """Add terms of warranty. Raises AlreadyExists when the name is taken."""
    if session.scalar(select(Terms.id).where(Terms.name == name)) is not None:
        raise AlreadyExists(_('There are terms "{name}" already.'), name=name)
    terms = Terms(name=name, months=months)
    session.add(terms)
    return terms


def register_many(session: CrmSession, inputs: Sequence[NewWarranty]) -> list[Warranty | CrmkitError]:
    """Register many warranties: one statement for each thing to look up, however many there are.

    An input that cannot be used has its error at its place and costs itself alone.
    """
    taken = set(session.scalars(select(Warranty.serial).where(Warranty.serial.in_([each.serial for each in inputs]))))
    customers = set(session.scalars(select(Customer.id).where(Customer.id.in_([each.customer_id for each in inputs]))))
    skus = {each.sku for each in inputs if each.sku}
    products = {
        row.sku: row.id for row in session.execute(select(Product.sku, Product.id).where(Product.sku.in_(skus)))
    }
    terms = {row.name: row.months for row in session.execute(select(Terms.name, Terms.months))}
    suggested = suggested_terms(session, sorted(skus))
    usual, start = settings_of(session.crm.settings).months, session.today()
    results: list[Warranty | CrmkitError] = []
    for each in inputs:
        problems: list[Problem] = []
        if not each.serial.strip():
            problems.append(Problem("CK500", _("A serial number is needed."), field="serial", value=each.serial))
        if each.customer_id not in customers:
            problems.append(Problem("CK500", _("There is no such customer."), field="customer_id"))
        if each.sku and each.sku not in products:
            problems.append(Problem("CK500", _("There is no such product."), field="sku", value=each.sku))
        if each.terms and each.terms not in terms:
            problems.append(Problem("CK500", _("There are no such terms."), field="terms", value=each.terms))
        if problems:
            results.append(InvalidInput(problems))
            continue
        if each.serial in taken:
            results.append(AlreadyExists(_("The serial number {serial} is registered already."), serial=each.serial))
            continue
        taken.add(each.serial)
        begin = each.starts_on or start
        named = each.terms or suggested.get(each.sku or "", "")
        warranty = Warranty(
            customer_id=each.customer_id,
            serial=each.serial,
            product_id=products.get(each.sku or ""),
            starts_on=begin,
            receipt=each.receipt,
            expires_on=months_later(begin, each.months or terms.get(named, usual)),
        )
        session.add(warranty)
        results.append(warranty)
    made = [each for each in results if isinstance(each, Warranty)]
    for first in range(0, len(made), BATCH):
        batch = made[first : first + BATCH]
        session.emit(
            WarrantiesRegistered(
                warranty_ids=tuple(each.id for each in batch), customer_ids=tuple(each.customer_id for each in batch)
            )
        )
    return results


@operation(
    "warranty.register",
    title=_("Register a warranty"),
    permission="warranty.warranty.create",
    effect="create",
    bulk=register_many,
)
def register(session: CrmSession, new: NewWarranty) -> Warranty:
    """Register a warranty. Raises InvalidInput, and AlreadyExists for a serial number that is taken."""
    (result,) = register_many(session, [new])
    if isinstance(result, CrmkitError):
        raise result
    return result


@operation("warranty.extend", title=_("Extend"), permission="warranty.warranty.extend", effect="update")
def extend(session: CrmSession, warranty: Warranty, *, months: Months) -> Warranty:
    """Let a warranty end some months later. Raises WarrantyExpired for one that is closed."""
    if warranty.status == "closed":
        raise WarrantyExpired(_("The warranty of {serial} is closed."), serial=warranty.serial)
    warranty.expires_on = months_later(warranty.expires_on, months)
    return warranty


@operation("warranty.claim", title=_("Claim"), permission="warranty.warranty.claim", effect="create")
def claim(session: CrmSession, warranty: Warranty, *, defect: Defect) -> Claim:
    """Open a claim on a warranty that has not expired, and record it in the customer's stream.

    Raises WarrantyExpired, and ClaimOpen while an earlier claim is open.
    """
    day = session.today()
    if warranty.status == "closed" or warranty.expires_on < day:
        raise WarrantyExpired(
            _("The warranty of {serial} ended on {day}."),
            fix=_("Extend it first, if the company wants to honour it."),
            serial=warranty.serial,
            day=warranty.expires_on,
        )
    if warranty.status == "claimed":
        raise ClaimOpen(_("There is an open claim on {serial}."), fix=_("Settle it first."), serial=warranty.serial)
    opened = Claim(warranty_id=warranty.id, customer_id=warranty.customer_id, opened_on=day, defect=defect)
    session.add(opened)
    warranty.status, warranty.defect = "claimed", defect
    session.run(
        "interaction.record",
        {
            "kind": "warranty.claimed",
            "customer_id": warranty.customer_id,
            "payload": {"serial": warranty.serial, "defect": defect},
            "source": "warranty",
            "external_id": str(opened.id),
        },
    )
    session.emit(WarrantyClaimed(warranty_id=warranty.id, claim_id=opened.id, customer_id=warranty.customer_id))
    session.defer("warranty.send_card", unique=f"warranty.send_card:{opened.id}", warranty_id=str(warranty.id))
    return opened


@operation("warranty.settle", title=_("Settle the claim"), permission="warranty.warranty.settle", effect="update")
def settle(session: CrmSession, warranty: Warranty) -> Warranty:
    """Settle the open claim on a warranty. Raises ClaimOpen when there is none."""
    opened = session.scalar(select(Claim).where(Claim.warranty_id == warranty.id, Claim.settled_on.is_(None)))
    if opened is None:
        raise ClaimOpen(_("There is no open claim on {serial}."), serial=warranty.serial)
    opened.settled_on = session.today()
    warranty.status, warranty.defect = "active", None
    warranty.claims += 1
    session.emit(WarrantySettled(warranty_id=warranty.id, claim_id=opened.id, claims=warranty.claims))
    return warranty


@operation("warranty.close", title=_("Close"), permission="warranty.warranty.close", effect="update")
def close(session: CrmSession, warranty: Warranty) -> Warranty:
    """Close a warranty for good. Raises ClaimOpen while a claim is open, Conflict when it is closed already."""
    if warranty.status == "claimed":
        raise ClaimOpen(_("There is an open claim on {serial}."), fix=_("Settle it first."), serial=warranty.serial)
    if warranty.status == "closed":
        raise Conflict(_("The warranty of {serial} is closed."), serial=warranty.serial)
    warranty.status, warranty.closed_at = "closed", session.gate.clock.now()
    session.emit(WarrantyClosed(warranty_id=warranty.id, customer_id=warranty.customer_id))
    return warranty


@operation("warranty.remind", title=_("Note a reminder"), permission="warranty.warranty.remind", effect="update")
def remind(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")],
) -> int:
    """Note today that a customer was reminded of the warranties that are open, and return how many these are."""
    day = session.today()
    held = list(
        session.scalars(select(Warranty).where(Warranty.customer_id == customer_id, Warranty.status != "closed"))
    )
    for warranty in held:
        warranty.reminded_on = day
    return len(held)


def suggested_terms(session: CrmSession, skus: Sequence[str]) -> dict[str, str]:
    """Return the terms that other plugins suggest for products; of several the first plugin's. One that fails is left
    out."""
    suggested: dict[str, str] = {}
    if skus:
        for answer in session.gate.dispatcher.collect("warranty_terms", skus=skus):
            for sku, name in (answer.value or {}).items() if answer.error is None else ():
                suggested.setdefault(sku, name)
    return suggested


def months_later(day: date, months: int) -> date:
    """Return the day some months later; the 31st becomes the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


OPERATIONS = [add_terms, register, extend, claim, settle, close, remind]
