"""The records of interactions and products that doors serve."""

from __future__ import annotations

from crmkit.core.interactions.models import Attachment, Interaction, Product, ProductCategory
from crmkit.hooks.contributions import Resource
from crmkit.i18n import texts

_ = texts("crmkit")

RESOURCES = (
    Resource(
        name="interaction",
        model=Interaction,
        title=_("Interaction"),
        plural=_("Interactions"),
        columns=("occurred_at", "kind", "channel", "direction", "customer_id", "subject", "amount_minor", "currency"),
        search=("subject",),
        sort="-occurred_at",
        description=_("What happened between the business and its customers."),
    ),
    Resource(
        name="product",
        model=Product,
        title=_("Product"),
        plural=_("Products"),
        columns=("sku", "title", "category_id", "kind", "active"),
        search=("sku", "title"),
        sort="sku",
        description=_("What can be bought."),
    ),
    Resource(
        name="product_category",
        model=ProductCategory,
        title=_("Product category"),
        plural=_("Product categories"),
        columns=("name", "title", "parent_id"),
        search=("name", "title"),
        sort="name",
    ),
    Resource(
        name="attachment",
        model=Attachment,
        title=_("File"),
        plural=_("Files"),
        columns=("filename", "media_type", "size", "customer_id", "interaction_id", "occurred_at"),
        search=("filename",),
        sort="-occurred_at",
    ),
)
"""The resources of this room."""
