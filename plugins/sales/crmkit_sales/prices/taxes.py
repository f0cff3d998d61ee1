"""Which tax is on what: what plugins say by the hook ``sales_tax_rates``, else the rate in the settings.

Must not know quotes or orders, nor compute any tax.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from crmkit import CrmSession
from crmkit_sales.settings import settings_of


def tax_rates(
    session: CrmSession, customer_id: UUID, product_ids: Collection[UUID | None]
) -> dict[UUID | None, Decimal]:
    """Return the rate (percent) for each product, and for what is no product (None), when a customer buys it.

    Of several plugins the first that knows a product counts; one that fails is left out, as its answer costs nobody's
    quote.
    """
    usual = settings_of(session.crm.settings).tax_rate
    found: dict[UUID | None, Decimal] = {}
    wanted = list(dict.fromkeys(product_ids))
    for answer in session.gate.dispatcher.collect(
        "sales_tax_rates", session=session, customer_id=customer_id, product_ids=wanted
    ):
        for product_id, rate in (answer.value or {}).items() if answer.error is None else ():
            found.setdefault(product_id, rate)
    return {each: found.get(each, usual) for each in wanted}
