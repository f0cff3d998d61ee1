"""``crmkit sales``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_sales.contracts.commands import add_to as add_contracts
from crmkit_sales.forecasting.commands import add_to as add_forecast
from crmkit_sales.leads.commands import add_to as add_leads
from crmkit_sales.offers.commands import add_to as add_offers
from crmkit_sales.orders.commands import add_to as add_orders
from crmkit_sales.pipelines.commands import add_to as add_pipelines
from crmkit_sales.pool.commands import add_to as add_pool
from crmkit_sales.prices.commands import add_to as add_prices
from crmkit_sales.quotes.commands import add_to as add_quotes

_ = texts("crmkit_sales")

sales = group(help=_("Leads, pipelines, quotes, orders, contracts and forecasts."), name="sales")
"""The group ``crmkit sales``."""
add_pipelines(sales)
add_leads(sales)
add_pool(sales)
add_prices(sales)
add_quotes(sales)
add_orders(sales)
add_contracts(sales)
add_offers(sales)
add_forecast(sales)
