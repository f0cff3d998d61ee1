"""The hooks that sales offers to others. crmkit finds them in a module of this name beside the hook module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from crmkit import CrmSession
from crmkit.hooks.markers import hookspec


@hookspec
def sales_tax_rates(
    session: CrmSession, customer_id: UUID, product_ids: Sequence[UUID | None]
) -> Mapping[UUID | None, Decimal] | None:
    """Return the tax rates, in percent from 0 to 100, of products when a customer buys them; None stands for what is
    no product.

    When: lines of a quote are written without a rate; one call for all of them.
    None: no opinion on any.
    """
