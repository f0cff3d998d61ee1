"""What prices has, for the hook module."""

from __future__ import annotations

from crmkit import ImportField, Imports, Resource, texts
from crmkit_sales.prices import models, operations, pages

_ = texts("crmkit_sales")

PRICES_IN = Imports(
    operation="sales.price.set",
    fields=[
        ImportField(
            name="price_list", title=_("Price list"), headings="price list|pricelist|list|价目表|价格表", required=True
        ),
        ImportField(name="sku", title=_("SKU"), headings="sku|product|article|item|货号|产品编码|产品", required=True),
        ImportField(
            name="unit_price",
            title=_("Unit price"),
            type="decimal",
            headings="unit price|price|list price|单价|价格",
            required=True,
        ),
        ImportField(
            name="from_quantity",
            title=_("From a quantity of"),
            type="decimal",
            headings="from quantity|quantity|minimum|tier|起订量|数量",
        ),
        ImportField(name="unit", title=_("Unit"), headings="unit|uom|单位"),
        ImportField(name="valid_from", title=_("Valid from"), type="date", headings="valid from|from|生效日期"),
        ImportField(name="valid_to", title=_("Valid to"), type="date", headings="valid to|until|失效日期"),
        ImportField(name="cost", title=_("Cost of one"), type="decimal", headings="cost|unit cost|成本|成本价"),
    ],
)
"""Prices from files: a row sets the price of a product in a list, so that a file may be imported again."""

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="sales.price_list",
        model=models.PriceList,
        title=_("Price list"),
        plural=_("Price lists"),
        columns=["name", "title", "currency", "valid_from", "valid_to", "priority", "active"],
        search=["name", "title"],
        sort="-priority",
        icon="receipt",
        menu=False,
    ),
    Resource(
        name="sales.price",
        model=models.Price,
        title=_("Price"),
        plural=_("Prices"),
        columns=["list_id", "product_id", "unit_price_minor", "currency", "from_quantity", "unit", "valid_from"],
        sort="created_at",
        icon="receipt",
        menu=False,
        imports=PRICES_IN,
    ),
    Resource(
        name="sales.cost",
        model=models.ProductCost,
        title=_("Cost of a product"),
        plural=_("Costs of products"),
        columns=["product_id", "cost_minor", "currency", "valid_from"],
        sort="-valid_from",
        icon="coin",
        menu=False,
        description=_("What one of a product costs the company: margins follow from it."),
    ),
]
OPERATIONS = operations.OPERATIONS
PAGES = pages.PAGES
