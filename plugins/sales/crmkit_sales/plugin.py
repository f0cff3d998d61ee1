"""What sales has, for the kernel's hooks: whatever its rooms have. Must not do anything itself."""

from __future__ import annotations

from crmkit.hooks.rooms import implement
from crmkit_sales.contracts import has as contracts
from crmkit_sales.forecasting import has as forecasting
from crmkit_sales.leads import has as leads
from crmkit_sales.offers import has as offers
from crmkit_sales.orders import has as orders
from crmkit_sales.pipelines import has as pipelines
from crmkit_sales.pool import has as pool
from crmkit_sales.prices import has as prices
from crmkit_sales.quotes import has as quotes
from crmkit_sales.reporting import has as reporting
from crmkit_sales.scoring import has as scoring

ROOMS = (pipelines, leads, scoring, pool, prices, quotes, orders, contracts, offers, forecasting, reporting)
"""The rooms, each by its module ``has``."""

implement(globals(), ROOMS)
