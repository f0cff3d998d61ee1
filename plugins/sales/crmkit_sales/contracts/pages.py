"""The pages of contracts: what renews when, and one contract with all its terms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Money, NotFound, Page, User, texts
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.reading import count_due, endings, files_of, terms_of
from crmkit_sales.contracts.terms import PERIODS, last_day
from crmkit_sales.contracts.words import RENEWALS, SIDES, STATES, TONES
from crmkit_sales.orders.models import Order
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")

HOME = "/modules/sales/renewals"
PRESSING = timedelta(days=14)
MOST = 300


def pressing(session: CrmSession) -> int:
    """Return how many contracts have to be decided on within two weeks."""
    return count_due(session, session.today() + PRESSING)


def renewals_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the contracts that end within a year, by month, with what they bring in a year."""
    today = session.today()
    found = endings(session, today, last_day(today, 12), MOST)
    months: dict[str, list[Any]] = {}
    for each in found:
        months.setdefault(f"{each.contract.end_on:%Y-%m}", []).append(each)
    base = session.crm.config.get(session).base_currency
    customers = {each.contract.customer_id for each in found}
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(customers)))}
    return {
        "months": [
            (month, listed, Money(sum(each.arr or 0 for each in listed), base) if base else None)
            for month, listed in months.items()
        ],
        "unconverted": sum(each.unconverted for each in found),
        "customers": names,
        "today": today,
        "more": len(found) == MOST,
        "may": rights_of(session),
        "renewals": RENEWALS,
        "states": STATES,
        "tones": TONES,
        "home": HOME,
    }


def contract_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a contract by its id. Raises NotFound for one that is not seen."""
    try:
        contract = session.get(Contract, UUID(query.get("id", "")))
    except ValueError:
        contract = None
    if contract is None:
        raise NotFound(_("There is no such contract."))
    owner = session.get(User, contract.owner_id) if contract.owner_id is not None else None
    return {
        "contract": contract,
        "customer": session.get(Customer, contract.customer_id),
        "owner": owner.name if owner is not None else "–",
        "terms": terms_of(session, contract),
        "files": files_of(session, contract),
        "order": session.get(Order, contract.order_id) if contract.order_id is not None else None,
        "opportunity": _opportunity(session, contract.opportunity_id),
        "renewal": _opportunity(session, contract.renewal_opportunity_id),
        "may": rights_of(session),
        "today": session.today(),
        "late": contract.notice_by is not None and contract.notice_by < session.today(),
        "periods": PERIODS,
        "renewals": RENEWALS,
        "sides": SIDES,
        "states": STATES,
        "tones": TONES,
        "home": HOME,
        "here": f"/modules/sales/contract?id={contract.id}",
    }


def rights_of(session: CrmSession) -> dict[str, bool]:
    """Return what whoever reads may do with contracts."""
    rights = session.guarding.rights
    return {action: rights.scope("sales.contract", action) != "none" for action in ("create", "update", "close")}


def _opportunity(session: CrmSession, identity: UUID | None) -> Opportunity | None:
    return session.get(Opportunity, identity) if identity is not None else None


PAGES = [
    Page(
        name="sales.renewals",
        title=_("Renewals"),
        path="/renewals",
        template="sales/contracts/renewals.html",
        context=renewals_page,
        permission="sales.contract.read",
        icon="refresh",
        badge=pressing,
        order=46,
    ),
    Page(
        name="sales.contract",
        title=_("Contract"),
        path="/contract",
        template="sales/contracts/contract.html",
        context=contract_page,
        permission="sales.contract.read",
        icon="file-text",
        menu=False,
    ),
]
