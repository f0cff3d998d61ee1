"""``crmkit product``: the catalogue."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

_ = texts("crmkit")

product = group(help=_("List the catalogue of products."), name="product")
"""The group ``crmkit product``."""


@command(product, "list", _("List products by SKU."))
@option("--category", metavar="NAME", help=_("Only those of this category."))
@option("--kind", type=click.Choice(("main", "addon", "new")), help=_("Only those of this kind."))
@option("--search", metavar="TEXT", help=_("Only those with this text in title or SKU."))
@option("--all", "everything", is_flag=True, help=_("Also those that are no longer sold."))
@option("--limit", type=click.IntRange(1, 100_000), metavar="N", default=50, help=_("At most so many (50)."))
@option("--after", metavar="SKU", help=_("Go on after this SKU."))
def list_(
    cli: Invocation,
    category: str | None,
    kind: str | None,
    search: str | None,
    everything: bool,
    limit: int,
    after: str | None,
) -> None:
    """Print a page of products."""
    from sqlalchemy import or_, select

    from crmkit.core.interactions.models import Product, ProductCategory

    query = (
        select(Product, ProductCategory.name)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .order_by(Product.sku)
        .limit(limit + 1)
    )
    if category is not None:
        query = query.where(ProductCategory.name == category)
    if kind is not None:
        query = query.where(Product.kind == kind)
    if search is not None:
        query = query.where(
            or_(Product.title.icontains(search, autoescape=True), Product.sku.icontains(search, autoescape=True))
        )
    if not everything:
        query = query.where(Product.active.is_(True))
    if after is not None:
        query = query.where(Product.sku > after)
    with cli.session() as session:
        found = session.execute(query).all()
        rows = [
            {
                "id": item.id,
                "sku": item.sku,
                "title": item.title,
                "category": name,
                "kind": item.kind,
                "active": item.active,
                "version": item.version,
            }
            for item, name in found[:limit]
        ]
    columns = (
        Column("sku", _("SKU")),
        Column("title", _("Title")),
        Column("category", _("Category")),
        Column("kind", _("Kind")),
    )
    following = str(rows[-1]["sku"]) if len(found) > limit else None
    cli.output.table(columns, rows, next=following, empty=_("There is no such product."))
